from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binomtest

from seqlab.evaluation.intervals import wilson, with_intervals
from seqlab.evaluation.metrics import Accuracy, Loss, MacroF1, Metric, Sums
from seqlab.evaluation.values import MeanAbsoluteError, RootMeanSquaredError


@pytest.mark.parametrize(("right", "count"), [(0, 10), (10, 10), (3, 10), (880, 1000)])
def test_wilson_equals_scipy(right: int, count: int) -> None:
    theirs = binomtest(right, count).proportion_ci(method="wilson")
    assert wilson(right, count) == pytest.approx((theirs.low, theirs.high))


EXAMPLES = 400


def losses(draw: np.random.Generator) -> Sums:
    return np.stack([draw.exponential(1.0, EXAMPLES), np.ones(EXAMPLES)], 1)


def one_case_each(draw: np.random.Generator) -> Sums:
    return np.stack([draw.random(EXAMPLES) < 0.9, np.ones(EXAMPLES)], 1).astype(float)


def words_of_sentences(draw: np.random.Generator) -> Sums:
    """Words of a sentence are right or wrong together more often than not."""
    count = draw.integers(1, 30, EXAMPLES)
    return np.stack([draw.binomial(count, draw.beta(8, 2, EXAMPLES)), count], 1).astype(float)


def two_classes(draw: np.random.Generator) -> Sums:
    """Of 3 in 10 the class is the second; 8 in 10 are recognised."""
    target = (draw.random(EXAMPLES) < 0.3).astype(int)
    found = np.where(draw.random(EXAMPLES) < 0.8, target, 1 - target)
    parts = [((found == c) & (target == c), found == c, target == c) for c in (0, 1)]
    return np.stack([column for part in parts for column in part], 1).astype(float)


def distances(draw: np.random.Generator) -> Sums:
    return np.stack([np.abs(draw.normal(size=EXAMPLES)), np.ones(EXAMPLES)], 1)


def squares(draw: np.random.Generator) -> Sums:
    return np.stack([draw.normal(size=EXAMPLES) ** 2, np.ones(EXAMPLES)], 1)


def harmonic(right: float, found: float, there: float) -> float:
    return 2 * right / (found + there)


F1 = (harmonic(0.56, 0.62, 0.7) + harmonic(0.24, 0.38, 0.3)) / 2


@pytest.mark.parametrize(
    ("metric", "draw_sums", "truth"),
    [
        (Loss(), losses, 1.0),
        (Accuracy(), one_case_each, 0.9),
        (Accuracy(), words_of_sentences, 0.8),
        (MacroF1(2), two_classes, F1),
        (MeanAbsoluteError(), distances, np.sqrt(2 / np.pi)),
        (RootMeanSquaredError(), squares, 1.0),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_coverage(
    metric: Metric, draw_sums: Callable[[np.random.Generator], Sums], truth: float
) -> None:
    """Of 400 drawn data sets, about 380 have an interval that holds the truth."""
    draw, inside, trials = np.random.default_rng(0), 0, 400
    for trial in range(trials):
        found = with_intervals([metric], [draw_sums(draw)], resamples=200, seed=trial)[metric.name]
        inside += found["low"] <= truth <= found["high"]
    assert 0.92 <= inside / trials <= 0.98, inside / trials  # 0.95, but for chance in 400


def test_several_metrics_share_their_resamples_and_repeat() -> None:
    draw = np.random.default_rng(0)
    counts = np.stack([draw.integers(0, 2, 100), np.full(100, 2)], 1).astype(float)
    table = draw.integers(0, 2, (100, 6)).astype(float)
    metrics = [Accuracy(), MacroF1(2)]
    first = with_intervals(metrics, [counts, table], resamples=150)
    assert first == with_intervals(metrics, [counts, table], resamples=150)
    for found in first.values():
        assert found["low"] <= found["value"] <= found["high"]
