from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seqlab
from seqlab import Split, UserError
from seqlab.data.relations.splitting import complete_splits
from seqlab.data.sampling.batching import gather
from seqlab.evaluation.evaluate import evaluate_baseline
from seqlab.nn import build_model, model_options
from seqlab.options import validate
from seqlab.testing import assert_passes, check_model
from seqlab_recurrent.lstm import LSTM
from seqlab_regression.regression import Regression
from seqlab_regression.series import FittedSeries
from seqlab_regression.values import FittedValues
from tests.plugins.small_series import (
    COLUMNS,
    SERIES,
    fit,
    inputs_of,
    split,
    targets_of,
    windows,
)


def test_windows_of_values() -> None:
    fitted = fit()
    examples = windows(fitted, split(SERIES))
    assert inputs_of(fitted, examples)[0] == [[1], [2], [4]]
    assert inputs_of(fitted, examples)[-1] == [[11], [16], [22]]
    assert targets_of(fitted, examples) == [[7], [11], [16], [22], [29]]
    assert examples.rows.tolist() == [3, 4, 5, 6, 7]
    assert (examples.per, examples.unit) == ("sequence", "window")


def test_windows_of_changes() -> None:
    fitted = fit(relative=True)
    examples = windows(fitted, split(SERIES))
    assert inputs_of(fitted, examples)[0] == [
        [1, 2],
        [2, 4],
    ]  # three values: two changes, each with the value after it
    assert targets_of(fitted, examples) == [[7], [11], [16], [22], [29]]
    changes = fitted.targets.unscale(examples.targets)
    np.testing.assert_allclose(changes, [[3], [4], [5], [6], [7]], rtol=1e-5)


@pytest.mark.parametrize("relative", [False, True])
def test_a_horizon_of_several_values(relative: bool) -> None:
    fitted = fit(horizon=2, relative=relative)
    examples = windows(fitted, split(SERIES))
    assert targets_of(fitted, examples) == [[7, 11], [11, 16], [16, 22], [22, 29]]
    record = fitted.presenter.present({"target": [2, 4, 7]}, np.zeros(1), examples.targets[1])
    assert record == {"series": [2, 4, 7], "predicted": pytest.approx([11, 16])}


@pytest.mark.parametrize("relative", [False, True])
def test_windows_start_in_the_split_before(relative: bool) -> None:
    splits, _ = complete_splits({"train": split(SERIES)}, stratify=None, seed=0, ordered=True)
    fitted = fit(SERIES[:6], relative=relative)
    targets = {name: targets_of(fitted, windows(fitted, data)) for name, data in splits.items()}
    assert targets == {"train": [[7], [11], [16]], "validation": [[22]], "test": [[29]]}
    test = windows(fitted, splits["test"])  # its window covers both splits before it
    assert [step[-1] for step in inputs_of(fitted, test)[0]][-2:] == [16, 22]
    assert test.rows.tolist() == [0]


def test_no_step_is_copied() -> None:
    fitted = fit()
    encoded = fitted.encode(split(SERIES), COLUMNS)
    cut = fitted.cut(encoded, training=True)
    assert np.shares_memory(encoded.inputs["series"], cut.inputs["series"])
    assert len(cut.inputs["series"]) == len(SERIES)  # type: ignore[arg-type]


@given(
    at=st.integers(4, 39),
    horizon=st.integers(1, 3),
    relative=st.booleans(),
    seed=st.integers(0, 99),
)
def test_windows_do_not_contain_the_future(
    at: int, horizon: int, relative: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=40).tolist()
    changed = values[:at] + rng.normal(5, 1, 40 - at).tolist()
    fitted = fit(values, window=4, horizon=horizon, relative=relative)
    first, second = (windows(fitted, split(series)) for series in (values, changed))
    for index, row in enumerate(first.rows):  # predicts values[row], values[row + 1] …
        one, other = (gather(examples, np.array([index])) for examples in (first, second))
        if row <= at:
            assert one.inputs["series"].equal(other.inputs["series"])
        if row + horizon <= at:
            assert one.targets.equal(other.targets)


@pytest.mark.parametrize("relative", [False, True])
def test_the_baseline_is_the_last_value(relative: bool) -> None:
    fitted = fit(relative=relative)
    examples = windows(fitted, split(SERIES))
    baseline = fitted.baseline(examples)
    metrics = evaluate_baseline(
        baseline, examples, fitted.criterion(), fitted.metrics, batch_size=2
    )
    errors = np.array([3, 4, 5, 6, 7])
    targets = np.array([7, 11, 16, 22, 29])
    unexplained = (errors**2).sum() / ((targets - targets.mean()) ** 2).sum()
    assert baseline.kind == "last value"
    assert metrics.values()["mae"] == pytest.approx(5.0)
    assert metrics.values()["rmse"] == pytest.approx(float((errors**2).mean()) ** 0.5)
    assert metrics.values()["r2"] == pytest.approx(1 - unexplained, abs=1e-6)


