from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binomtest
from scipy.stats import t as student

from seqlab.metrics.intervals import _student, wilson, with_intervals
from seqlab.metrics.metrics import Accuracy, Loss, MacroF1, Metric, Sums
from seqlab.metrics.regression import MeanAbsoluteError, RootMeanSquaredError


@pytest.mark.parametrize(("right", "count"), [(0, 10), (10, 10), (3, 10), (880, 1000)])
def test_wilson_equals_scipy(right: int, count: int) -> None:
    theirs = binomtest(right, count).proportion_ci(method="wilson")
    assert wilson(right, count) == pytest.approx((theirs.low, theirs.high))


Draw = Callable[[np.random.Generator, int], Sums]


def losses(draw: np.random.Generator, count: int) -> Sums:
    return np.stack([draw.exponential(1.0, count), np.ones(count)], 1)


def one_case_each(draw: np.random.Generator, count: int) -> Sums:
    return np.stack([draw.random(count) < 0.9, np.ones(count)], 1).astype(float)


def words_of_sentences(draw: np.random.Generator, count: int) -> Sums:
    """Words of a sentence are right or wrong together more often than not."""
    words = draw.integers(1, 30, count)
    return np.stack([draw.binomial(words, draw.beta(8, 2, count)), words], 1).astype(float)


def distances(draw: np.random.Generator, count: int) -> Sums:
    return np.stack([np.abs(draw.normal(size=count)), np.ones(count)], 1)


def squares(draw: np.random.Generator, count: int) -> Sums:
    return np.stack([draw.normal(size=count) ** 2, np.ones(count)], 1)


def recognised(*shares: float, right: float) -> tuple[Metric, Draw, float]:
    """Classes with these shares; what is not recognised is taken for another by its share."""
    size, share = len(shares), np.array(shares)
    other = np.where(np.eye(size, dtype=bool), 0.0, share)
    cells = share[:, None] * (1 - right) * other / other.sum(1, keepdims=True)  # target, found
    cells += np.diag(share * right)

    def sums(draw: np.random.Generator, count: int) -> Sums:
        target, found = np.divmod(draw.choice(size**2, count, p=cells.ravel()), size)
        splits = [((found == c) & (target == c), found == c, target == c) for c in range(size)]
        return np.stack([column for split in splits for column in split], 1).astype(float)

    f1 = 2 * np.diag(cells) / (cells.sum(0) + cells.sum(1))
    return MacroF1(size), sums, float(f1.mean())


def coverage(metric: Metric, draw_sums: Draw, truth: float, *, count: int, trials: int) -> float:
    """Which share of drawn data sets has an interval that holds the truth."""
    draw, inside = np.random.default_rng(0), 0
    for trial in range(trials):
        sums = [draw_sums(draw, count)]
        found = with_intervals([metric], sums, resamples=200, seed=trial)[metric.name]
        inside += found["low"] <= truth <= found["high"]
    return inside / trials


@pytest.mark.parametrize(
    ("metric", "draw_sums", "truth"),
    [
        (Loss(), losses, 1.0),
        (Accuracy(), one_case_each, 0.9),
        (Accuracy(), words_of_sentences, 0.8),
        recognised(0.5, 0.5, right=0.8),
        recognised(0.6, 0.3, 0.1, right=0.8),
        recognised(0.5, 0.25, 0.15, 0.07, 0.03, right=0.8),
        (MeanAbsoluteError(), distances, np.sqrt(2 / np.pi)),
        (RootMeanSquaredError(), squares, 1.0),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_coverage(metric: Metric, draw_sums: Draw, truth: float) -> None:
    """Of 400 drawn data sets, about 380 have an interval that holds the truth."""
    share = coverage(metric, draw_sums, truth, count=400, trials=400)
    assert 0.92 <= share <= 0.98, share  # 0.95, but for chance in 400


@pytest.mark.parametrize(
    ("metric", "draw_sums", "truth", "count"),
    [
        (Accuracy(), words_of_sentences, 0.8, 30),
        (MeanAbsoluteError(), distances, np.sqrt(2 / np.pi), 30),
        (*recognised(0.5, 0.25, 0.15, 0.07, 0.03, right=0.9), 100),
    ],
    ids=["accuracy", "mae", "a rare class"],
)
def test_coverage_where_few_examples_decide(
    metric: Metric, draw_sums: Draw, truth: float, count: int
) -> None:
    """Plain percentiles hold the truth in 90 to 92 % of these."""
    share = coverage(metric, draw_sums, truth, count=count, trials=1000)
    assert 0.93 <= share <= 0.97, share


def test_all_alike_have_no_width() -> None:
    sums = np.stack([np.full(20, 0.1), np.ones(20)], 1)
    found = with_intervals([Loss()], [sums], resamples=100)["loss"]
    assert found["low"] == pytest.approx(0.1)
    assert found["high"] == pytest.approx(0.1)


def test_one_example_has_the_interval_of_itself() -> None:
    found = with_intervals([Loss()], [np.array([[3.0, 2.0]])], resamples=100)["loss"]
    assert found == {"value": 1.5, "low": 1.5, "high": 1.5}


@pytest.mark.parametrize("freedom", [3.0, 5.0, 12.0, 40.0, 1e6])
def test_student_is_near_scipy(freedom: float) -> None:
    assert _student(freedom) == pytest.approx(student.ppf(0.975, freedom), rel=0.01)


def test_several_metrics_share_their_resamples_and_repeat() -> None:
    draw = np.random.default_rng(0)
    counts = np.stack([draw.integers(0, 2, 100), np.full(100, 2)], 1).astype(float)
    table = draw.integers(0, 2, (100, 6)).astype(float)
    metrics = [Accuracy(), MacroF1(2)]
    first = with_intervals(metrics, [counts, table], resamples=150)
    assert first == with_intervals(metrics, [counts, table], resamples=150)
    for found in first.values():
        assert found["low"] <= found["value"] <= found["high"]
