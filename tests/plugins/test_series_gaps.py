from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seqlab
from seqlab import Split, UserError
from seqlab.data.split import SERIES_LENGTH
from seqlab.evaluation.evaluate import evaluate_baseline
from seqlab_regression.regression import Regression
from seqlab_regression.series import FittedSeries
from tests.plugins.small_series import (
    COLUMNS,
    SERIES,
    fit,
    inputs_of,
    split,
    stretches,
    targets_of,
    windows,
)


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
