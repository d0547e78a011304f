"""Windows over a series, against a hand-worked one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seqlab
from seqlab import Examples, Split, UserError
from seqlab.data.sampling.batching import gather
from seqlab.data.splitting import complete
from seqlab.evaluation.evaluate import evaluate_baseline
from seqlab.nn import build_model, model_options
from seqlab.options import validate
from seqlab.testing import assert_passes, check_model
from seqlab_recurrent.lstm import LSTM
from seqlab_regression.regression import Regression
from seqlab_regression.series import FittedSeries
from seqlab_regression.values import FittedValues

SERIES = [1.0, 2.0, 4.0, 7.0, 11.0, 16.0, 22.0, 29.0]
COLUMNS = {"target": "x"}


def split(
    values: list[float], name: str = "train", before: Split | None = None, **more: Any
) -> Split:
    return Split(name, {"x": values, **more}, "here.csv", before)


def fitted(values: list[float] = SERIES, **options: Any) -> FittedSeries:
    options = {"window": 3, "relative": False, **options}
    made = Regression(**options).fit(split(values), COLUMNS, None)
    assert isinstance(made, FittedSeries)
    return made


def windows(made: FittedSeries, data: Split) -> Examples:
    return made.cut(made.encode(data, COLUMNS), training=True)


def seen(made: FittedSeries, examples: Examples) -> list[Any]:
    """What each window shows, in the user's units."""
    batch = gather(examples, np.arange(len(examples)))
    return made.inputs.unscale(batch.inputs["series"].numpy()).round(4).tolist()  # type: ignore[no-any-return]


def ahead(made: FittedSeries, examples: Examples) -> list[Any]:
    """The targets, in the user's units."""
    assert examples.target_offset is not None
    values = (examples.targets + examples.target_offset) * made.targets.std + made.center
    return values.round(4).tolist()  # type: ignore[no-any-return]


def test_windows_of_values() -> None:
    made = fitted()
    examples = windows(made, split(SERIES))
    assert seen(made, examples)[0] == [[1], [2], [4]]
    assert seen(made, examples)[-1] == [[11], [16], [22]]
    assert ahead(made, examples) == [[7], [11], [16], [22], [29]]
    assert examples.rows.tolist() == [3, 4, 5, 6, 7]
    assert (examples.per, examples.unit) == ("sequence", "window")


def test_windows_of_changes() -> None:
    made = fitted(relative=True)
    examples = windows(made, split(SERIES))
    assert seen(made, examples)[0] == [
        [1, 2],
        [2, 4],
    ]  # three values: two changes, each with its end
    assert ahead(made, examples) == [[7], [11], [16], [22], [29]]
    changes = made.targets.unscale(examples.targets)
    np.testing.assert_allclose(changes, [[3], [4], [5], [6], [7]], rtol=1e-5)


@pytest.mark.parametrize("relative", [False, True])
def test_several_values_ahead(relative: bool) -> None:
    made = fitted(horizon=2, relative=relative)
    examples = windows(made, split(SERIES))
    assert ahead(made, examples) == [[7, 11], [11, 16], [16, 22], [22, 29]]
    said = made.presenter.present({"target": [2, 4, 7]}, np.zeros(1), examples.targets[1])
    assert said == {"series": [2, 4, 7], "values": pytest.approx([11, 16])}


@pytest.mark.parametrize("relative", [False, True])
def test_windows_look_back_into_the_part_before(relative: bool) -> None:
    splits, _ = complete({"train": split(SERIES)}, stratify=None, seed=0, ordered=True)
    made = fitted(SERIES[:6], relative=relative)
    shown = {name: ahead(made, windows(made, data)) for name, data in splits.items()}
    assert shown == {"train": [[7], [11], [16]], "validation": [[22]], "test": [[29]]}
    test = windows(made, splits["test"])  # its window lies in both splits before it
    assert [step[-1] for step in seen(made, test)[0]][-2:] == [16, 22]
    assert test.rows.tolist() == [0]


