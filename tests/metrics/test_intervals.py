from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binomtest
from scipy.stats import t as student

from seqlab.metrics.classification import Accuracy, Loss, MacroF1
from seqlab.metrics.intervals import _student_quantile, wilson, with_intervals
from seqlab.metrics.metric import Metric, Sums
from seqlab.metrics.regression import MeanAbsoluteError, RootMeanSquaredError


@pytest.mark.parametrize(("successes", "count"), [(0, 10), (10, 10), (3, 10), (880, 1000)])
def test_wilson_equals_scipy(successes: int, count: int) -> None:
    expected = binomtest(successes, count).proportion_ci(method="wilson")
    assert wilson(successes, count) == pytest.approx((expected.low, expected.high))


Sampler = Callable[[np.random.Generator, int], Sums]


def losses(rng: np.random.Generator, count: int) -> Sums:
    return np.stack([rng.exponential(1.0, count), np.ones(count)], 1)


def single_cases(rng: np.random.Generator, count: int) -> Sums:
    return np.stack([rng.random(count) < 0.9, np.ones(count)], 1).astype(float)


def words_of_sentences(rng: np.random.Generator, count: int) -> Sums:
    """Predictions of the words of a sentence are correlated."""
    words = rng.integers(1, 30, count)
    return np.stack([rng.binomial(words, rng.beta(8, 2, count)), words], 1).astype(float)


def absolute_errors(rng: np.random.Generator, count: int) -> Sums:
    return np.stack([np.abs(rng.normal(size=count)), np.ones(count)], 1)


def squared_errors(rng: np.random.Generator, count: int) -> Sums:
    return np.stack([rng.normal(size=count) ** 2, np.ones(count)], 1)


def macro_f1_of(*shares: float, recall: float) -> tuple[Metric, Sampler, float]:
    """Macro F1 of classes with these shares; wrong predictions are other classes by their share."""
    size, share = len(shares), np.array(shares)
    other = np.where(np.eye(size, dtype=bool), 0.0, share)
    cells = share[:, None] * (1 - recall) * other / other.sum(1, keepdims=True)  # target, predicted
    cells += np.diag(share * recall)

    def sums(rng: np.random.Generator, count: int) -> Sums:
        target, predicted = np.divmod(rng.choice(size**2, count, p=cells.ravel()), size)
        columns = []
        for label in range(size):
            is_predicted, is_target = predicted == label, target == label
            columns += [is_predicted & is_target, is_predicted, is_target]
        return np.stack(columns, 1).astype(float)

    f1 = 2 * np.diag(cells) / (cells.sum(0) + cells.sum(1))
    return MacroF1(size), sums, float(f1.mean())


def coverage(metric: Metric, sampler: Sampler, truth: float, *, count: int, trials: int) -> float:
    """The share of random data sets whose interval contains the true value."""
    rng, covered = np.random.default_rng(0), 0
    for trial in range(trials):
        sums = [sampler(rng, count)]
        interval = with_intervals([metric], sums, resamples=200, seed=trial)[metric.name]
        covered += interval["low"] <= truth <= interval["high"]
    return covered / trials


@pytest.mark.parametrize(
    ("metric", "sampler", "truth"),
    [
        (Loss(), losses, 1.0),
        (Accuracy(), single_cases, 0.9),
        (Accuracy(), words_of_sentences, 0.8),
        macro_f1_of(0.5, 0.5, recall=0.8),
        macro_f1_of(0.6, 0.3, 0.1, recall=0.8),
        macro_f1_of(0.5, 0.25, 0.15, 0.07, 0.03, recall=0.8),
        (MeanAbsoluteError(), absolute_errors, np.sqrt(2 / np.pi)),
        (RootMeanSquaredError(), squared_errors, 1.0),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_coverage(metric: Metric, sampler: Sampler, truth: float) -> None:
    """Of 400 random data sets, about 380 have an interval that contains the true value."""
    share = coverage(metric, sampler, truth, count=400, trials=400)
    assert 0.92 <= share <= 0.98, share  # 0.95, but for chance in 400 trials


@pytest.mark.parametrize(
    ("metric", "sampler", "truth", "count"),
    [
        (Accuracy(), words_of_sentences, 0.8, 30),
        (MeanAbsoluteError(), absolute_errors, np.sqrt(2 / np.pi), 30),
        (*macro_f1_of(0.5, 0.25, 0.15, 0.07, 0.03, recall=0.9), 100),
    ],
    ids=["accuracy", "mae", "a rare class"],
)
def test_coverage_with_few_examples(
    metric: Metric, sampler: Sampler, truth: float, count: int
) -> None:
    """Plain percentiles contain the true value in 90 to 92 % of these."""
    share = coverage(metric, sampler, truth, count=count, trials=1000)
    assert 0.93 <= share <= 0.97, share


def test_equal_examples_have_an_interval_without_width() -> None:
    sums = np.stack([np.full(20, 0.1), np.ones(20)], 1)
    interval = with_intervals([Loss()], [sums], resamples=100)["loss"]
    assert interval["low"] == pytest.approx(0.1)
    assert interval["high"] == pytest.approx(0.1)


def test_the_interval_of_one_example_is_its_value() -> None:
    interval = with_intervals([Loss()], [np.array([[3.0, 2.0]])], resamples=100)["loss"]
    assert interval == {"value": 1.5, "low": 1.5, "high": 1.5}


@pytest.mark.parametrize("freedom", [3.0, 5.0, 12.0, 40.0, 1e6])
def test_the_quantile_of_student_is_close_to_scipy(freedom: float) -> None:
    assert _student_quantile(freedom) == pytest.approx(student.ppf(0.975, freedom), rel=0.01)


def test_intervals_of_several_metrics_are_reproducible() -> None:
    rng = np.random.default_rng(0)
    counts = np.stack([rng.integers(0, 2, 100), np.full(100, 2)], 1).astype(float)
    table = rng.integers(0, 2, (100, 6)).astype(float)
    metrics = [Accuracy(), MacroF1(2)]
    intervals = with_intervals(metrics, [counts, table], resamples=150)
    assert intervals == with_intervals(metrics, [counts, table], resamples=150)
    for interval in intervals.values():
        assert interval["low"] <= interval["value"] <= interval["high"]
