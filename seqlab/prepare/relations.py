"""Roles of columns, and the rows arranged by what the table says about their relations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from seqlab.config.data_settings import DataSettings
from seqlab.data.checking.findings import Finding
from seqlab.data.decisions import Decision
from seqlab.data.reading.naming import ordered as ordered_names
from seqlab.data.relations.columns import (
    GROUP,
    SPLIT,
    TIME,
    chosen_relations,
    find_roles,
    find_time,
)
from seqlab.data.relations.division import divide, find_split_column
from seqlab.data.relations.leaks import find_overlap, find_shared_groups
from seqlab.data.relations.names import RELATED_NAMES, plain
from seqlab.data.relations.ordering import number_series, series_names
from seqlab.data.relations.time_layouts import CLOCK
from seqlab.data.relations.times import looks_like_times
from seqlab.data.split import Split
from seqlab.errors import UserError
from seqlab.prepare.related import Convert, Related, quoted
from seqlab.prepare.series_order import order_rows
from seqlab.task import Task
from seqlab.types import Integers


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
    related.is_series = task.ordered(columns)
    related.ordered = related.is_series or bool(relations.time)
    if relations.time and relations.group and not related.is_series:
        raise UserError(
            "the rows are divided either by time or by group",
            location="data.columns.group",
            remedy="leave out data.columns.time or data.columns.group",
        )
    if related.ordered:
        order_rows(related, settings)
    elif not relations.group:
        _note_random_splits(related, first)
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
    """Splits of series in the order of time: each one knows the split before it."""
    linked: dict[str, Split] = {}
    for name in ordered_names(splits):
        linked[name] = splits[name].after(next(reversed(linked.values()), None))
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


def _note_random_splits(related: Related, first: Split) -> None:
    """A decision on columns by which the rows relate, although splits are drawn at random."""
    if related.relations.split is not None or len(related.splits) == 3:
        return
    used = {*related.columns.values(), *related.relations.columns}
    free = [name for name in first.column_names if name not in used]
    if not free:
        return
    first = first.select_columns(free)
    sample = first.sample(1000)
    groups = [n for n in free if plain(n) in RELATED_NAMES and _repeats(sample[n])]
    layouts = {name: looks_like_times(sample[name][:100], 0.9) for name in free}
    times = [n for n in find_time(first, used) if layouts.get(n) not in ("number", CLOCK)]
    options = {f"data.columns.group={name}": "keeps its rows in one split" for name in groups[:1]}
    if times := [name for name in times if name not in groups]:
        options[f"data.columns.time={'+'.join(times)}"] = "tests on the latest rows"
    if options:
        choice = f"drawn at random, whatever {quoted([*groups, *times])} "
        choice += "hold; " if len([*groups, *times]) > 1 else "holds; "
        choice += " or ".join(f"-o {option} {effect}" for option, effect in options.items())
        related.decisions.append(Decision("splits", choice, next(iter(options)).split("=")[0]))


def _repeats(values: Sequence[object]) -> bool:
    present = [str(value) for value in values if value is not None]
    return 1 < len(set(present)) < len(present)
