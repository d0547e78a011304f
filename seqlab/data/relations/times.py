"""Times as cells of a table hold them: dates, months, times of day, and numbers of steps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import numpy as np

from seqlab.data.missing import is_blank
from seqlab.data.relations.time_layouts import (
    CLOCK,
    DAY_FIRST,
    LAYOUTS,
    MONTH_FIRST,
    YEAR_FIRST,
    microseconds_of,
)
from seqlab.errors import UserError
from seqlab.types import Array, Booleans, Integers

_LONGEST = 48
"""No time has so many characters."""

Cells: TypeAlias = Sequence[object]


@dataclass(frozen=True)
class Times:
    """The times of rows.

    Args:
        keys: (N,) microseconds since 1970, UTC where there is a time zone; or numbers.
        layout: How they are written: the name of a layout, "object" for values of Python or
            "number".
        readable: (N,) mask of the rows with a time.
    """

    keys: Array
    layout: str
    readable: Booleans

    @property
    def calendar(self) -> bool:
        """Whether they are dates, unlike numbers that count steps."""
        return self.layout not in ("number", CLOCK)


class AmbiguousDatesError(UserError):
    """Dates that can be read with the day or with the month first."""


def read_times(cells: Cells, *, day_first: bool | None = None, location: str = "") -> Times:
    """Read the cells of one column as times.

    Args:
        cells: Text, numbers, dates or None.
        day_first: Whether 03/04/2005 is 3 April; None: what all rows fit.
        location: Where they come from, for messages.

    Raises:
        AmbiguousDatesError: Both readings of such dates fit all rows.
    """
    present = [cell for cell in cells if not is_blank(cell)]
    if present and all(isinstance(cell, date | np.datetime64) for cell in present):
        return _of([_of_object(cell) for cell in cells], "object")
    texts = [None if is_blank(cell) else " ".join(str(cell).split()) for cell in cells]
    layout = _layout_of([text for text in texts if text is not None])
    if layout == "number":
        return _of([_number(text) for text in texts], layout)
    if layout != DAY_FIRST:
        return _of(_parsed(texts, layout), layout)
    readings = {name: _of(_parsed(texts, name), name) for name in (DAY_FIRST, MONTH_FIRST)}
    if day_first is None:
        day_first = _is_day_first(readings[DAY_FIRST], readings[MONTH_FIRST], location)
    return readings[DAY_FIRST if day_first else MONTH_FIRST]


def looks_like_times(cells: Cells, share: float = 1.0) -> str:
    """The layout in which these cells are written, "" if there is none.

    Args:
        cells: Text, numbers, dates or None.
        share: How many of those that are not missing must be readable.
    """
    present = [cell for cell in cells if not is_blank(cell)]
    if not present:
        return ""
    if all(isinstance(cell, date | np.datetime64) for cell in present):
        return "object"
    if not all(isinstance(cell, str | int | float) for cell in present):
        return ""
    if any(isinstance(cell, bool) or len(str(cell)[:_LONGEST]) == _LONGEST for cell in present):
        return ""
    texts = [" ".join(str(cell).split()) for cell in present]
    layout = _layout_of(texts)
    for name in (layout, MONTH_FIRST) if layout == DAY_FIRST else (layout,):
        values = list(map(_number, texts)) if name == "number" else _parsed(texts, name)
        if _count(values) >= share * len(values):
            return name
    return ""


def _of(values: Sequence[float | int | None], layout: str) -> Times:
    readable = np.array([value is not None for value in values], np.bool_)
    kind = np.float64 if layout == "number" else np.int64
    return Times(np.array([value or 0 for value in values], kind), layout, readable)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _layout_of(texts: Sequence[str]) -> str:
    """The layout in which most of the first texts can be read."""
    sample = texts[:100]
    counts = {name: _count(_parsed(sample, name)) for name in LAYOUTS}
    for name in ("digits", "digits of a month"):
        if counts[name] == len(sample):  # a few numbers of eight digits are numbers
            return name
        del counts[name]
    best = max(counts, key=lambda name: counts[name])
    numbers = _count([_number(text) for text in sample])
    return "number" if numbers >= counts[best] else best


def _count(values: Sequence[float | None]) -> int:
    return len(values) - list(values).count(None)


def _parsed(texts: Sequence[str | None], layout: str) -> list[int | None]:
    if layout == YEAR_FIRST and (moments := _iso(texts)) is not None:
        return moments
    pattern = LAYOUTS[layout]
    matches = [None if text is None else pattern.fullmatch(text) for text in texts]
    base = _base_year(matches) if "{2}" in pattern.pattern else 0
    return [
        None if match is None else microseconds_of(match.groupdict(), base) for match in matches
    ]


def _iso(texts: Sequence[str | None]) -> list[int | None] | None:
    """The times of texts that all are ISO 8601, fast; None if one is not."""
    if any(text is not None and text[4:5] != "-" for text in texts):
        return None
    try:
        return [None if t is None else _of_object(datetime.fromisoformat(t)) for t in texts]
    except ValueError:
        return None


def _base_year(matches: Sequence[re.Match[str] | None]) -> int:
    """The first of the years that are written with two digits; they begin after the widest gap."""
    years = {match["year"] for match in matches if match and "year" in match.groupdict()}
    short = sorted(int(year) for year in years if year is not None and len(year) == 2)
    if not short:
        return 0
    gaps = np.diff([*short, short[0] + 100])
    first = short[(int(np.argmax(gaps)) + 1) % len(short)]
    last = 2000 + first + max((year - first) % 100 for year in short)
    return first + (1900 if last > datetime.now(UTC).year + 10 else 2000)


def _of_object(cell: object) -> int | None:
    if is_blank(cell):
        return None
    if isinstance(cell, np.datetime64):
        return int(cell.astype("datetime64[us]").astype(np.int64))
    assert isinstance(cell, date)
    moment = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)


def _is_day_first(day_first: Times, month_first: Times, location: str) -> bool:
    """Which of two readings is meant: the one that all rows fit, or that has equal steps.

    Raises:
        AmbiguousDatesError: Both fit as well.
    """
    fits = [int(times.readable.sum()) for times in (day_first, month_first)]
    if fits[0] != fits[1]:
        return fits[0] > fits[1]
    if (day_first.keys == month_first.keys).all():
        return True
    uneven = [_unevenness(times.keys[times.readable]) for times in (day_first, month_first)]
    if max(uneven) > 3 * min(uneven):
        return uneven[0] < uneven[1]
    sorted_ = [_is_sorted(times.keys[times.readable]) for times in (day_first, month_first)]
    if sorted_[0] != sorted_[1]:
        return sorted_[0]
    raise AmbiguousDatesError(
        "the dates can be read with the day or with the month first",
        location=location,
        remedy="say which one with -o data.day_first=true or -o data.day_first=false",
    )


def _unevenness(keys: Integers) -> float:
    """How many times as long as the median the longest step between distinct times is."""
    steps = np.diff(np.unique(keys))
    return float(steps.max() / np.median(steps)) if len(steps) else 1.0


def month_numbers(keys: Integers) -> Integers:
    """(N,) months since January 1970."""
    return keys.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)


def _is_sorted(keys: Integers) -> bool:
    steps = np.diff(keys)
    return bool((steps >= 0).all() or (steps <= 0).all())
