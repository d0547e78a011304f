"""The series of a table, whose next steps are predicted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from seqlab.data.checking.findings import Finding, refuse
from seqlab.data.checking.survey import survey, survey_numbers
from seqlab.data.columns.roles import as_read
from seqlab.data.decisions import Decision
from seqlab.data.encoding.numbers import read_numbers
from seqlab.data.reading.naming import ordered
from seqlab.data.reading.sources import find_data
from seqlab.data.relations.later_times import next_written
from seqlab.data.relations.names import HOUR_NAMES, plain
from seqlab.data.relations.ordering import Step, read_time, usual_step
from seqlab.data.relations.times import Times, read_times
from seqlab.data.split import SERIES_LENGTH, Split
from seqlab.errors import UserError
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import ResolvedData
from seqlab.prepare.data_options import read_options
from seqlab.prepare.encoded import FittedColumns
from seqlab.prepare.finished.other_data import relate_again
from seqlab.prepare.related import Related
from seqlab.prepare.relations import link
from seqlab.types import Integers, JsonObject, Options, Row

_NOT_INHERITED = ("source", "columns", "cache", "workers")


@dataclass(frozen=True)
class SeriesOfTable:
    """One series of a table.

    Args:
        rows: Its rows in their order.
        columns: The column of each role.
        group: The column of each group → the cell that names this series.
        clock: Gives the times after its end; None if they are not known.
    """

    rows: Split
    columns: dict[str, str]
    group: JsonObject
    clock: Clock | None

    def later(self, count: int) -> Iterator[JsonObject]:
        """The group and the time of each of the steps after the end."""
        for step in range(1, count + 1):
            yield {**self.group, **(self.clock.at(step) if self.clock else {"step": step})}


@dataclass(frozen=True)
class Clock:
    """The times after the end of a series.

    Args:
        cells: Column → the last cell of a column of time.
        layouts: Column → how its cells are written.
        end: The last time.
        step: The usual step.
    """

    cells: Row
    layouts: Mapping[str, str]
    end: float
    step: Step

    def at(self, count: int) -> JsonObject:
        """Column → the time some steps after the end, written like the cells before."""
        key = self.step.after(self.end, count)
        return {
            name: _part(name, key, {plain(each) for each in self.cells})
            if self.layouts[name] == "number" and len(self.cells) > 1
            else next_written(cell, key, self.layouts[name])
            for name, cell in self.cells.items()
        }


@dataclass(frozen=True)
class ForecastData:
    """What is predicted from a table.

    Args:
        series: The series, in the alphabetical order of their names.
        decisions: What was decided about the data.
        findings: Errors and unusual values in the rows.
    """

    series: list[SeriesOfTable]
    decisions: list[Decision]
    findings: list[Finding]


def forecast_data(
    resolved: ResolvedData,
    plugins: Plugins,
    saved: FittedColumns,
    data: object,
    options: Options | Iterable[str] = (),
) -> ForecastData | Split:
    """Read the series of a table as in training.

    Args:
        resolved: The configuration of the run, whose options of data count here, too.
        plugins: Provides the data sources.
        saved: The fitted task of the run, and its columns.
        data: A file, rows, or anything else that a run can be trained on.
        options: Options of the data, by full name or as strings `data.KEY=VALUE`.

    Returns:
        The series; or the rows if each of them already holds a series, as a list of values.

    Raises:
        UserError: The data cannot be read, or their rows cannot be used.
    """
    inherited = {k: v for k, v in vars(resolved.data).items() if k not in _NOT_INHERITED}
    options = options if isinstance(options, Mapping) else tuple(options)
    settings, source_options = read_options(data, options, plugins, inherited)
    opened = find_data(data, plugins.data, source_options, settings)
    target = (settings.columns or {}).get("target", saved.columns["target"])
    split = _last_known(opened.splits, target)
    if _has_lists(split, target) or _has_lists(split, "target"):
        return split
    related = relate_again(opened, resolved, saved, settings, name=split.name, whole=True)
    rows = next(reversed(link(related.splits).values()))
    task = resolved.task.build()
    read = as_read(task.columns, related.columns, rows)
    checked = survey(rows, related.columns, read, task.target, settings.faulty)
    odd, mask = survey_numbers(rows, task.number_columns(), settings.faulty)
    findings = [*opened.findings, *related.findings, *checked.findings, *odd]
    refuse(findings)
    times, layouts = _times(rows, related.relations.time, settings.day_first)
    kept = np.flatnonzero(~(checked.faulty | mask))
    series = list(_series(rows, kept, related, times, layouts))
    return ForecastData(series, [*opened.decisions, *related.decisions], findings)


def _last_known(splits: Mapping[str, Split], target: str) -> Split:
    """The last split with the values of the series, unlike the test split of a competition."""
    names = ordered(splits)
    known = (name for name in reversed(names) if target in splits[name].column_names)
    return splits[next(known, names[-1])]


def _has_lists(split: Split, target: str) -> bool:
    """Whether each row holds a series instead of one step."""
    if target not in split.column_names:
        return False
    for value in islice(split.column(target), 20):
        if isinstance(value, list | tuple):
            return True
        if isinstance(value, str) and (value.strip()[:1] == "[" or len(value.split()) > 1):
            return _is_series(value)
    return False


def _is_series(text: str) -> bool:
    try:
        return len(read_numbers([text], "").values) > 1
    except UserError:
        return False


def _times(
    rows: Split, columns: Sequence[str], day_first: bool | None
) -> tuple[Times | None, dict[str, str]]:
    """The times of the rows, if they have any; column → how its cells are written."""
    if not columns:
        return None, {}
    times = read_time(rows, columns, day_first)
    if len(columns) == 1:
        return times, {columns[0]: times.layout}
    cells = {name: list(rows.column(name)) for name in columns}
    return times, {
        name: read_times(values, day_first=day_first).layout for name, values in cells.items()
    }


def _series(
    rows: Split,
    kept: Integers,
    related: Related,
    times: Times | None,
    layouts: Mapping[str, str],
) -> Iterator[SeriesOfTable]:
    numbers = rows.positions // SERIES_LENGTH
    starts = np.diff(numbers, prepend=-1) != 0
    step = usual_step(times, times.keys, starts)[0] if times is not None else None
    for members in np.split(kept, np.flatnonzero(np.diff(numbers[kept])) + 1):
        if not len(members):
            continue
        last = int(members[-1])
        row = rows[last]
        clock = None
        if times is not None and step is not None:
            cells = {name: row[name] for name in related.relations.time}
            clock = Clock(cells, layouts, float(times.keys[last]), step)
        group = {name: row[name] for name in related.relations.group}
        yield SeriesOfTable(rows.select(members, None, rows.before), related.columns, group, clock)


def _part(name: str, key: float, parts: Collection[str]) -> int:
    """The year, quarter, month, week, day or hour of a time."""
    moment = np.int64(key).astype("datetime64[us]").item()
    part = plain(name)
    if part == "quarter":
        return int(moment.month + 2) // 3
    if "week" in parts and part in ("year", "week"):
        return int(getattr(moment.isocalendar(), part))
    return int(getattr(moment, "hour" if part in HOUR_NAMES else part))
