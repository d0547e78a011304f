"""A finished run evaluated on data that it was not trained on."""

from __future__ import annotations

from typing import Any

import pytest

import seqlab
from seqlab import UserError
from seqlab_regression.counting import Counting

SMALL: dict[str, Any] = {"model.hidden_size": 4, "evaluate.resamples": 100}


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> seqlab.Predictor:
    folder = tmp_path_factory.mktemp("counting") / "run"
    seqlab.run(task="regression", model="gru", options=SMALL, out=folder, smoke=True)
    return seqlab.load(folder)


def test_columns_of_another_name(counting: seqlab.Predictor) -> None:
    rows = [{"sequence": [i, i + 1], "target": i + 2} for i in range(9)]
    renamed = [{"a": r["sequence"], "b": r["target"], "c": 1, "d": [0]} for r in rows]
    with pytest.raises(UserError, match="which column is the sequence"):
        counting.evaluate(data=renamed)
    named = {"data.columns.sequence": "a", "data.columns.target": "b"}
    expected = counting.evaluate(data=rows)
    assert counting.evaluate(data=renamed, options=named) == expected
    lines = (f"{name}={value}" for name, value in named.items())
    assert counting.evaluate(data=renamed, options=lines) == expected
    worst = counting.errors(data=renamed, options=named, top=1)["worst"]
    assert worst[0]["columns"].keys() == {"sequence"}


def test_other_rows_of_a_source(counting: seqlab.Predictor) -> None:
    baseline = counting.evaluate(data="counting")
    assert baseline == counting.evaluate()
    metrics = counting.evaluate(data="counting", options={"data.rows": 100, "data.seed": 3})
    split = Counting(rows=100, seed=3).load()["test"]
    assert metrics == counting.evaluate(data=[split[row] for row in range(len(split))])
    assert metrics != baseline


@pytest.mark.parametrize(
    ("data", "options", "cause"),
    [
        (None, ["data.rows=100"], "the data of the run are read as in training"),
        ("counting", ["model.rows=100"], "'model' has no effect on data"),
        ("counting", ["data.row=100"], "unknown option 'data.row'"),
        ([{"target": 3}], [], "reads the sequence, and no column"),
        ({"train": [{"sequence": [1], "target": 1}], "test": []}, ["data.columns.x=a"], "'x'"),
    ],
)
def test_what_does_not_fit(
    counting: seqlab.Predictor, data: Any, options: list[str], cause: str
) -> None:
    with pytest.raises(UserError, match=cause):
        counting.evaluate(data=data, options=options)


def test_a_line_that_cannot_be_read_says_which(counting: seqlab.Predictor) -> None:
    with pytest.raises(UserError) as refusal:
        counting.predict(["1 2 3", "4 5", "six"])
    assert refusal.value.location == "row 3 to predict"