@pytest.mark.parametrize("relative", [False, True])
def test_a_typed_line_is_encoded_like_a_training_window(relative: bool) -> None:
    fitted = fit(relative=relative)
    row = fitted.presenter.parse("99 4 7 11")  # more than a window
    assert row == {"target": [99, 4, 7, 11]}
    typed = fitted.encode(
        Split.from_rows("predict", [{"x": row["target"]}], ""), COLUMNS, targets=False
    )
    trained = windows(fitted, split(SERIES))
    assert inputs_of(fitted, typed)[0] == inputs_of(fitted, trained.select(np.array([2])))[0]
    record = fitted.presenter.present(row, np.zeros(1), trained.targets[2])
    assert record == {"series": [99, 4, 7, 11], "predicted": pytest.approx(16)}


def test_features() -> None:
    data = split(SERIES, hour=[0, 1, 0, 1, 0, 1, 0, 1])
    fitted = Regression(window=3, features=["hour"], relative=True).fit(data, COLUMNS, None)
    assert isinstance(fitted, FittedSeries)
    assert inputs_of(fitted, windows(fitted, data))[0] == [[1, 2, 1], [2, 4, 0]]
    row = fitted.presenter.parse("[[1, 0], [2, 1], [4, 0]]")
    assert row == {"target": [1, 2, 4], "hour": [0, 1, 0]}
    rows = Split.from_rows("predict", [{"x": row["target"], "hour": row["hour"]}], "")
    typed = fitted.encode(rows, COLUMNS, targets=False)
    assert inputs_of(fitted, typed)[0] == [[1, 2, 1], [2, 4, 0]]
    short = Split.from_rows("predict", [{"x": [1, 2], "hour": [1]}], "")
    with pytest.raises(UserError, match="2 and 1 values"):
        fitted.encode(short, COLUMNS, targets=False)
    with pytest.raises(UserError, match="there is no 'hour'"):
        fitted.encode(Split.from_rows("predict", [{"x": [1, 2]}], ""), COLUMNS, targets=False)
    with pytest.raises(UserError, match="no column 'day'"):
        Regression(features=["day"]).fit(data, COLUMNS, None)


def test_scalers_are_fitted_to_the_training_split() -> None:
    fitted = fit(SERIES[:6])
    other = split([1e3, 2e3], "test").in_series(np.arange(2), np.array([6, 7]))
    other = other.after(split(SERIES[:6]))
    np.testing.assert_allclose(
        targets_of(fitted, windows(fitted, other)), [[1e3], [2e3]], rtol=1e-6
    )
    assert fitted.center == pytest.approx(np.mean(SERIES[:6]))


def test_json_round_trip() -> None:
    fitted = fit(relative=True, horizon=2, loss="absolute")
    restored = FittedValues.from_json(json.loads(json.dumps(fitted.to_json())), {})
    assert isinstance(restored, FittedSeries)
    assert restored.to_json() == fitted.to_json()
    assert restored.spec == fitted.spec


def test_models_pass_the_conformance_checks() -> None:
    spec = fit(relative=True, horizon=2).spec
    options = validate("model", {"hidden_size": 5}, model_options(LSTM))
    assert_passes(check_model(lambda: build_model(LSTM, spec, options), spec))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, None, 2.0, 3.0], "row 2 holds None"),
        ([1.0, 2.0, float("nan")], "row 3 holds nan"),
        (["one", "2", "3"], "row 1 holds 'one'"),
        ([1.0], "1 training rows are too few"),
        ([1.0, 2.0, 3.0], "3 rows are too few for windows of 3"),
    ],
)
def test_unusable_series_raise(values: list[Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        windows(fit(values), split(values))


def test_rows_to_predict_hold_lists() -> None:
    fitted = fit(relative=True)
    for value, message in ((3.0, "not a sequence"), ([1], "this row has 1 values")):
        with pytest.raises(UserError, match=message):
            fitted.encode(Split.from_rows("predict", [{"x": value}], ""), COLUMNS, targets=False)


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
    assert 10 < predictor.predict(["20 21 22 23"])[0]["predicted"] < 35
    rows = [{"value": float(value)} for value in range(60)]
    names = {"mae", "rmse", "r2", "mape", "smape", "mase", "loss"}
    assert set(predictor.evaluate(data=rows)) == names
