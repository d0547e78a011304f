"""Columns that say how the rows of a table relate: their split, their time and their group."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from seqlab.data.columns.assignment import chosen_column, find_columns
from seqlab.data.contracts import Column
from seqlab.data.decisions import Decision
from seqlab.data.relations.names import (
    GROUP_NAMES,
    HOUR_NAMES,
    PARTS,
    SURE_GROUP_NAMES,
    TIME_NAMES,
    plain,
)
from seqlab.data.relations.time_layouts import CLOCK
from seqlab.data.relations.times import looks_like_times
from seqlab.data.split import Split
from seqlab.data.words import normalize
from seqlab.errors import UserError, unknown

SPLIT, TIME, GROUP = "split", "time", "group"
RELATIONS = (SPLIT, TIME, GROUP)
"""The roles that the columns of every task may have, besides those of the task."""

NONE = "none"
"""What a user gives instead of a column if no column has the role."""

_SAMPLE = 100


@dataclass(frozen=True)
class Relations:
    """The columns of a table that say how its rows relate.

    Args:
        split: The column that names the split of each row.
        time: The columns that together give the time of each row.
        group: The columns that together name the group of each row, such as its series.
        chosen: The roles that the user has set; the others may be recognized.
    """

    split: str | None = None
    time: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    chosen: frozenset[str] = frozenset()

    @property
    def columns(self) -> list[str]:
        """All columns with such a role."""
        return [*([self.split] if self.split else []), *self.time, *self.group]


def chosen_relations(
    split: Split, chosen: Mapping[str, str], task_columns: Sequence[Column]
) -> tuple[Relations, dict[str, str]]:
    """Separate what the user has chosen: relations, and the columns of the task's own roles.

    Args:
        split: The table.
        chosen: Role → column, columns joined by "+", or "none".
        task_columns: The columns of the task, whose roles take precedence.

    Raises:
        UserError: A column does not exist.
    """
    own = {column.role for column in task_columns}
    for role in chosen:
        if role not in own and role not in RELATIONS:
            raise unknown("role", role, [*own, *RELATIONS], location=f"data.columns.{role}")
    relations = {
        role: name for role, name in chosen.items() if role in RELATIONS and role not in own
    }
    columns = {role: _columns(split, role, name) for role, name in relations.items()}
    result = Relations(
        next(iter(columns.get(SPLIT, ())), None),
        columns.get(TIME, ()),
        columns.get(GROUP, ()),
        frozenset(columns),
    )
    return result, {role: name for role, name in chosen.items() if role not in relations}


def _columns(split: Split, role: str, name: str) -> tuple[str, ...]:
    """The columns that a user has named, joined by "+"; the split is named by one column."""
    if name == NONE and NONE not in split.column_names:
        return ()
    is_one = normalize(name) in map(normalize, split.column_names)
    names = [name] if is_one or role == SPLIT else name.split("+")
    return tuple(chosen_column(split, role, each, none=NONE) for each in names)


def find_roles(
    split: Split, wanted: Sequence[Column], chosen: Mapping[str, str], taken: Collection[str]
) -> tuple[dict[str, str], list[Decision]]:
    """Find the columns of a task's roles among those that do not say how rows relate.

    Args:
        split: The table.
        wanted: The columns that the task needs.
        chosen: The user's choices: role → column.
        taken: Columns that have another role.

    Returns:
        As `find_columns`.

    Raises:
        UserError: A chosen column does not exist, or it is not clear which column fills a role.
    """
    free = [n for n in split.column_names if n not in taken or n in chosen.values()]
    unlikely = set(_unlikely(split, free, wanted)) - set(chosen.values())
    likely = [name for name in free if name not in unlikely]
    if unlikely and likely:
        try:
            return find_columns(split.select_columns(likely), wanted, chosen)
        except UserError:
            pass  # a column that looks like a time or a group may be meant after all
    return find_columns(split.select_columns(free) if free else split, wanted, chosen)


def _unlikely(split: Split, free: Sequence[str], wanted: Sequence[Column]) -> Iterator[str]:
    """Columns of numbers that are rather a time or a group than a target."""
    if not any("number" in column.kinds for column in wanted):
        return
    expected = {plain(name) for column in wanted for name in column.names}
    sample = split.sample(_SAMPLE)
    for name in free:
        key, values = plain(name), [v for v in sample.get(name, ()) if v is not None]
        if key in expected or not values:
            continue
        different = len(set(map(str, values)))
        is_time = key in TIME_NAMES and looks_like_times(values) and different == len(values)
        is_part = key in PARTS and looks_like_times(values) == "number"
        is_group = key in GROUP_NAMES and different <= len(values) // 2
        if is_time or is_part or is_group:
            yield name


def find_time(split: Split, used: Collection[str]) -> tuple[str, ...]:
    """The columns that give the time of each row, as far as names and values show it.

    Args:
        split: The table.
        used: Columns with another role.
    """
    sample = split.sample(_SAMPLE)
    free = [name for name in split.column_names if name not in used]
    layouts = {
        name: looks_like_times(sample.get(name, ()), 0.5 if _is_named_time(name) else 0.9)
        for name in free
    }
    dates = [name for name in free if layouts[name] not in ("", "number", CLOCK)]
    clocks = [name for name in free if layouts[name] == CLOCK]
    dates.sort(key=_preference)
    numbers = {plain(name): name for name in free if layouts[name] == "number"}
    if dates:
        # a date with a separate time of day; a date that already has one needs no other column
        first = [str(value) for value in sample[dates[0]] if value is not None]
        alone = any(":" in value for value in first)
        rest = [*clocks[:1], *(numbers[name] for name in HOUR_NAMES if name in numbers)][:1]
        return (dates[0],) if alone else (dates[0], *rest)
    parts = [part for part in PARTS if part in numbers]
    if {"month", "day"} & {*parts}:  # they say more than the quarter or the week
        parts = [part for part in parts if part not in ("quarter", "week")]
    elif "week" in parts:
        parts = [part for part in parts if part != "quarter"]
    if len(parts) > 1 and "year" in numbers:
        return tuple(numbers[part] for part in parts)
    named = sorted(set(numbers) & set(TIME_NAMES), key=TIME_NAMES.index)
    return (numbers[named[0]],) if named else ()


def unreadable_time(split: Split, used: Collection[str]) -> str | None:
    """A column that is named like a time, although its values are none."""
    sample = split.sample(_SAMPLE)
    named = [name for name in split.column_names if name not in used and _is_named_time(name)]
    texts = (name for name in named if any(isinstance(value, str) for value in sample[name]))
    return next((name for name in texts if not looks_like_times(sample[name], 0.5)), None)


def _is_named_time(name: str) -> bool:
    return plain(name) in TIME_NAMES


def _preference(name: str) -> int:
    key = plain(name)
    return TIME_NAMES.index(key) if key in TIME_NAMES else len(TIME_NAMES)


def sure_group(split: Split, used: Collection[str]) -> tuple[str, ...]:
    """A column whose name and repeated values say that the table holds several series."""
    free = {plain(name): name for name in split.column_names if name not in used}
    for name in (free[name] for name in SURE_GROUP_NAMES if name in free):
        sample = [value for value in split.sample(1000)[name] if value is not None]
        if sample and not isinstance(sample[0], float) and len({*map(str, sample)}) < len(sample):
            return (name,)
    return ()


def named_groups(split: Split, used: Collection[str | None]) -> list[tuple[str, ...]]:
    """Columns, and pairs of columns, whose names tell series apart; the likeliest first."""
    free = {plain(name): name for name in split.column_names if name not in used}
    names = [free[name] for name in GROUP_NAMES if name in free]
    in_table = [name for name in split.column_names if name in names]
    return [*((name,) for name in names), *combinations(in_table, 2)]


def possible_groups(split: Split, used: Collection[str | None]) -> list[tuple[str, ...]]:
    """Columns, and pairs of columns, whose values repeat, whatever their names."""
    sample = split.sample(1000)
    names = [
        name
        for name, values in sample.items()
        if name not in used
        and plain(name) not in (*TIME_NAMES, *HOUR_NAMES)
        and not any(isinstance(value, float | list) for value in values)
        and len(set(map(str, values))) <= max(1, len(values) // 2)
    ][:10]
    return [*((name,) for name in names), *combinations(names, 2)]
