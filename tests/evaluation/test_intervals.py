import numpy as np
import pytest
from scipy.stats import binomtest

from seqlab.evaluation.intervals import wilson, with_intervals
from seqlab.evaluation.metrics import Accuracy, Loss, MacroF1


@pytest.mark.parametrize(("right", "count"), [(0, 10), (10, 10), (3, 10), (880, 1000)])
def test_wilson_equals_scipy(right: int, count: int) -> None:
    theirs = binomtest(right, count).proportion_ci(method="wilson")
    assert wilson(right, count) == pytest.approx((theirs.low, theirs.high))


def test_coverage_of_a_mean_loss() -> None:
    draw, inside, trials = np.random.default_rng(0), 0, 300
    for trial in range(trials):
        losses = draw.exponential(1.0, 200)
        sums = [np.stack([losses, np.ones(200)], 1)]
        found = with_intervals([Loss()], sums, resamples=200, seed=trial)["loss"]
        inside += found["low"] <= 1.0 <= found["high"]
    assert 0.91 <= inside / trials <= 0.98


def test_several_metrics_share_their_resamples_and_repeat() -> None:
    draw = np.random.default_rng(0)
    counts = np.stack([draw.integers(0, 2, 100), np.full(100, 2)], 1).astype(float)
    table = draw.integers(0, 2, (100, 6)).astype(float)
    metrics = [Accuracy(), MacroF1(2)]
    first = with_intervals(metrics, [counts, table], resamples=150)
    assert first == with_intervals(metrics, [counts, table], resamples=150)
    for found in first.values():
        assert found["low"] <= found["value"] <= found["high"]
