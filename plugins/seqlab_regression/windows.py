"""Values of a series: what each step of a window shows, and the targets after the window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab import Split, UserError

Values: TypeAlias = NDArray[np.float64]


def steps_of(values: Values, relative: bool) -> Values:
    """The model's input at each step of a series.

    Args:
        values: (N, 1 + F) the series and its features.
        relative: Whether the change since the previous value comes first.

    Returns:
        (N, 1 + F), or (N, 2 + F) with the changes.
    """
    if not relative:
        return values
    changes = np.diff(values[:, :1], axis=0, prepend=values[:1, :1])
    return np.concatenate([changes, values], 1)


def forecast_targets(
    values: Values, positions: NDArray[np.int64], horizon: int
) -> tuple[Values, Values]:
    """(E, horizon) the values from each position on, and (E, 1) the value before it."""
    targets = np.lib.stride_tricks.sliding_window_view(values, horizon)[positions]
    return targets, values[positions - 1, None]


def read_series(split: Split, names: Sequence[str]) -> Values:
    """Read columns of numbers as (N, F).

    Raises:
        UserError: A column does not exist, or a value is not a finite number.
    """
    columns = []
    for name in names:
        if name not in split.column_names:
            raise UserError(
                f"no column '{name}' in {split.origin}",
                location="task.features",
                remedy="columns: " + ", ".join(split.column_names),
            )
        values = list(split.column(name))
        for row, value in enumerate(values):
            if not isinstance(value, int | float) or not np.isfinite(value):
                raise UserError(
                    f"row {split.number(row)} holds {value!r}, not a number",
                    location=split.location(name),
                    remedy="fill in the value, or name another column with "
                    "-o data.columns.target=NAME",
                )
        columns.append(np.array(values, np.float64))
    return np.stack(columns, 1)


def rows_before(split: Split, names: Sequence[str], count: int) -> Values:
    """The last `count` rows before the split, or fewer if there are not that many."""
    chunks: list[Values] = [np.zeros((0, len(names)))]
    while split.before is not None and count > 0:
        split = split.before
        rows = np.arange(max(0, len(split) - count), len(split))
        chunks.insert(0, read_series(split.select(rows), names))
        count -= len(rows)
    return np.concatenate(chunks)
