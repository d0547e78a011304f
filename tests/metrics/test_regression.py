from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab import R2, MeanAbsoluteError, Metric, RootMeanSquaredError
from seqlab.metrics.metrics import Outcome, Sums

sklearn = pytest.importorskip("sklearn.metrics")

Drawn = tuple[Outcome, np.ndarray, np.ndarray]
UNITS = (2.0, 0.5)


def value(metric: Metric, sums: Sums) -> float:
    return float(metric.value(sums.sum(0)))


def drawn(seed: int, columns: int, *, per_step: bool) -> Drawn:
    """An outcome in `UNITS`, with garbage in its padding; real targets and predictions."""
    draw = np.random.default_rng(seed)
    shape = (7, 5) if per_step else (7,)
    targets, decoded = draw.normal(3, 2, (2, *shape, columns))
    mask = np.arange(5) < draw.integers(1, 6, 7)[:, None] if per_step else np.ones(7, bool)
    targets[~mask] = 1e6
    units = np.array(UNITS[:columns])
    outcome = Outcome(np.zeros(7), decoded, decoded, targets, mask)
    return outcome, targets[mask] * units, decoded[mask] * units


@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("columns", [1, 2])
@given(seed=st.integers(0, 2**20))
def test_as_sklearn_has_them(per_step: bool, columns: int, seed: int) -> None:
    outcome, real, said = drawn(seed, columns, per_step=per_step)
    mae, rmse = (kind(UNITS[:columns]) for kind in (MeanAbsoluteError, RootMeanSquaredError))
    assert value(mae, mae.sums(outcome)) == pytest.approx(sklearn.mean_absolute_error(real, said))
    squared = sklearn.mean_squared_error(real, said)
    assert value(rmse, rmse.sums(outcome)) == pytest.approx(squared**0.5)
    assert value(R2(), R2().sums(outcome)) == pytest.approx(sklearn.r2_score(real, said))


def test_changes_are_counted_from_their_base() -> None:
    draw = np.random.default_rng(0)
    base, change, decoded = draw.normal(0, [[3.0], [1.0], [1.0]], (3, 40))[..., None]
    outcome = Outcome(np.zeros(40), decoded, decoded, change, np.ones(40, bool), base)
    expected = sklearn.r2_score(base + change, base + decoded)
    assert value(R2(), R2().sums(outcome)) == pytest.approx(expected)
    assert value(R2(), R2().sums(outcome)) > 0.5  # of the changes alone it would be below 0


@given(seed=st.integers(0, 2**20))
def test_parts_add_up(seed: int) -> None:
    outcome, _, _ = drawn(seed, 1, per_step=True)
    halves = [
        Outcome(*(array[rows] for array in list(vars(outcome).values())[:5]))
        for rows in (slice(0, 3), slice(3, None))
    ]
    for metric in (MeanAbsoluteError(), RootMeanSquaredError(), R2()):
        splits = np.concatenate([metric.sums(half) for half in halves])
        np.testing.assert_allclose(splits, metric.sums(outcome))


def test_equal_targets_have_no_variance() -> None:
    targets = np.full((3, 1), 0.1)
    outcome = Outcome(np.zeros(3), targets + 1, targets, targets, np.ones(3, bool))
    assert np.isnan(value(R2(), R2().sums(outcome)))


def test_which_way_is_up() -> None:
    assert R2.higher_is_better
    assert not MeanAbsoluteError.higher_is_better
    assert not RootMeanSquaredError.higher_is_better
