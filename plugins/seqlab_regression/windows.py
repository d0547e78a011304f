"""Values of a series: what each step of a window shows, and the targets after the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab import Split, UserError

Values: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Stretch:
    """Rows of a split that follow each other in one series, without a gap.

    Args:
        first: The row of the split with which they begin.
        values: (N, 1 + F) their values.
        before: (M, 1 + F) the values that directly precede them, in the splits before.
    """

    first: int
    values: Values
    before: Values

    @property
    def all(self) -> Values:
        """(M + N, 1 + F) the values with those before them."""
        return np.concatenate([self.before, self.values])


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


def forecast_targets(values: Values, positions: Integers, horizon: int) -> tuple[Values, Values]:
    """(E, horizon) the values from each position on, and (E, 1) the value before it."""
    if not len(positions):
        return np.zeros((0, horizon)), np.zeros((0, 1))
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
                remedy=f"columns: {', '.join(split.column_names[:10])}"
                + " …" * (len(split.column_names) > 10),
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


def read_stretches(split: Split, names: Sequence[str], count: int) -> list[Stretch]:
    """Read the stretches of a split, each with at most `count` rows before it."""
    values = read_series(split, names)
    starts = stretch_starts(split.positions)
    before = _rows_before(split, names, split.positions[starts], count)
    return [
        Stretch(int(start), chunk, context)
        for start, chunk, context in zip(starts, np.split(values, starts[1:]), before, strict=True)
    ]


def stretch_starts(positions: Integers) -> Integers:
    """(S,) the first row of each stretch of rows whose positions follow each other."""
    is_first = np.diff(positions, prepend=positions[:1] - 2) != 1
    return np.flatnonzero(is_first)


def _rows_before(split: Split, names: Sequence[str], firsts: Integers, count: int) -> list[Values]:
    """For each position, the values of at most `count` rows that directly precede it.

    They are rows of the splits before this one.
    """
    earlier = splits_before(split)
    if not earlier or not count:
        return [np.zeros((0, len(names))) for _ in firsts]
    positions = np.concatenate([numbers for _, numbers in earlier])  # (P,)
    order = np.argsort(positions, kind="stable")
    wanted = firsts[:, None] + np.arange(-count, 0)  # (S, count)
    nearest = np.searchsorted(positions, wanted, sorter=order).clip(max=len(positions) - 1)
    rows = order[nearest]  # (S, count) in the concatenated splits
    # rows count only as far back as there is no gap
    follows = np.cumprod((positions[rows] == wanted)[:, ::-1], axis=1)[:, ::-1].astype(bool)
    needed = np.unique(rows[follows])
    values = _read_rows([other for other, _ in earlier], names, needed)
    return [
        values[np.searchsorted(needed, chosen[mask])]
        for chosen, mask in zip(rows, follows, strict=True)
    ]


def splits_before(split: Split) -> list[tuple[Split, Integers]]:
    """The splits before this one, the first one first, and the positions of their rows."""
    earlier: list[tuple[Split, Integers]] = []
    while split.before is not None:
        split = split.before
        earlier.insert(0, (split, split.positions))
    return earlier


def _read_rows(splits: Sequence[Split], names: Sequence[str], rows: Integers) -> Values:
    """(N, F) the values of rows of the concatenated splits, in ascending order."""
    chunks: list[Values] = [np.zeros((0, len(names)))]
    offset = 0
    for split in splits:
        own = rows[(rows >= offset) & (rows < offset + len(split))] - offset
        if len(own):
            chunks.append(read_series(split.select(own), names))
        offset += len(split)
    return np.concatenate(chunks)