def test_no_step_is_copied() -> None:
    made = fitted()
    encoded = made.encode(split(SERIES), COLUMNS)
    cut = made.cut(encoded, training=True)
    assert np.shares_memory(encoded.inputs["series"], cut.inputs["series"])
    assert len(cut.inputs["series"]) == len(SERIES)  # type: ignore[arg-type]


@given(
    at=st.integers(4, 39),
    horizon=st.integers(1, 3),
    relative=st.booleans(),
    seed=st.integers(0, 99),
)
def test_nothing_is_seen_of_what_comes_later(
    at: int, horizon: int, relative: bool, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    values = draw.normal(size=40).tolist()
    changed = values[:at] + draw.normal(5, 1, 40 - at).tolist()
    made = fitted(values, window=4, horizon=horizon, relative=relative)
    first, second = (windows(made, split(series)) for series in (values, changed))
    for place, row in enumerate(first.rows):  # predicts values[row], values[row + 1] …
        one, other = (gather(each, np.array([place])) for each in (first, second))
        if row <= at:
            assert one.inputs["series"].equal(other.inputs["series"])
        if row + horizon <= at:
            assert one.targets.equal(other.targets)


@pytest.mark.parametrize("relative", [False, True])
def test_the_last_value_again(relative: bool) -> None:
    made = fitted(relative=relative)
    examples = windows(made, split(SERIES))
    baseline = made.baseline(examples)
    found = evaluate_baseline(baseline, examples, made.criterion(), made.metrics, batch_size=2)
    errors = np.array([3, 4, 5, 6, 7])
    targets = np.array([7, 11, 16, 22, 29])
    unexplained = (errors**2).sum() / ((targets - targets.mean()) ** 2).sum()
    assert baseline.kind == "last value"
    assert found.values()["mae"] == pytest.approx(5.0)
    assert found.values()["rmse"] == pytest.approx(float((errors**2).mean()) ** 0.5)
    assert found.values()["r2"] == pytest.approx(1 - unexplained, abs=1e-6)


@pytest.mark.parametrize("relative", [False, True])
def test_a_typed_line_is_the_window_that_was_trained_on(relative: bool) -> None:
    made = fitted(relative=relative)
    row = made.presenter.parse("99 4 7 11")  # more than a window
    assert row == {"target": [99, 4, 7, 11]}
    typed = made.encode(
        Split.from_rows("predict", [{"x": row["target"]}], ""), COLUMNS, targets=False
    )
    trained = windows(made, split(SERIES))
    assert seen(made, typed)[0] == seen(made, trained.select(np.array([2])))[0]
    said = made.presenter.present(row, np.zeros(1), trained.targets[2])
    assert said == {"series": [99, 4, 7, 11], "value": pytest.approx(16)}


def test_further_columns() -> None:
    data = split(SERIES, hour=[0, 1, 0, 1, 0, 1, 0, 1])
    made = Regression(window=3, features=["hour"], relative=True).fit(data, COLUMNS, None)
    assert isinstance(made, FittedSeries)
    assert seen(made, windows(made, data))[0] == [[1, 2, 1], [2, 4, 0]]
    row = made.presenter.parse("[[1, 0], [2, 1], [4, 0]]")
    assert row == {"target": [1, 2, 4], "hour": [0, 1, 0]}
    rows = Split.from_rows("predict", [{"x": row["target"], "hour": row["hour"]}], "")
    typed = made.encode(rows, COLUMNS, targets=False)
    assert seen(made, typed)[0] == [[1, 2, 1], [2, 4, 0]]
    short = Split.from_rows("predict", [{"x": [1, 2], "hour": [1]}], "")
    with pytest.raises(UserError, match="2 and 1 values"):
        made.encode(short, COLUMNS, targets=False)
    with pytest.raises(UserError, match="there is no 'hour'"):
        made.encode(Split.from_rows("predict", [{"x": [1, 2]}], ""), COLUMNS, targets=False)
    with pytest.raises(UserError, match="no column 'day'"):
        Regression(features=["day"]).fit(data, COLUMNS, None)


def test_units_are_those_of_the_training_part() -> None:
    made = fitted(SERIES[:6])
    far = split([1e3, 2e3], "test", before=split(SERIES[:6]))
    np.testing.assert_allclose(ahead(made, windows(made, far)), [[1e3], [2e3]], rtol=1e-6)
    assert made.center == pytest.approx(np.mean(SERIES[:6]))


def test_json_goes_round() -> None:
    made = fitted(relative=True, horizon=2, loss="absolute")
    again = FittedValues.from_json(json.loads(json.dumps(made.to_json())), {})
    assert isinstance(again, FittedSeries)
    assert again.to_json() == made.to_json()
    assert again.spec == made.spec


def test_models_of_its_spec_keep_the_contract() -> None:
    spec = fitted(relative=True, horizon=2).spec
    options = validate("model", {"hidden_size": 5}, model_options(LSTM))
    assert_passes(check_model(lambda: build_model(LSTM, spec, options), spec))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0, None, 2.0, 3.0], "row 2 holds None"),
        ([1.0, 2.0, float("nan")], "row 3 holds nan"),
        (["1", "2", "3"], "row 1 holds '1'"),
        ([1.0], "1 training rows are too few"),
        ([1.0, 2.0, 3.0], "3 rows are too few for windows of 3"),
    ],
)
def test_a_series_that_cannot_be_used(values: list[Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        windows(fitted(values), split(values))


def test_rows_to_predict_hold_lists() -> None:
    made = fitted(relative=True)
    for wrong, said in ((3.0, "not a sequence"), ([1], "this one has 1 values")):
        with pytest.raises(UserError, match=said):
            made.encode(Split.from_rows("predict", [{"x": wrong}], ""), COLUMNS, targets=False)


def test_a_small_run_beats_its_baseline(tmp_path: Path) -> None:
    result = seqlab.run(
        task="regression",
        model="lstm",
        data="waves",
        epochs=6,
        options={"model.hidden_size": 16, "data.rows": 600, "train.batch_size": 16},
        out=tmp_path / "run",
    )
    assert [result["data"][name]["examples"] for name in ("train", "validation", "test")] == [
        420 - 24,
        60,
        120,
    ]
    assert result["baseline"]["kind"] == "last value"
    assert result["metrics"]["test"]["mae"]["value"] < 0.8 * result["baseline"]["metrics"]["mae"]
    predictor = seqlab.load(tmp_path / "run")
    assert predictor.evaluate()["mae"]["value"] == pytest.approx(
        result["metrics"]["test"]["mae"]["value"], rel=1e-4
    )
    assert 10 < predictor.predict(["20 21 22 23"])[0]["value"] < 35
    other = [{"value": float(value)} for value in range(60)]
    assert set(predictor.evaluate(data=other)) == {"mae", "rmse", "r2", "loss"}


def test_airline_passengers(tmp_path: Path, shared_data: Path) -> None:
    result = seqlab.run(
        task="regression",
        model="lstm",
        data=shared_data / "airline" / "AirPassengers.csv",
        out=tmp_path / "run",
    )
    assert "target: column '#Passengers'" in result["notices"]
    assert result["metrics"]["test"]["mae"]["value"] < 0.8 * result["baseline"]["metrics"]["mae"]
    predictor = seqlab.load(tmp_path / "run")
    assert (
        300 < predictor.predict(["417 391 419 461 472 535 622 606 508 461 390"])[0]["value"] < 600
    )


def test_a_smoke_run_needs_few_windows_only(tmp_path: Path) -> None:
    result = seqlab.run(
        task="regression",
        model="lstm",
        data="waves",
        smoke=True,
        options={"task.window": 100},
        out=tmp_path / "run",
    )
    assert result["data"]["train"]["examples"] == 64
