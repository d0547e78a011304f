from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab import R2, MeanAbsoluteError, Metric, PearsonCorrelation, RootMeanSquaredError
from seqlab.metrics.metric import Outcome, Sums

sklearn = pytest.importorskip("sklearn.metrics")

UNITS = (2.0, 0.5)


def value(metric: Metric, sums: Sums) -> float:
    return float(metric.value(sums.sum(0)))


def random_outcome(
    seed: int, columns: int, *, per_step: bool
) -> tuple[Outcome, np.ndarray, np.ndarray]:
    """An outcome with garbage in its padding; its real targets and predictions in `UNITS`."""
    rng = np.random.default_rng(seed)
    shape = (7, 5) if per_step else (7,)
    targets, predictions = rng.normal(3, 2, (2, *shape, columns))
    mask = np.arange(5) < rng.integers(1, 6, 7)[:, None] if per_step else np.ones(7, bool)
    targets[~mask] = 1e6
    units = np.array(UNITS[:columns])
    outcome = Outcome(np.zeros(7), predictions, predictions, targets, mask)
    return outcome, targets[mask] * units, predictions[mask] * units


@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("columns", [1, 2])
@given(seed=st.integers(0, 2**20))
def test_equal_to_sklearn(per_step: bool, columns: int, seed: int) -> None:
    outcome, targets, predictions = random_outcome(seed, columns, per_step=per_step)
    mae, rmse = (kind(UNITS[:columns]) for kind in (MeanAbsoluteError, RootMeanSquaredError))
    expected = sklearn.mean_absolute_error(targets, predictions)
    assert value(mae, mae.sums(outcome)) == pytest.approx(expected)
    expected = sklearn.mean_squared_error(targets, predictions) ** 0.5
    assert value(rmse, rmse.sums(outcome)) == pytest.approx(expected)
    expected = sklearn.r2_score(targets, predictions)
    assert value(R2(), R2().sums(outcome)) == pytest.approx(expected)


def test_changes_are_relative_to_the_target_offset() -> None:
    rng = np.random.default_rng(0)
    offset, change, predicted = rng.normal(0, [[3.0], [1.0], [1.0]], (3, 40))[..., None]
    outcome = Outcome(np.zeros(40), predicted, predicted, change, np.ones(40, bool), offset)
    expected = sklearn.r2_score(offset + change, offset + predicted)
    assert value(R2(), R2().sums(outcome)) == pytest.approx(expected)
    assert value(R2(), R2().sums(outcome)) > 0.5  # of the changes alone it would be below 0


@given(seed=st.integers(0, 2**20))
def test_batches_do_not_matter(seed: int) -> None:
    outcome, _, _ = random_outcome(seed, 1, per_step=True)
    arrays = [getattr(outcome, field.name) for field in fields(outcome)[:5]]
    batches = [
        Outcome(*(array[rows] for array in arrays)) for rows in (slice(0, 3), slice(3, None))
    ]
    for metric in (MeanAbsoluteError(), RootMeanSquaredError(), R2()):
        sums = np.concatenate([metric.sums(batch) for batch in batches])
        np.testing.assert_allclose(sums, metric.sums(outcome))


def test_r2_of_equal_targets_is_undefined() -> None:
    targets = np.full((3, 1), 0.1)
    outcome = Outcome(np.zeros(3), targets + 1, targets, targets, np.ones(3, bool))
    assert np.isnan(value(R2(), R2().sums(outcome)))


def test_which_direction_is_better() -> None:
    assert R2.higher_is_better
    assert not MeanAbsoluteError.higher_is_better
    assert not RootMeanSquaredError.higher_is_better


@pytest.mark.parametrize("columns", [1, 2])
@given(seed=st.integers(0, 2**20))
def test_the_correlation_is_that_of_numpy(columns: int, seed: int) -> None:
    outcome, targets, predictions = random_outcome(seed, columns, per_step=True)
    pairs = zip(targets.T, predictions.T, strict=True)
    expected = np.mean([np.corrcoef(x, y)[0, 1] for x, y in pairs])
    metric = PearsonCorrelation()
    assert value(metric, metric.sums(outcome)) == pytest.approx(expected)


def test_the_correlation_with_a_constant_is_undefined() -> None:
    outcome = Outcome(
        np.zeros(3), np.full((3, 1), 0.1), np.zeros(1), np.arange(3.0)[:, None], np.ones(3, bool)
    )
    metric = PearsonCorrelation()
    assert np.isnan(value(metric, metric.sums(outcome)))
