"""Roles of columns, and the rows arranged by what the table says about their relations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from seqlab.config.data_settings import DataSettings
from seqlab.data.checking.findings import Finding, refuse
from seqlab.data.decisions import Decision
from seqlab.data.division import divide, find_split_column
from seqlab.data.leaks import find_overlap, find_shared_groups
from seqlab.data.ordering import (
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
from seqlab.data.reading.naming import ordered as ordered_names
from seqlab.data.relations import (
    GROUP,
    SPLIT,
    TIME,
    Relations,
    chosen_relations,
    find_roles,
    find_time,
    named_groups,
    possible_groups,
    unreadable_time,
)
from seqlab.data.split import SERIES_LENGTH, Split
from seqlab.data.times import CLOCK, Times, looks_like_times
from seqlab.errors import UserError
from seqlab.task import Task
from seqlab.types import Array, Integers

RELATED_NAMES = (
    *("user", "user_id", "author", "author_id", "document", "document_id", "doc", "doc_id"),
    *("session", "session_id", "patient", "patient_id", "subject", "subject_id", "speaker"),
    *("speaker_id", "conversation", "conversation_id", "dialog_id", "dialogue_id", "thread"),
    *("thread_id", "group", "group_id", "customer", "customer_id", "account", "account_id"),
    *("article_id", "movie_id", "film_id", "book_id", "product_id", "video_id", "recording_id"),
    *("sent_id", "family", "family_id", "site", "hospital", "batch", "fold", "source_id", "url"),
)
"""Names of columns whose rows often resemble each other, so that a random split would leak."""


Convert: TypeAlias = Callable[[Mapping[str, Split], Mapping[str, str]], dict[str, Split]]


@dataclass
class Related:
    """Splits whose rows are arranged as the table says.

    Args:
        splits: The splits by name.
        sources: The splits that they were selected from, as they were read and converted.
        columns: The column of each role of the task.
        relations: The columns that say how rows relate.
        ordered: Whether the rows are taken in their order, so that splits are divided by position.
        decisions: What was decided.
        findings: Errors and unusual values in columns of time.
    """

    splits: dict[str, Split]
    sources: dict[str, Split]
    columns: dict[str, str]
    relations: Relations
    ordered: bool = False
    decisions: list[Decision] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def relate(
    splits: Mapping[str, Split],
    task: Task,
    settings: DataSettings,
    *,
    known: Mapping[str, str] = {},
    whole: bool = False,
    convert: Convert | None = None,
) -> Related:
    """Find the columns of all roles, sort the rows of series, and divide a table into splits.

    Args:
        splits: The splits as they were read.
        task: The task.
        settings: The choices of the user.
        known: Columns of the task's roles that a finished run has, which replace missing choices.
        whole: Whether a column of splits is not obeyed, because all rows are wanted.
        convert: Gives the splits the types of values that their columns' roles need.

    Raises:
        UserError: A column cannot be found, or does not give an order or splits.
    """
    first = splits.get("train") or next(iter(splits.values()))
    relations, chosen = chosen_relations(first, settings.columns or {}, task.columns)
    related = Related(dict(splits), dict(splits), {}, relations)
    _find_split(related, first, chosen.values(), several=len(splits) > 1)
    columns, decisions = find_roles(
        first, task.columns, {**known, **chosen}, related.relations.columns
    )
    related.columns = columns
    if convert is not None:
        related.sources = convert(splits, columns)
        related.splits = dict(related.sources)
    related.decisions += decisions
    related.ordered = task.ordered(columns) or bool(relations.time)
    if relations.time and relations.group and not task.ordered(columns):
        raise UserError(
            "the rows are divided either by time or by group",
            location="data.columns.group",
            remedy="leave out data.columns.time or data.columns.group",
        )
    if related.ordered:
        _order(related, settings)
    elif not relations.group:
        _tell_unheeded(related, first)
    if related.relations.split is not None and not whole:
        (table,) = related.splits.values()
        related.splits = divide(table, related.relations.split)
        counts = ", ".join(f"{name} {len(split):,}" for name, split in related.splits.items())
        choice = f"column '{related.relations.split}': {counts} rows"
        related.decisions.append(Decision(SPLIT, choice, "data.columns.split"))
    return related


def shown_roles(
    split: Split, task: type[Task], settings: DataSettings
) -> tuple[dict[str, str], list[Decision]]:
    """Column → role, with the roles that say how rows relate; and what was decided.

    Raises:
        UserError: A column cannot be found.
    """
    relations, chosen = chosen_relations(split, settings.columns or {}, task.columns)
    related = Related({"train": split}, {"train": split}, {}, relations)
    _find_split(related, split, chosen.values(), several=False)
    taken = related.relations.columns
    columns, decisions = find_roles(split, task.columns, chosen, taken)
    roles = {column: role for role, column in columns.items()}
    time = related.relations.time
    if task().ordered(columns) and TIME not in relations.chosen:
        time = find_time(split, {*columns.values(), *taken})
    if related.relations.split is not None:
        roles[related.relations.split] = SPLIT
    roles |= dict.fromkeys(time, TIME) | dict.fromkeys(relations.group, GROUP)
    return roles, [*related.decisions, *decisions]


def link(splits: Mapping[str, Split]) -> dict[str, Split]:
    """Splits of one table in the order of time: each one knows the split before it."""
    linked: dict[str, Split] = {}
    for name in ordered_names(splits):
        split = splits[name]
        before = [other for other in linked.values() if other.root is split.root]
        linked[name] = split.after(before[-1]) if before else split
    return linked


def find_related(
    related: Related, splits: Mapping[str, Split], settings: DataSettings
) -> Iterator[Finding]:
    """Findings about rows of two splits that belong together."""
    relations = related.relations
    if not related.ordered and relations.group:
        yield from find_shared_groups(splits, relations.group)
    if related.ordered and relations.time and len(related.sources) + bool(relations.split) > 1:
        first = settings.day_first
        yield from find_overlap(splits, relations.time, relations.group, day_first=first)


def groups_of(related: Related, split: Split) -> Integers | None:
    """(N,) the number of the group of each row, if a column names groups."""
    if not related.relations.group:
        return None
    return number_series(series_names(split, related.relations.group))


def _find_split(related: Related, first: Split, used: Collection[str], *, several: bool) -> None:
    relations = related.relations
    if several:
        if relations.split is not None:
            raise UserError(
                f"the data have splits already: {', '.join(related.splits)}",
                location="data.columns.split",
                remedy="leave it out, or give one table",
            )
        return
    if SPLIT in relations.chosen:
        return
    name, decision = find_split_column(first, {*used, *relations.columns})
    related.relations = replace(relations, split=name)
    related.decisions += [decision] if decision else []


def _order(related: Related, settings: DataSettings) -> None:
    """Sort the rows of every split by series and time."""
    used = {*related.columns.values(), *related.relations.columns}
    first = next(iter(related.splits.values()))
    if TIME not in related.relations.chosen:
        related.relations = replace(related.relations, time=find_time(first, used))
        if not related.relations.time and (name := unreadable_time(first, used)) is not None:
            choice = "not obeyed as the time: its values cannot be read as times"
            related.decisions.append(Decision(f"column '{name}'", choice, "data.columns.time"))
    column = " and ".join(related.relations.time)
    moved = 0
    for name, split in related.splits.items():
        ordered = _order_split(related, split, settings)
        moved += not np.array_equal(ordered.rows, split.rows)
        related.splits[name] = ordered
    refuse(related.findings)
    if column:
        within = f" within each '{' and '.join(related.relations.group)}'"
        choice = f"rows are sorted by '{column}'" if moved else f"by '{column}', as in the file"
        choice += within if related.relations.group else ""
    else:
        choice = "rows in the order of the file"
    related.decisions.append(Decision("order", choice, "data.columns.time", notable=moved > 0))
    if group := related.relations.group:
        series = sum(len(np.unique(s.positions // SERIES_LENGTH)) for s in related.splits.values())
        choice = f"{_quoted(group)}: {series:,} series"
        related.decisions.append(Decision(GROUP, choice, "data.columns.group"))


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
    if relations.group or GROUP in relations.chosen:
        return _tolerated(related, split, series, rows, None)
    used = {*related.columns.values(), *relations.columns}
    for names in named_groups(split, used):
        series = number_series(series_names(split, names))
        if not len(repeated(times.keys, series)):
            related.relations = replace(relations, group=names)
            return series
    if times.layout == "number" and TIME not in relations.chosen:
        related.relations = replace(relations, time=())  # such as the month of each row
        return series
    candidate = _candidate(split, times.keys, used)
    return _tolerated(related, split, np.zeros_like(series), rows, candidate)


def _candidate(split: Split, keys: Array, used: Collection[str]) -> str | None:
    """Columns that would tell the series apart, as the option is given."""
    for names in possible_groups(split, used):
        if not len(repeated(keys, number_series(series_names(split, names)))):
            return "+".join(names)
    return None


def _tolerated(
    related: Related,
    split: Split,
    series: Integers,
    rows: Integers,
    candidate: str | None,
) -> Integers:
    """The series, with a finding if a few rows have the time of another row.

    Raises:
        UserError: They are many.
    """
    column = related.relations.time[0]
    if candidate is not None or len(rows) > MAX_REPEATED * len(split):
        raise several_series(split, rows, column, candidate)
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


def _tell_unheeded(related: Related, first: Split) -> None:
    """A decision on columns by which the rows relate, although splits are drawn at random."""
    if related.relations.split is not None or len(related.splits) == 3:
        return
    used = {*related.columns.values(), *related.relations.columns}
    free = [name for name in first.column_names if name not in used]
    if not free:
        return
    first = first.select_columns(free)
    sample = first.sample(1000)
    groups = [n for n in free if n.strip().lower() in RELATED_NAMES and _repeats(sample[n])]
    layouts = {name: looks_like_times(sample[name][:100], 0.9) for name in free}
    times = [n for n in find_time(first, used) if layouts.get(n) not in ("number", CLOCK)]
    options = {f"data.columns.group={name}": "keeps its rows in one split" for name in groups[:1]}
    if times := [name for name in times if name not in groups]:
        options[f"data.columns.time={'+'.join(times)}"] = "tests on the latest rows"
    if options:
        choice = f"drawn at random, whatever {_quoted([*groups, *times])} holds; "
        choice += " or ".join(f"-o {option} {effect}" for option, effect in options.items())
        related.decisions.append(Decision("splits", choice, next(iter(options)).split("=")[0]))


def _repeats(values: Sequence[object]) -> bool:
    present = [str(value) for value in values if value is not None]
    return 1 < len(set(present)) < len(present)


def _quoted(names: Sequence[str]) -> str:
    columns = " and ".join(f"'{name}'" for name in names)
    return f"column{'s' * (len(names) > 1)} {columns}"
