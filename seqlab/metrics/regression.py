"""Metrics of predicted values as sums per example, in the units of the user."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqlab.metrics.metric import Metric, Outcome, Sums, ratio
from seqlab.types import Array, Floats


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


class PearsonCorrelation(Metric):
    """Pearson's r between predictions and targets, averaged over output columns.

    Undefined where all targets or all predictions are equal.
    """

    name = "pearson"

    def sums(self, outcome: Outcome) -> Sums:
        """(B, 6 O): per column, sums of ones, targets, predictions, their squares and product."""
        targets = _values(outcome, outcome.targets)
        predictions = _values(outcome, outcome.predictions)
        terms = (
            np.ones_like(targets),
            targets,
            predictions,
            targets**2,
            predictions**2,
            targets * predictions,
        )
        return np.concatenate([_sums_by_column(outcome, term) for term in terms], 1)

    def value(self, total: Sums) -> Sums:
        """The covariance divided by both standard deviations."""
        count, x, y, xx, yy, xy = np.split(total, 6, axis=-1)  # (…, O) each
        count = np.maximum(count, 1.0)
        x_variance, y_variance = xx / count - (x / count) ** 2, yy / count - (y / count) ** 2
        # equal values have a variance of 0, but for rounding errors
        varies = (x_variance > 1e-12 * xx / count) & (y_variance > 1e-12 * yy / count)
        scale = np.sqrt(np.where(varies, x_variance * y_variance, 0.0))
        r: Sums = np.clip(ratio(xy / count - x * y / count**2, scale), -1.0, 1.0).mean(-1)
        return r


class MeanAbsoluteScaledError(MeanAbsoluteError):
    """The mean absolute error, divided by that of a naive forecast in the training split.

    The naive forecast repeats the value of `season` rows before (Hyndman and Koehler 2006).

    Args:
        units: As in `MeanAbsoluteError`.
        scale: The mean absolute error of the naive forecast, in the units of the user.
    """

    name = "mase"

    def __init__(self, units: Sequence[float] | Floats, scale: float) -> None:
        super().__init__(np.asarray(units, np.float64) / scale)


class MeanAbsolutePercentageError(Metric):
    """The mean of 100 |prediction − target| / |target|; targets of 0 are left out.

    Args:
        units: As in `MeanAbsoluteError`.
        zero: The value, in the units of the user, that is 0 in the model's units.
    """

    name = "mape"
    higher_is_better = False

    def __init__(self, units: Sequence[float] | Floats = (1.0,), zero: float = 0.0) -> None:
        self.units, self.zero = np.asarray(units, np.float64), zero

    def sums(self, outcome: Outcome) -> Sums:
        """Percentages, and the number of values with one."""
        targets = self._in_units(outcome, outcome.targets)
        predictions = self._in_units(outcome, outcome.predictions)
        errors = np.abs(predictions - targets)
        whole = self._whole(targets, predictions)
        # values are standardized in 32 bits, so that 0 comes back as nearly 0
        counts = whole > 1e-6 * self.units
        percentages = np.divide(100 * errors, whole, out=np.zeros_like(errors), where=counts)
        columns = (percentages, counts.astype(np.float64))
        return np.stack([_sums_by_column(outcome, column).sum(1) for column in columns], 1)

    def value(self, total: Sums) -> Sums:
        """The mean percentage."""
        return ratio(total[..., 0], total[..., 1])

    def _whole(self, targets: Floats, predictions: Floats) -> Floats:
        """What an error of 100 % is."""
        del predictions
        return np.abs(targets)

    def _in_units(self, outcome: Outcome, values: Array) -> Floats:
        return _values(outcome, values) * self.units + self.zero


class SymmetricMeanAbsolutePercentageError(MeanAbsolutePercentageError):
    """The mean of 200 |prediction − target| / (|prediction| + |target|), from 0 to 200.

    Values of which both are 0 are left out.
    """

    name = "smape"

    def _whole(self, targets: Floats, predictions: Floats) -> Floats:
        return (np.abs(targets) + np.abs(predictions)) / 2


def _values(outcome: Outcome, values: Array) -> Floats:
    """(B, …, O) targets or predictions, with what they are relative to."""
    offset = outcome.target_offset
    absolute: Floats = values.astype(np.float64) + (0.0 if offset is None else offset)
    return absolute


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
