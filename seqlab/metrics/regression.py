"""Metrics of predicted values, as sums over examples; in the user's units, whatever the model's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqlab.metrics.metrics import Metric, Outcome, Sums, ratio


class MeanAbsoluteError(Metric):
    """The average distance between prediction and target.

    Args:
        units: What one unit of the model is in the user's units: (O,), one for all, or 1.
    """

    name = "mae"
    higher_is_better = False

    def __init__(self, units: Sequence[float] | NDArray[np.float64] = (1.0,)) -> None:
        self.units = np.asarray(units, np.float64)

    def sums(self, outcome: Outcome) -> Sums:
        """Distances, averaged over what one target holds, and number of targets."""
        return _sums(outcome, np.abs(_distance(outcome) * self.units))

    def value(self, total: Sums) -> Sums:
        """Distance a target."""
        return ratio(total[..., 0], total[..., 1])


class RootMeanSquaredError(Metric):
    """The root of the average squared distance between prediction and target.

    Args:
        units: As in `MeanAbsoluteError`.
    """

    name = "rmse"
    higher_is_better = False

    def __init__(self, units: Sequence[float] | NDArray[np.float64] = (1.0,)) -> None:
        self.units = np.asarray(units, np.float64)

    def sums(self, outcome: Outcome) -> Sums:
        """Squared distances, averaged over what one target holds, and number of targets."""
        return _sums(outcome, (_distance(outcome) * self.units) ** 2)

    def value(self, total: Sums) -> Sums:
        """The root."""
        return np.sqrt(ratio(total[..., 0], total[..., 1]))


class R2(Metric):
    """The share of the targets' variance that is explained; the average over what a target holds.

    1 is perfect, 0 is as good as the targets' own mean; undefined where all targets are equal.
    """

    name = "r2"

    def sums(self, outcome: Outcome) -> Sums:
        """(B, 4 O) of each number: targets, their squares, squared distances, count."""
        targets = outcome.targets.astype(np.float64)  # (B, …, O)
        if outcome.target_offset is not None:
            targets = targets + outcome.target_offset
        parts = (targets, targets**2, _distance(outcome) ** 2, np.ones_like(targets))
        return np.concatenate([_by_column(outcome, part) for part in parts], 1)

    def value(self, total: Sums) -> Sums:
        """1 − unexplained / variance."""
        sums, squares, unexplained, count = np.split(total, 4, axis=-1)  # (…, O) each
        varied = squares - sums**2 / np.maximum(count, 1.0)
        # what rounding leaves of equal targets is no variance
        varied = np.where(varied > 1e-12 * squares, varied, 0.0)
        return 1.0 - ratio(unexplained, varied).mean(-1)  # type: ignore[no-any-return]


def _distance(outcome: Outcome) -> NDArray[np.float64]:
    found: NDArray[np.float64] = outcome.predictions.astype(np.float64) - outcome.targets
    return found


def _sums(outcome: Outcome, values: NDArray[np.float64]) -> Sums:
    rows = values.mean(-1)  # (B, T) or (B,)
    return np.stack([outcome.by_example(rows), outcome.by_example(np.ones_like(rows))], 1)


def _by_column(outcome: Outcome, values: NDArray[np.float64]) -> Sums:
    """(B, O) sums of (B, T, O) or (B, O) values over each example's real targets."""
    columns = range(values.shape[-1])
    return np.stack([outcome.by_example(values[..., column]) for column in columns], 1)
