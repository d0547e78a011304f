"""The rows of series in the order of their times, and the columns that tell series apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seqlab.config.data_settings import DataSettings
from seqlab.data.checking.findings import Finding, refuse
from seqlab.data.decisions import Decision
from seqlab.data.relations.columns import (
    GROUP,
    TIME,
    find_time,
    named_groups,
    possible_groups,
    sure_group,
    unreadable_time,
)
from seqlab.data.relations.joining import described, join_splits
from seqlab.data.relations.ordering import (
    MAX_REPEATED,
    arrange,
    number_series,
    read_time,
    repeated,
    series_names,
    several_series,
    unequal_steps,
    without_time,
)
from seqlab.data.relations.times import Times
from seqlab.data.split import SERIES_LENGTH, Split
from seqlab.prepare.related import Related, quoted
from seqlab.types import Array, Integers


def order_rows(related: Related, settings: DataSettings) -> None:
    """Sort the rows of every split by series and time.

    Args:
        related: The splits, which are replaced.
        settings: The choices of the user.

    Raises:
        UserError: The times or the series cannot be told.
    """
    used = {*related.columns.values(), *related.relations.columns}
    first = next(iter(related.splits.values()))
    if TIME not in related.relations.chosen:
        related.relations = replace(related.relations, time=find_time(first, used))
        if not related.relations.time and (name := unreadable_time(first, used)) is not None:
            choice = "not obeyed as the time: its values cannot be read as times"
            related.decisions.append(Decision(f"column '{name}'", choice, "data.columns.time"))
    if related.is_series and GROUP not in related.relations.chosen:
        used |= {*related.relations.time}
        related.relations = replace(related.relations, group=sure_group(first, used))
    moved = 0
    for name, split in related.splits.items():
        ordered = _order_split(related, split, settings)
        moved += not np.array_equal(ordered.rows, split.rows)
        related.splits[name] = ordered
    refuse(related.findings)
    _tell_order(related, moved=moved > 0)
    if related.is_series and len(related.splits) > 1:
        _join(related, settings)
    if group := related.relations.group:
        numbers = [np.unique(s.positions // SERIES_LENGTH) for s in related.splits.values()]
        series = len(np.unique(np.concatenate(numbers)))
        choice = f"{quoted(group)}: {series:,} series"
        related.decisions.append(Decision(GROUP, choice, "data.columns.group"))


def _tell_order(related: Related, *, moved: bool) -> None:
    column = " and ".join(related.relations.time)
    if column:
        within = f" within each '{' and '.join(related.relations.group)}'"
        choice = f"rows are sorted by '{column}'" if moved else f"by '{column}', as in the file"
        choice += within if related.relations.group else ""
    else:
        choice = "rows in the order of the file"
    related.decisions.append(Decision("order", choice, "data.columns.time", notable=moved))


def _join(related: Related, settings: DataSettings) -> None:
    """Let the rows of each split follow those of the split before it, where the times say so."""
    time, group = related.relations.time, related.relations.group
    read = {n: read_time(s, time, settings.day_first) for n, s in related.splits.items() if time}
    is_comparable = len({times.calendar for times in read.values()}) == 1
    joined = join_splits(
        related.splits,
        {name: series_names(split, group) for name, split in related.splits.items()},
        {name: times.keys for name, times in read.items()} if is_comparable else None,
    )
    related.splits = joined.splits
    for name in related.splits:
        if choice := described(joined, name):
            goes_on = joined.going_on[name] == joined.series[name]
            related.decisions.append(
                Decision(name, choice, "data.columns.time", notable=not goes_on)
            )


def _order_split(related: Related, split: Split, settings: DataSettings) -> Split:
    """The rows of a split in the order of their series and times."""
    relations = related.relations
    if not relations.time:
        group = relations.group
        return arrange(split, None, number_series(series_names(split, group)))
    column = relations.time[0]
    times = read_time(split, relations.time, settings.day_first)
    finding = without_time(split, times.readable, column, settings.faulty)
    if finding is not None:
        if TIME not in relations.chosen and not times.readable.mean() > 0.5:
            related.relations = replace(relations, time=())
            choice = f"not obeyed as the time: {finding.cause}"
            related.decisions.append(Decision(f"column '{column}'", choice, "data.columns.time"))
            return _order_split(related, split, settings)
        related.findings.append(finding)
        keep = np.flatnonzero(times.readable)
        split = split.select(keep)
        times = Times(times.keys[keep], times.layout, times.readable[keep])
    if not related.is_series:
        return arrange(split, times.keys, np.zeros(len(split), np.int64))
    series = _series(related, split, times)
    if not related.relations.time:
        return _order_split(related, split, settings)
    arranged = arrange(split, times.keys, series)
    keys = times.keys[np.lexsort((times.keys, series))]
    if (unequal := unequal_steps(arranged, times, keys, column)) is not None:
        related.findings.append(unequal)
    return arranged


def _series(related: Related, split: Split, times: Times) -> Integers:
    """(N,) the number of the series of each row; a group is found where times are repeated.

    Raises:
        UserError: Times are repeated, and it is not clear which rows are one series.
    """
    relations = related.relations
    series = number_series(series_names(split, relations.group))
    rows = repeated(times.keys, series)
    if not len(rows):
        return series
    if GROUP in relations.chosen:
        return _tolerated(related, split, series, rows, None)
    used = {*related.columns.values(), *relations.time, relations.split}
    names = _distinguishing(split, times.keys, [relations.group, *named_groups(split, used)])
    if names is not None:
        related.relations = replace(relations, group=names)
        series = number_series(series_names(split, names))
        rows = repeated(times.keys, series)
        return _tolerated(related, split, series, rows, None) if len(rows) else series
    if times.layout == "number" and TIME not in relations.chosen:
        related.relations = replace(relations, time=())  # such as the month of each row
        choice = "not obeyed as the time: its values are repeated"
        related.decisions.append(Decision(quoted(relations.time), choice, "data.columns.time"))
        return series
    candidate = _distinguishing(split, times.keys, possible_groups(split, used))
    return _tolerated(related, split, series, rows, candidate)


def _distinguishing(
    split: Split, keys: Array, candidates: Sequence[tuple[str, ...]]
) -> tuple[str, ...] | None:
    """The first columns that tell series apart, so that hardly any time is repeated.

    A column that differs in nearly every row, such as the id of the row, names no series.
    """
    numbers: dict[str, Integers] = {}
    for names in filter(None, candidates):
        series = np.zeros(len(split), np.int64)
        for name in names:
            if name not in numbers:
                numbers[name] = number_series(series_names(split, [name]))
            series = series * (int(numbers[name].max(initial=0)) + 1) + numbers[name]
        if len(np.unique(series)) > len(split) // 2:
            continue
        if len(repeated(keys, series)) <= MAX_REPEATED * len(split):
            return names
    return None


def _tolerated(
    related: Related,
    split: Split,
    series: Integers,
    rows: Integers,
    candidate: tuple[str, ...] | None,
) -> Integers:
    """The series, with a finding if a few rows have the time of another row.

    Raises:
        UserError: They are many.
    """
    column = related.relations.time[0]
    if candidate is not None or len(rows) > MAX_REPEATED * len(split):
        raise several_series(split, rows, column, "+".join(candidate or ()))
    related.findings.append(
        Finding.of_rows(
            split,
            "repeated time",
            "kept",
            "{are} of the same time as an earlier row",
            rows,
            remedy="keep one row for each time; such rows stay in the order of the file",
            column=column,
            value=split[int(rows[0])].get(column),
        )
    )
    return series
