"""Windows over a series, compared with windows computed by hand."""

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
from seqlab.data.relations.splitting import complete_splits
from seqlab.data.sampling.batching import gather
from seqlab.data.split import SERIES_LENGTH
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


def fit(values: list[float] = SERIES, **options: Any) -> FittedSeries:
    options = {"window": 3, "relative": False, **options}
    fitted = Regression(**options).fit(split(values), COLUMNS, None)
    assert isinstance(fitted, FittedSeries)
    return fitted


def windows(fitted: FittedSeries, data: Split) -> Examples:
    return fitted.cut(fitted.encode(data, COLUMNS), training=True)


def inputs_of(fitted: FittedSeries, examples: Examples) -> list[Any]:
    """The inputs of each window, in the user's units."""
    batch = gather(examples, np.arange(len(examples)))
    return fitted.inputs.unscale(batch.inputs["series"].numpy()).round(4).tolist()  # type: ignore[no-any-return]


def targets_of(fitted: FittedSeries, examples: Examples) -> list[Any]:
    """The targets, in the user's units."""
    assert examples.target_offset is not None
    values = (examples.targets + examples.target_offset) * fitted.targets.std + fitted.center
    return values.round(4).tolist()  # type: ignore[no-any-return]


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
        300
        < predictor.predict(["417 391 419 461 472 535 622 606 508 461 390"])[0]["predicted"]
        < 600
    )


def test_a_smoke_run_uses_few_windows(tmp_path: Path) -> None:
    result = seqlab.run(
        task="regression",
        model="lstm",
        data="waves",
        smoke=True,
        options={"task.window": 100},
        out=tmp_path / "run",
    )
    assert result["data"]["train"]["examples"] == 64


def stretches(
    values: list[float], positions: list[int], before: Split | None = None, name: str = "train"
) -> Split:
    return split(values, name, before).in_series(np.arange(len(values)), np.array(positions))


def test_no_window_spans_two_series_or_a_gap() -> None:
    fitted = fit(relative=True, window=2)
    data = stretches([1, 2, 4, 100, 110, 130, 7, 8], [0, 1, 2, 4, 5, 6, 9, 10])
    examples = windows(fitted, data)
    assert inputs_of(fitted, examples) == [[[1, 2]], [[10, 110]]]  # no change from 4 to 100
    assert targets_of(fitted, examples) == [[4], [130]]
    assert examples.rows.tolist() == [2, 5]


def test_scalers_know_no_change_between_series() -> None:
    one = Regression(window=2).fit(split([1, 2, 4, 7]), COLUMNS, None)
    two = Regression(window=2).fit(
        stretches([1, 2, 4, 7, 1, 2, 4, 7], [0, 1, 2, 3, 10, 11, 12, 13]), COLUMNS, None
    )
    assert isinstance(one, FittedSeries)
    assert isinstance(two, FittedSeries)
    for name in ("inputs", "targets"):
        np.testing.assert_allclose(getattr(one, name).mean, getattr(two, name).mean)
        np.testing.assert_allclose(getattr(one, name).std, getattr(two, name).std)


def test_windows_of_each_series_start_in_the_split_before() -> None:
    fitted = fit(window=2)
    rows = split([1, 2, 4, 100, 110, 130])
    rows = rows.in_series(np.arange(6), np.array([0, 1, 2, 4, 5, 6]))
    train = rows.select(np.array([0, 1, 3, 4]), "train")
    test = rows.select(np.array([2, 5]), "test", train)
    examples = windows(fitted, test)
    assert inputs_of(fitted, examples) == [[[1], [2]], [[100], [110]]]
    assert targets_of(fitted, examples) == [[4], [130]]
    assert examples.rows.tolist() == [0, 1]


