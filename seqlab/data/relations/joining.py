"""Splits of several files as parts of the same series, where their times go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from seqlab.data.reading.naming import ordered
from seqlab.data.split import SERIES_LENGTH, Split
from seqlab.types import Array


@dataclass
class _End:
    """The end of a series in the splits so far.

    Args:
        key: The last time.
        position: The position of the last row, from 0 on.
        step: The longest step between two rows.
    """

    key: float
    position: int
    step: float


@dataclass(frozen=True)
class Joined:
    """Splits whose positions count through all of them.

    Args:
        have_times: Whether there are times that say where a series goes on.
        splits: The splits. Where a series goes on, its next row has the next position; else a
            position is left out, so that no window reaches from one split into the other.
        going_on: Split → how many of its series go on where an earlier split ends.
        series: Split → how many of its series an earlier split has, too.
    """

    have_times: bool
    splits: dict[str, Split] = field(default_factory=dict)
    going_on: dict[str, int] = field(default_factory=dict)
    series: dict[str, int] = field(default_factory=dict)


def join_splits(
    splits: Mapping[str, Split],
    names: Mapping[str, Sequence[str]],
    times: Mapping[str, Array] | None,
) -> Joined:
    """Number the rows of series through all splits.

    A series goes on in a later split if the time between them is not longer than the longest step
    within one of them.

    Args:
        splits: The splits, sorted by series and time.
        names: Split → (N,) the name of the series of each row.
        times: Split → (N,) the time of each row; None if they have none that can be compared.
    """
    known = np.unique(np.concatenate([np.asarray(each, object) for each in names.values()]))
    ends: dict[int, _End] = {}
    joined = Joined(times is not None)
    for split in ordered(splits):
        numbers = np.searchsorted(known, np.asarray(names[split], object)).astype(np.int64)
        positions = np.arange(len(numbers), dtype=np.int64)
        starts = np.flatnonzero(np.diff(numbers, prepend=-1))
        joined.going_on[split] = joined.series[split] = 0
        for start, stop in zip(starts, [*starts[1:], len(numbers)], strict=True):
            number = int(numbers[start])
            keys = np.zeros(stop - start) if times is None else times[split][start:stop]
            goes_on = times is not None and _goes_on(ends.get(number), keys)
            joined.series[split] += number in ends
            joined.going_on[split] += goes_on
            first = ends[number].position + (1 if goes_on else 2) if number in ends else 0
            positions[start:stop] += first - start
            ends[number] = _extended(ends.get(number), keys, first)
        joined.splits[split] = splits[split].in_series(
            np.arange(len(numbers)), numbers * SERIES_LENGTH + positions
        )
    return joined


def _goes_on(end: _End | None, keys: Array) -> bool:
    return end is not None and 0 < keys[0] - end.key <= max(end.step, _longest(keys))


def _extended(end: _End | None, keys: Array, first: int) -> _End:
    step = max(_longest(keys), 0 if end is None else end.step)
    return _End(float(keys[-1]), first + len(keys) - 1, step)


def _longest(keys: Array) -> float:
    return float(np.diff(keys).max()) if len(keys) > 1 else 0.0


def described(joined: Joined, name: str) -> str:
    """Whether the windows of a split begin in the split before it."""
    series, going_on = joined.series[name], joined.going_on[name]
    if not series:
        return ""
    if going_on == series:
        return "goes on where the rows before end: its first windows begin there"
    if not joined.have_times:
        return (
            "its first windows begin within it, for no column of time says that it goes on where "
            "the rows before end"
        )
    which = "its rows" if series == 1 else f"{series - going_on:,} of {series:,} series"
    return f"{which} do not go on where the rows before end: the first windows begin within it"
