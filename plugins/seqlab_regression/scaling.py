"""Scaled errors of forecasts: of several series, each by a naive forecast of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqlab import MeanAbsoluteScaledError, Outcome, Split
from seqlab_regression.windows import (
    Integers,
    Stretch,
    Values,
    read_stretches,
    splits_before,
)

SCALE = "scale"
"""Name of the metadata: the naive error of a series, relative to that of all series together."""


class SeriesScaledError(MeanAbsoluteScaledError):
    """The mean absolute scaled error of several series, each scaled by its own naive error.

    Windows of a series whose naive error is 0 or not known are left out.
    """

    def sums(self, outcome: Outcome) -> Values:
        """Scaled absolute errors, and the number of windows."""
        sums = np.asarray(super().sums(outcome), np.float64)
        scale = np.asarray(outcome.metadata[SCALE], np.float64)
        known = scale > 0
        sums[:, 0] /= np.where(known, scale, 1.0)
        return np.where(known[:, None], sums, 0.0)


def naive_error(stretches: Sequence[Stretch], season: int) -> float | None:
    """The mean absolute difference between values that are `season` rows apart."""
    series = [stretch.values[:, 0] for stretch in stretches]
    changes = [np.abs(values[season:] - values[:-season]) for values in series]
    joined = np.concatenate(changes) if changes else np.zeros(0)
    error = float(joined.mean()) if len(joined) else 0.0
    return error if error > 0 else None


def relative_scales(
    split: Split, names: Sequence[str], rows: Integers, season: int, whole: float
) -> Values:
    """The naive error of the series of some rows, relative to that of all series together.

    It is that of the rows of the series in the first of the splits before, which is the training
    split; of a split of several series without others before it, that of its own rows.

    Args:
        split: The split.
        names: The column of the values.
        rows: (S,) rows of the split.
        season: Rows after which a series repeats itself.
        whole: The naive error of all series together in the training split.

    Returns:
        (S,) the errors; 0 where a series never changes, or has no such rows.
    """
    earlier = splits_before(split)
    if not earlier and len(np.unique(split.series)) < 2:
        return np.ones(len(rows))
    first = earlier[0][0] if earlier else split
    stretches: dict[int, list[Stretch]] = {}
    numbers = first.series
    for stretch in read_stretches(first.after(None), names, 0):
        stretches.setdefault(int(numbers[stretch.first]), []).append(stretch)
    errors = {number: naive_error(own, season) or 0.0 for number, own in stretches.items()}
    return np.array([errors.get(int(number), 0.0) for number in split.series[rows]]) / whole