def test_a_gap_before_a_split_ends_what_its_windows_read() -> None:
    fitted = fit(window=3)
    rows = split(SERIES).in_series(np.arange(8), np.array([0, 1, 2, 4, 5, 6, 7, 8]))
    train = rows.select(np.arange(4), "train")
    test = rows.select(np.arange(4, 8), "test", train)
    assert targets_of(fitted, windows(fitted, test)) == [[22], [29]]  # 7 precedes, 4 does not


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    horizon=st.integers(1, 3),
    window=st.integers(2, 4),
)
def test_windows_never_mix_series(lengths: list[int], horizon: int, window: int) -> None:
    training = [float(value**2) for value in range(20)]
    fitted = fit(training, window=window, horizon=horizon, relative=False)
    values, positions, at = list[float](), list[int](), 0
    for series, length in enumerate(lengths):  # the value of a step tells its series
        values += [1000.0 * series + step for step in range(length)]
        positions += range(at, at + length)
        at += length + 1
    data = stretches(values, positions)
    expected = sum(max(0, length - window - horizon + 1) for length in lengths)
    if not expected:
        with pytest.raises(UserError, match="too few for windows"):
            windows(fitted, data)
        return
    examples = windows(fitted, data)
    assert len(examples) == expected
    for inputs, targets in zip(
        inputs_of(fitted, examples), targets_of(fitted, examples), strict=True
    ):
        read = [step[0] for step in inputs] + targets
        np.testing.assert_allclose(np.diff(read), 1, atol=0.01)


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("season", [1, 4])
def test_metrics_of_forecasts(relative: bool, season: int) -> None:
    """The naive forecast has them as their definitions say."""
    values = np.random.default_rng(0).integers(0, 9, 60).astype(float)
    splits = {
        "train": Split.from_rows("train", [{"y": v} for v in values[:40].tolist()], "here"),
        "test": Split.from_rows("test", [{"y": v} for v in values.tolist()], "here"),
    }
    task = Regression(window=4, relative=relative, season=season)
    fitted = task.fit(splits["train"], {"target": "y"}, None)
    examples = fitted.cut(fitted.encode(splits["test"], {"target": "y"}), training=False)
    metrics = evaluate_baseline(
        fitted.baseline(examples), examples, fitted.criterion(), fitted.metrics, batch_size=7
    ).values()
    forecast, actual = values[3:-1], values[4:]
    errors, known = np.abs(forecast - actual), values[:40]
    percent = 100 * errors[actual > 0] / actual[actual > 0]
    assert metrics["mape"] == pytest.approx(percent.mean(), rel=1e-4)
    both = (forecast + actual) / 2
    assert metrics["smape"] == pytest.approx(
        (100 * errors[both > 0] / both[both > 0]).mean(), rel=1e-4
    )
    scale = np.abs(known[season:] - known[:-season]).mean()
    assert metrics["mase"] == pytest.approx(errors.mean() / scale, rel=1e-4)


def test_each_of_several_series_has_a_scale_of_its_own() -> None:
    """As in competitions: the mean over series of their own scaled errors."""
    random = np.random.default_rng(0)
    series = [random.normal(0, 10.0**size, 60).cumsum() for size in range(3)]
    rows = [{"y": float(v)} for values in series for v in values] + [{"y": 5.0}] * 60
    table = Split.from_rows("train", rows, "here")
    positions = np.arange(240) // 60 * SERIES_LENGTH + np.arange(240) % 60
    table = table.in_series(np.arange(240), positions)
    is_test = np.arange(240) % 60 >= 50
    train = table.select(np.flatnonzero(~is_test))
    test = table.select(np.flatnonzero(is_test), "test", train)
    fitted = Regression(window=4, season=2).fit(train, {"target": "y"}, None)
    examples = fitted.cut(fitted.encode(test, {"target": "y"}), training=False)
    metrics = evaluate_baseline(
        fitted.baseline(examples), examples, fitted.criterion(), fitted.metrics, batch_size=7
    ).values()
    scaled = [
        np.abs(np.diff(values[49:])).mean() / np.abs(values[2:50] - values[:48]).mean()
        for values in series  # the fourth never changes
    ]
    assert metrics["mase"] == pytest.approx(np.mean(scaled), rel=1e-4)


def test_a_series_that_never_changes_has_no_scaled_error() -> None:
    rows = Split.from_rows("train", [{"y": 5.0}] * 30, "here")
    fitted = Regression(window=4, relative=False).fit(rows, {"target": "y"}, None)
    assert "mase" not in [metric.name for metric in fitted.metrics]
    columns = {"target": "y"}
    (finding,) = fitted.check(rows, columns, fitted.encode(rows, columns))
    assert "all 30 values are 5" in finding.cause
