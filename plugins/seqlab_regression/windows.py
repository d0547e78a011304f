"""The values of a series: what each step shows, and what lies ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab import Split, UserError

Values: TypeAlias = NDArray[np.float64]


def steps_of(values: Values, relative: bool) -> Values:
    """(N, 1 + F) values → what each step shows: the same, or first the change up to it."""
    if not relative:
        return values
    changes = np.diff(values[:, :1], axis=0, prepend=values[:1, :1])
    return np.concatenate([changes, values], 1)


def values_ahead(values: Values, at: NDArray[np.int64], horizon: int) -> tuple[Values, Values]:
    """(E, horizon) values from each place on, and (E, 1) the last one before it."""
    ahead = np.lib.stride_tricks.sliding_window_view(values, horizon)[at]
    return ahead, values[at - 1, None]


def read_series(split: Split, names: Sequence[str]) -> Values:
    """(N, F) the values of these columns.

    Raises:
        UserError: No such column, or a value that is no number.
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
                    location=f"{split.origin}, {split.name}, column '{name}'",
                    remedy="fill the gap, or name another column with -o data.columns.target=NAME",
                )
        columns.append(np.array(values, np.float64))
    return np.stack(columns, 1)


def rows_before(split: Split, names: Sequence[str], count: int) -> Values:
    """The last `count` rows before the part, as far as there are any."""
    found: list[Values] = [np.zeros((0, len(names)))]
    while split.before is not None and count > 0:
        split = split.before
        rows = np.arange(max(0, len(split) - count), len(split))
        found.insert(0, read_series(split.select(rows), names))
        count -= len(rows)
    return np.concatenate(found)
