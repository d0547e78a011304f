"""Rows as steps of series: sorted by time within their group, with their positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.data.checking.findings import Finding
from seqlab.data.checking.survey import Faulty
from seqlab.data.relations.names import PARTS, plain
from seqlab.data.relations.time_layouts import DAY
from seqlab.data.relations.times import Times, month_numbers, read_times
from seqlab.data.split import SERIES_LENGTH, Split
from seqlab.errors import UserError, listed_numbers
from seqlab.types import Array, Booleans, Integers

MAX_REPEATED = 0.01
"""Share of rows with the time of another row from which on they are taken for several series."""

IN_FILE_ORDER = "take the rows in the order of the file with -o data.columns.time=none"


@dataclass(frozen=True)
class Step:
    """The usual step from one time to the next: a number of months, or a difference of keys."""

    months: int = 0
    keys: float = 0

    def after(self, key: float, count: int) -> float:
        """The time that is `count` steps later."""
        if not self.months:
            return key + count * self.keys
        moment = np.int64(key).astype("datetime64[us]")
        month = moment.astype("datetime64[M]")
        within = moment - month
        later = month + np.timedelta64(count * self.months, "M")
        last = month + np.timedelta64(1, "M")
        if last - moment.astype("datetime64[D]") == np.timedelta64(1, "D"):  # the end of a month
            end = (later + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
            within = moment - moment.astype("datetime64[D]")
            return float((end.astype("datetime64[us]") + within).astype(np.int64))
        return float((later.astype("datetime64[us]") + within).astype(np.int64))


def series_names(split: Split, columns: Sequence[str]) -> list[str]:
    """The name of the group of each row."""
    if not columns:
        return [""] * len(split)
    values = [map(str, split.column(name)) for name in columns]
    return [" ".join(parts) for parts in zip(*values, strict=True)]


def read_time(split: Split, columns: Sequence[str], day_first: bool | None) -> Times:
    """The time of each row, from one column or several.

    Several are a date and a time of day, or the parts of a date, such as year and week.

    Raises:
        UserError: The dates are ambiguous.
    """
    cells = {name: list(split.column(name)) for name in columns}
    location = split.location(" and ".join(columns))
    names = {plain(name) for name in columns}
    if len(columns) > 1 and names <= set(PARTS):
        ordered = sorted(columns, key=lambda name: PARTS.index(plain(name)))
        parts = [_whole(cells[name]) for name in ordered]
        texts: list[object] = [_joined(row, ordered) for row in zip(*parts, strict=True)]
        return read_times(texts, location=location)
    times = [read_times(cells[name], day_first=day_first, location=location) for name in columns]
    first = next((each for each in times if each.calendar), times[0])
    keys = first.keys
    for each in times:
        if each is not first:  # the time of a day: text, or a number of hours
            hours = each.layout == "number" and first.calendar
            keys = keys + ((each.keys * (DAY // 24)).astype(np.int64) if hours else each.keys)
    readable = np.logical_and.reduce([each.readable for each in times])
    return Times(keys, first.layout, readable)


def _whole(cells: Sequence[object]) -> list[int | None]:
    times = read_times(cells)
    ok = times.readable if times.layout == "number" else np.zeros(len(cells), np.bool_)
    return [int(key) if fine else None for key, fine in zip(times.keys, ok, strict=True)]


def _joined(parts: Sequence[int | None], columns: Sequence[str]) -> str | None:
    if None in parts:
        return None
    values = {plain(name): part for name, part in zip(columns, parts, strict=True)}
    clock = f" {values['hour']:02}:00" if "hour" in values else ""
    for part in ("quarter", "week"):
        if part in values:
            return f"{values.get('year', 1970):04}-{part[0].upper()}{values[part]}{clock}"
    year, month, day = values.get("year", 1970), values.get("month", 1), values.get("day", 1)
    return f"{year:04}-{month:02}-{day:02}{clock}"


def repeated(keys: Array, series: Integers) -> Integers:
    """The rows whose series has an earlier row with the same time."""
    order = np.lexsort((keys, series))
    same = (np.diff(keys[order]) == 0) & (np.diff(series[order]) == 0)
    return np.sort(order[1:][same])


def number_series(names: Sequence[str]) -> Integers:
    """(N,) the number of the series of each row, in the alphabetical order of their names."""
    numbers = {name: number for number, name in enumerate(sorted(set(names)))}
    return np.fromiter(map(numbers.__getitem__, names), np.int64, len(names))


def arrange(split: Split, keys: Array | None, series: Integers) -> Split:
    """The rows sorted by series and time, as steps of these series.

    Args:
        split: The rows.
        keys: (N,) their times; None for the order of the file.
        series: (N,) the number of their series.
    """
    order = np.argsort(series, kind="stable") if keys is None else np.lexsort((keys, series))
    if not series.any() and (np.diff(order) == 1).all():
        return split
    starts = np.flatnonzero(np.diff(series[order], prepend=-1))
    counts = np.diff([*starts, len(order)])
    positions = np.arange(len(order)) - np.repeat(starts, counts)
    return split.in_series(order, series[order] * SERIES_LENGTH + positions)


def without_time(split: Split, readable: Booleans, column: str, faulty: Faulty) -> Finding | None:
    """A finding on rows whose time cannot be read, unless there are none."""
    rows = np.flatnonzero(~readable)
    if not len(rows):
        return None
    value = split[int(rows[0])].get(column)
    is_dropped = faulty == "drop"
    return Finding.of_rows(
        split,
        "no time",
        "dropped" if is_dropped else "refused",
        "hold{s} no time that can be read",
        rows,
        remedy="fill in the times"
        + (
            ""
            if is_dropped
            else f"; leave these rows out with -o data.faulty=drop; or {IN_FILE_ORDER}"
        ),
        column=column,
        value="" if value is None else value,
    )


def usual_step(times: Times, keys: Array, starts: Booleans) -> tuple[Step | None, Integers]:
    """The usual step between the sorted times of series, and the rows that follow another step.

    Args:
        times: Tells dates from numbers.
        keys: (N,) the sorted times.
        starts: (N,) mask of the first row of each series.
    """
    rows = np.flatnonzero(~starts)
    steps = (keys[1:] - keys[:-1])[rows - 1] if len(rows) else keys[:0]
    if not len(steps):
        return None, rows
    values, counts = np.unique(steps, return_counts=True)
    usual = Step(keys=float(values[counts.argmax()]))
    irregular = rows[steps != values[counts.argmax()]]
    if times.calendar and len(irregular):
        numbers = month_numbers(keys)
        months = (numbers[1:] - numbers[:-1])[rows - 1]
        is_even = (_from_month(keys) == _from_month(keys)[0]) | _at_month_end(keys)
        values, counts = np.unique(months, return_counts=True)
        uneven = rows[(months != values[counts.argmax()]) | ~is_even[rows]]
        if values[counts.argmax()] > 0 and len(uneven) < len(irregular):
            return Step(months=int(values[counts.argmax()])), uneven
    return (usual if usual.keys > 0 else None), irregular


def _from_month(keys: Integers) -> Integers:
    moments = keys.astype("datetime64[us]")
    return np.asarray((moments - moments.astype("datetime64[M]")).astype(np.int64))


def _at_month_end(keys: Integers) -> Booleans:
    days = keys.astype("datetime64[us]").astype("datetime64[D]")
    following = (days + np.timedelta64(1, "D")).astype("datetime64[M]")
    return np.asarray(following != days.astype("datetime64[M]"))


def unequal_steps(split: Split, times: Times, keys: Array, column: str) -> Finding | None:
    """A finding on rows that follow the one before by another step than the others."""
    series = split.positions // SERIES_LENGTH
    starts = np.diff(series, prepend=-1) != 0
    step, rows = usual_step(times, keys, starts)
    if not len(rows) or step is None or len(rows) == int((~starts).sum()):
        return None
    return Finding.of_rows(
        split,
        "unequal steps",
        "kept",
        f"follow{{s}} the row before by another step than the usual {_shown(step, times)}",
        rows,
        remedy="add the missing rows, unless windows may reach across: they count rows, not time",
        column=column,
        value=split[int(rows[0])].get(column),
    )


def _shown(step: Step, times: Times) -> str:
    if step.months:
        return f"{step.months} month" + "s" * (step.months > 1)
    if not times.calendar:
        return f"{step.keys:g}"
    for unit, size in (("day", DAY), ("hour", DAY // 24), ("minute", DAY // 1440)):
        if step.keys % size == 0:
            count = int(step.keys // size)
            return f"{count} {unit}" + "s" * (count > 1)
    return f"{step.keys / 1e6:g} seconds"


def several_series(split: Split, rows: Integers, column: str, candidate: str) -> UserError:
    """The error for rows with equal times and no column that tells their series apart."""
    first = listed_numbers([split.number(int(row)) for row in rows[:5]], len(rows))
    choose = (
        f"name the column that tells the series apart: -o data.columns.group={candidate}"
        if candidate
        else "keep one row for each time"
    )
    return UserError(
        f"{len(rows):,} rows have the time of an earlier row: rows {first}",
        location=split.location(column),
        remedy=f"{choose}; or {IN_FILE_ORDER}",
    )
