"""A value a sequence or a step, and which kind of rows is which."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import seqlab
from seqlab import Split, Tokenizer, UserError
from seqlab.evaluation.evaluate import evaluate_baseline
from seqlab.nn import AbsoluteError, HuberError, SquaredError, build_model, model_options
from seqlab.options import validate
from seqlab.testing import assert_passes, check_model
from seqlab_recurrent.lstm import LSTM
from seqlab_regression.regression import Regression
from seqlab_regression.sequences import FittedSequences
from seqlab_regression.series import FittedSeries
from seqlab_regression.values import FittedValues
from seqlab_tokenizers.integer import IntegerTokenizer

COLUMNS = {"sequence": "sequence", "target": "target"}
Rows = list[dict[str, Any]]
LAST: Rows = [{"sequence": [1, 2, 3], "target": 4}, {"sequence": [2, 3], "target": 8}]
STEPS: Rows = [
    {"sequence": [1, 2], "target": [3.5, 4.5]},
    {"sequence": [2, 3, 9], "target": [4, 5, 6]},
]


def split(rows: Rows) -> Split:
    return Split.from_rows("train", rows, "here")


def fitted(rows: Rows, tokenizer: Tokenizer | None = None, **options: Any) -> FittedSequences:
    made = Regression(**options).fit(split(rows), COLUMNS, tokenizer)
    assert isinstance(made, FittedSequences)
    return made


def test_numbers_and_one_value() -> None:
    made = fitted(LAST)
    examples = made.encode(split(LAST), COLUMNS)
    assert examples.per == "sequence"
    assert examples.lengths.tolist() == [3, 2]
    steps = np.array([1, 2, 3, 2, 3])
    expected = (steps - steps.mean()) / steps.std()
    np.testing.assert_allclose(examples.inputs["numbers"][:, 0], expected, rtol=1e-6)  # type: ignore[index]
    np.testing.assert_allclose(examples.targets, [[-1], [1]])  # 4 and 8: mean 6, deviation 2
    assert examples.unit == "sequence"


def test_numbers_and_a_value_a_step() -> None:
    examples = fitted(STEPS).encode(split(STEPS), COLUMNS)
    assert examples.per == "step"
    targets = np.array([3.5, 4.5, 4, 5, 6])
    expected = (targets - targets.mean()) / targets.std()
    np.testing.assert_allclose(examples.targets[:, 0], expected, rtol=1e-6)


def test_symbols() -> None:
    made = fitted(LAST, IntegerTokenizer())
    examples = made.encode(split(LAST), COLUMNS)
    assert examples.inputs["symbols"].tolist() == [0, 1, 2, 1, 2]  # type: ignore[union-attr]
    assert made.spec.inputs["symbols"] == seqlab.Ids(4, unknown=3)
    assert made.tokens("symbols") == ["1", "2", "3", "<unk>"]  # so that they can take vectors
    assert made.presenter.parse("1 2 3") == {"sequence": "1 2 3"}
    one = made.encode(split([made.presenter.parse("1 2 3")]), COLUMNS, targets=False)
    assert one.inputs["symbols"].tolist() == [0, 1, 2]  # type: ignore[union-attr]


def test_several_features_and_several_values() -> None:
    rows: Rows = [
        {"sequence": [[1, 0], [2, 5]], "target": [1.0, 10.0]},
        {"sequence": [[3, 1]], "target": [3.0, 30.0]},
    ]
    made = fitted(rows, per="sequence")
    examples = made.encode(split(rows), COLUMNS)
    assert made.spec.inputs["numbers"] == seqlab.Numbers(2)
    assert made.spec.outputs.shape == (2,)
    np.testing.assert_allclose(examples.targets, [[-1, -1], [1, 1]])
    assert made.presenter.parse("[[1, 2], [3, 4]]") == {"sequence": [[1, 2], [3, 4]]}
    said = made.presenter.present(
        made.presenter.parse("[[1, 2]]"), np.zeros(1), np.array([0.5, -1.0])
    )
    assert said["value"] == pytest.approx([2.5, 10.0])


def test_predictions_in_the_users_units() -> None:
    said = fitted(LAST).presenter.present({"sequence": [1, 2, 3]}, np.zeros(1), np.array([0.25]))
    assert said == {"sequence": [1, 2, 3], "value": pytest.approx(6.5)}
    steps = fitted(STEPS)
    scaled = steps.encode(split(STEPS), COLUMNS).targets[:2]
    assert steps.presenter.present({}, np.zeros(1), scaled)["values"] == pytest.approx([3.5, 4.5])
    json.dumps(said)


def test_metrics_in_the_users_units() -> None:
    made = fitted(LAST)
    examples = made.encode(split(LAST), COLUMNS)
    found = evaluate_baseline(
        made.baseline(examples), examples, made.criterion(), made.metrics, batch_size=8
    ).values()
    assert made.baseline(examples).kind == "mean of the training targets"
    assert found == pytest.approx({"mae": 2.0, "rmse": 2.0, "r2": 0.0, "loss": 1.0})


@pytest.mark.parametrize(
    ("loss", "kind"),
    [("squared", SquaredError), ("absolute", AbsoluteError), ("huber", HuberError)],
)
def test_the_loss_is_chosen(loss: Any, kind: type) -> None:
    assert isinstance(fitted(LAST, loss=loss).criterion(), kind)


def test_other_rows_change_no_unit() -> None:
    made = fitted(LAST)
    far = split([{"sequence": [100], "target": 1000}])
    assert made.encode(far, COLUMNS).targets.item() == pytest.approx((1000 - 6) / 2)


@pytest.mark.parametrize("tokenizer", [None, IntegerTokenizer()])
def test_json_goes_round(tokenizer: Tokenizer | None) -> None:
    made = fitted(STEPS, tokenizer, loss="huber")
    state = json.loads(json.dumps(made.to_json()))
    again = FittedValues.from_json(state, made.tokenizers)
    assert isinstance(again, FittedSequences)
    assert again.to_json() == made.to_json()
    assert again.spec == made.spec


@pytest.mark.parametrize("rows", [LAST, STEPS])
@pytest.mark.parametrize("tokenizer", [None, IntegerTokenizer()])
def test_models_of_its_spec_keep_the_contract(rows: Rows, tokenizer: Tokenizer | None) -> None:
    spec = fitted(rows, tokenizer).spec
    options = validate("model", {"hidden_size": 5, "embedding_size": 3}, model_options(LSTM))
    assert_passes(check_model(lambda: build_model(LSTM, spec, options), spec))


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        ([{"sequence": [], "target": 1}], {}, "not a sequence of numbers"),
        ([{"sequence": [1, None], "target": 1}], {}, "None"),
        ([{"sequence": [1], "target": None}], {}, "not a sequence of numbers"),
        ([{"sequence": [1], "target": "a"}], {"per": "sequence"}, "'a'"),
        ([{"sequence": [1, 2], "target": [1]}], {}, "row 1 has 2 steps and 1 targets"),
        ([{"sequence": [1], "target": 1}], {"per": "step"}, "not a sequence of numbers: 1"),
        ([{"sequence": [1], "target": 1}], {"features": ["x"]}, "columns of a series"),
        ([{"sequence": 3, "target": 1}], {}, "not a sequence of numbers: 3"),
    ],
)
def test_rows_that_cannot_be_read(rows: Rows, options: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        fitted(rows, **options)


@pytest.mark.parametrize("sequence", [[], [[1]], 3, None])
def test_symbols_that_cannot_be_read(sequence: Any) -> None:
    made = fitted(LAST, IntegerTokenizer())
    with pytest.raises(UserError, match="sequence"):
        made.encode(split([{"sequence": sequence, "target": 1}]), COLUMNS)


def test_rows_without_a_sequence_are_a_series() -> None:
    assert Regression().ordered({"target": "OT"})
    assert not Regression().ordered(COLUMNS)
    series = Split("train", {"target": list(range(30))}, "here")
    assert isinstance(Regression().fit(series, {"target": "target"}, None), FittedSeries)
    with pytest.raises(UserError, match="needs no tokenizer"):
        Regression().fit(series, {"target": "target"}, IntegerTokenizer())
    with pytest.raises(UserError, match="per is for rows with a sequence"):
        Regression(per="step").fit(series, {"target": "target"}, None)


@pytest.mark.parametrize(
    ("data", "tokenizer", "rows"),
    [("counting", None, 400), ("count-last", "integer", None), ("count-steps", "integer", None)],
)
def test_a_small_run_beats_its_baseline(
    tmp_path: Path, data: str, tokenizer: str | None, rows: int | None
) -> None:
    options = {"model.hidden_size": 16, "model.embedding_size": 8, "train.learning_rate": 0.01}
    result = seqlab.run(
        task="regression",
        model="lstm",
        data=data,
        tokenizer=tokenizer,
        epochs=60,
        options={**options, **({"data.rows": rows} if rows else {})},
        out=tmp_path / "run",
    )
    found, trivial = result["metrics"]["test"], result["baseline"]["metrics"]
    assert found["mae"]["value"] < 0.6 * trivial["mae"]
    assert set(found) == {"mae", "rmse", "r2", "loss"}
    said = seqlab.load(tmp_path / "run").predict(["1 2 3", {"sequence": [2, 3, 4]}])
    again = seqlab.load(tmp_path / "run").predict([{"sequence": "2, 3, 4"}])
    key = "values" if data == "count-steps" else "value"
    assert said[1][key] == pytest.approx(again[0][key], abs=1e-5)
