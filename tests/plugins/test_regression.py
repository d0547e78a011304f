"""Regression with a value per sequence or per step, and how rows are interpreted."""

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


def fit(rows: Rows, tokenizer: Tokenizer | None = None, **options: Any) -> FittedSequences:
    fitted = Regression(**options).fit(split(rows), COLUMNS, tokenizer)
    assert isinstance(fitted, FittedSequences)
    return fitted


def test_one_value_per_sequence() -> None:
    fitted = fit(LAST)
    examples = fitted.encode(split(LAST), COLUMNS)
    assert examples.per == "sequence"
    assert examples.lengths.tolist() == [3, 2]
    steps = np.array([1, 2, 3, 2, 3])
    expected = (steps - steps.mean()) / steps.std()
    np.testing.assert_allclose(examples.inputs["numbers"][:, 0], expected, rtol=1e-6)  # type: ignore[index]
    np.testing.assert_allclose(examples.targets, [[-1], [1]])  # 4 and 8: mean 6, std 2
    assert examples.unit == "sequence"


def test_one_value_per_step() -> None:
    examples = fit(STEPS).encode(split(STEPS), COLUMNS)
    assert examples.per == "step"
    targets = np.array([3.5, 4.5, 4, 5, 6])
    expected = (targets - targets.mean()) / targets.std()
    np.testing.assert_allclose(examples.targets[:, 0], expected, rtol=1e-6)


def test_tokens() -> None:
    fitted = fit(LAST, IntegerTokenizer())
    examples = fitted.encode(split(LAST), COLUMNS)
    assert examples.inputs["tokens"].tolist() == [0, 1, 2, 1, 2]  # type: ignore[union-attr]
    assert fitted.spec.inputs["tokens"] == seqlab.Ids(4, unknown=3)
    assert fitted.tokens("tokens") == ["1", "2", "3", "<unk>"]  # for word vectors
    assert fitted.presenter.parse("1 2 3") == {"sequence": "1 2 3"}
    examples = fitted.encode(split([fitted.presenter.parse("1 2 3")]), COLUMNS, targets=False)
    assert examples.inputs["tokens"].tolist() == [0, 1, 2]  # type: ignore[union-attr]


def test_several_features_and_several_values() -> None:
    rows: Rows = [
        {"sequence": [[1, 0], [2, 5]], "target": [1.0, 10.0]},
        {"sequence": [[3, 1]], "target": [3.0, 30.0]},
    ]
    fitted = fit(rows, per="sequence")
    examples = fitted.encode(split(rows), COLUMNS)
    assert fitted.spec.inputs["numbers"] == seqlab.Numbers(2)
    assert fitted.spec.outputs.shape == (2,)
    np.testing.assert_allclose(examples.targets, [[-1, -1], [1, 1]])
    assert fitted.presenter.parse("[[1, 2], [3, 4]]") == {"sequence": [[1, 2], [3, 4]]}
    record = fitted.presenter.present(
        fitted.presenter.parse("[[1, 2]]"), np.zeros(1), np.array([0.5, -1.0])
    )
    assert record["predicted"] == pytest.approx([2.5, 10.0])


def test_predictions_have_the_users_units() -> None:
    record = fit(LAST).presenter.present({"sequence": [1, 2, 3]}, np.zeros(1), np.array([0.25]))
    assert record == {"sequence": [1, 2, 3], "predicted": pytest.approx(6.5)}
    steps = fit(STEPS)
    scaled = steps.encode(split(STEPS), COLUMNS).targets[:2]
    assert steps.presenter.present({}, np.zeros(1), scaled)["predicted"] == pytest.approx(
        [3.5, 4.5]
    )
    json.dumps(record)


def test_metrics_have_the_users_units() -> None:
    fitted = fit(LAST)
    examples = fitted.encode(split(LAST), COLUMNS)
    metrics = evaluate_baseline(
        fitted.baseline(examples), examples, fitted.criterion(), fitted.metrics, batch_size=8
    ).values()
    assert fitted.baseline(examples).kind == "mean of the training targets"
    assert metrics == pytest.approx({"mae": 2.0, "rmse": 2.0, "r2": 0.0, "loss": 1.0})


@pytest.mark.parametrize(
    ("loss", "kind"),
    [("squared", SquaredError), ("absolute", AbsoluteError), ("huber", HuberError)],
)
def test_the_loss_is_an_option(loss: Any, kind: type) -> None:
    assert isinstance(fit(LAST, loss=loss).criterion(), kind)


def test_other_rows_do_not_change_the_scaler() -> None:
    fitted = fit(LAST)
    other = split([{"sequence": [100], "target": 1000}])
    assert fitted.encode(other, COLUMNS).targets.item() == pytest.approx((1000 - 6) / 2)


@pytest.mark.parametrize("tokenizer", [None, IntegerTokenizer()])
def test_json_round_trip(tokenizer: Tokenizer | None) -> None:
    fitted = fit(STEPS, tokenizer, loss="huber")
    state = json.loads(json.dumps(fitted.to_json()))
    restored = FittedValues.from_json(state, fitted.tokenizers)
    assert isinstance(restored, FittedSequences)
    assert restored.to_json() == fitted.to_json()
    assert restored.spec == fitted.spec


@pytest.mark.parametrize("rows", [LAST, STEPS])
@pytest.mark.parametrize("tokenizer", [None, IntegerTokenizer()])
def test_models_pass_the_conformance_checks(rows: Rows, tokenizer: Tokenizer | None) -> None:
    spec = fit(rows, tokenizer).spec
    options = validate("model", {"hidden_size": 5, "embedding_size": 3}, model_options(LSTM))
    assert_passes(check_model(lambda: build_model(LSTM, spec, options), spec))


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([{"sequence": [], "target": 1}], {}, "not a sequence of numbers"),
        ([{"sequence": [1, None], "target": 1}], {}, "None"),
        ([{"sequence": [1], "target": None}], {}, "not a sequence of numbers"),
        ([{"sequence": [1], "target": "a"}], {"per": "sequence"}, "'a'"),
        ([{"sequence": [1, 2], "target": [1]}], {}, "row 1 has 2 steps and 1 targets"),
        ([{"sequence": [1], "target": 1}], {"per": "step"}, "not a sequence of numbers: 1"),
        ([{"sequence": [1], "target": 1}], {"features": ["x"]}, "features is for time series"),
        ([{"sequence": 3, "target": 1}], {}, "not a sequence of numbers: 3"),
    ],
)
def test_unusable_rows_raise(rows: Rows, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        fit(rows, **options)


@pytest.mark.parametrize("sequence", [[], [[1]], 3, None])
def test_unusable_tokens_raise(sequence: Any) -> None:
    fitted = fit(LAST, IntegerTokenizer())
    with pytest.raises(UserError, match="sequence"):
        fitted.encode(split([{"sequence": sequence, "target": 1}]), COLUMNS)


def test_rows_without_a_sequence_are_one_series() -> None:
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
    metrics, baseline = result["metrics"]["test"], result["baseline"]["metrics"]
    assert metrics["mae"]["value"] < 0.6 * baseline["mae"]
    assert set(metrics) == {"mae", "rmse", "r2", "pearson", "loss"}
    predictor = seqlab.load(tmp_path / "run")
    first = predictor.predict(["1 2 3", {"sequence": [2, 3, 4]}])
    second = predictor.predict([{"sequence": "2, 3, 4"}])
    assert first[1]["predicted"] == pytest.approx(second[0]["predicted"], abs=1e-5)
