"""Metrics of predicted values as sums per example, in the units of the user."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqlab.metrics.metric import Metric, Outcome, Sums, ratio
from seqlab.types import Floats


class MeanAbsoluteError(Metric):
    """The mean absolute difference between prediction and target.

    Args:
        units: One unit of the model in the units of the user: (O,) values, or one for all outputs.
    """

    name = "mae"
    higher_is_better = False

    def __init__(self, units: Sequence[float] | Floats = (1.0,)) -> None:
        self.units = np.asarray(units, np.float64)

    def sums(self, outcome: Outcome) -> Sums:
        """Absolute errors, averaged over the values of a target, and number of targets."""
        return _sums(outcome, np.abs(_errors(outcome) * self.units))

    def value(self, total: Sums) -> Sums:
        """Absolute error per target."""
        return ratio(total[..., 0], total[..., 1])


class RootMeanSquaredError(Metric):
    """The square root of the mean squared difference between prediction and target.

    Args:
        units: As in `MeanAbsoluteError`.
    """

    name = "rmse"
    higher_is_better = False

    def __init__(self, units: Sequence[float] | Floats = (1.0,)) -> None:
        self.units = np.asarray(units, np.float64)

    def sums(self, outcome: Outcome) -> Sums:
        """Squared errors, averaged over the values of a target, and number of targets."""
        return _sums(outcome, (_errors(outcome) * self.units) ** 2)

    def value(self, total: Sums) -> Sums:
        """The square root of the squared error per target."""
        return np.sqrt(ratio(total[..., 0], total[..., 1]))


class R2(Metric):
    """The proportion of the targets' variance that is explained, averaged over output columns.

    1 is perfect, 0 is as good as the mean of the targets; undefined where all targets are equal.
    """

    name = "r2"

    def sums(self, outcome: Outcome) -> Sums:
        """(B, 4 O): per output column, sums of targets, targets², errors² and ones."""
        targets = outcome.targets.astype(np.float64)  # (B, …, O)
        if outcome.target_offset is not None:
            targets = targets + outcome.target_offset
        terms = (targets, targets**2, _errors(outcome) ** 2, np.ones_like(targets))
        return np.concatenate([_sums_by_column(outcome, term) for term in terms], 1)

    def value(self, total: Sums) -> Sums:
        """1 − unexplained / variance."""
        sums, squares, unexplained, count = np.split(total, 4, axis=-1)  # (…, O) each
        variance = squares - sums**2 / np.maximum(count, 1.0)
        # equal targets have a variance of 0, but for rounding errors
        variance = np.where(variance > 1e-12 * squares, variance, 0.0)
        score: Sums = 1.0 - ratio(unexplained, variance).mean(-1)
        return score


def _errors(outcome: Outcome) -> Floats:
    errors: Floats = outcome.predictions.astype(np.float64) - outcome.targets
    return errors


def _sums(outcome: Outcome, values: Floats) -> Sums:
    means = values.mean(-1)  # (B, T) or (B,)
    return np.stack([outcome.by_example(means), outcome.by_example(np.ones_like(means))], 1)


def _sums_by_column(outcome: Outcome, values: Floats) -> Sums:
    """(B, O) sums of (B, T, O) or (B, O) values over the real targets of each example."""
    columns = range(values.shape[-1])
    return np.stack([outcome.by_example(values[..., column]) for column in columns], 1)
