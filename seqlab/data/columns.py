"""Which column of the data fills which role of a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seqlab.data.contracts import Column
from seqlab.data.split import Split
from seqlab.errors import UserError, nearest, unknown

_SAMPLE = 100
_MOST_LABELS = 100
_ENOUGH = 20
"""From this many values on, labels must repeat: else any text would pass for one."""


def find_columns(
    split: Split, wanted: Sequence[Column], chosen: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The column of each role.

    Args:
        split: The part whose columns are looked at.
        wanted: What the task needs.
        chosen: What the user chose: role → column.

    Returns:
        Role → column, without the optional roles that no column fills; notices for the user.

    Raises:
        UserError: A choice that is not there, or a role that no column clearly fills.
    """
    found = _chosen(split, wanted, chosen)
    for column in wanted:
        if _open(column, wanted, found) and (name := _by_name(split, column, found)):
            found[column.role] = name
    unclear = _by_kind(split, wanted, found)
    for column in wanted:
        needed = not column.optional and column.instead_of is None
        if _open(column, wanted, found) and (needed or column in unclear):
            raise _not_found(split, column, found)
    notices = [f"{role}: column '{name}'" for role, name in found.items() if name != role]
    return {column.role: found[column.role] for column in wanted if column.role in found}, notices


def _open(column: Column, wanted: Sequence[Column], found: Mapping[str, str]) -> bool:
    """Whether a role and those that may stand in its place are all without a column."""
    return column.role not in found and not any(
        other.role in found for other in _others(column, wanted)
    )


def _others(column: Column, wanted: Sequence[Column]) -> list[Column]:
    """The roles that may stand in its place."""
    first = column.instead_of or column.role
    group = [each for each in wanted if first in (each.role, each.instead_of)]
    return [each for each in group if each is not column]


def _chosen(split: Split, wanted: Sequence[Column], chosen: Mapping[str, str]) -> dict[str, str]:
    roles = [column.role for column in wanted]
    for role, name in chosen.items():
        place = f"data.columns.{role}"
        if role not in roles:
            raise unknown("role", role, roles, location=place)
        if name not in split.column_names:
            near = nearest(name, split.column_names)
            there = "columns: " + ", ".join(split.column_names)
            raise UserError(
                f"no column '{name}' in {split.origin}",
                location=place,
                remedy=f"did you mean '{near}'? {there}" if near else there,
            )
    return dict(chosen)


def _by_name(split: Split, column: Column, found: Mapping[str, str]) -> str | None:
    for wanted in column.names:
        matching = [name for name in split.column_names if name.lower() == wanted.lower()]
        free = [name for name in matching if name not in found.values()]
        if free:
            return wanted if wanted in free else free[0]
    return None


def _by_kind(split: Split, wanted: Sequence[Column], found: dict[str, str]) -> list[Column]:
    """Fill the roles for which one column only can be meant, until there is none left.

    Returns:
        The roles for which several can be meant.
    """
    values = _sample(split) if any(column.role not in found for column in wanted) else {}
    settled, unclear = -1, list[Column]()
    while settled != len(found):
        settled, unclear = len(found), []
        for column in wanted:
            fitting = _fitting(column, values, found)
            rivals = [name for o in _others(column, wanted) for name in _fitting(o, values, found)]
            if not fitting or not _open(column, wanted, found):
                continue
            if len(fitting) == 1 and not rivals:
                found[column.role] = fitting[0]
            else:
                unclear.append(column)
    return unclear


def _fitting(
    column: Column, values: Mapping[str, list[Any]], found: Mapping[str, str]
) -> list[str]:
    free = [name for name in values if name not in found.values()]
    return [name for name in free if any(_is(kind, values[name]) for kind in column.kinds)]


def _sample(split: Split) -> dict[str, list[Any]]:
    first = split.sample(_SAMPLE)
    return {name: [v for v in values if v is not None] for name, values in first.items()}


def _is(kind: str, values: list[Any]) -> bool:
    if not values:
        return False
    if kind == "text":
        return all(isinstance(value, str) for value in values)
    if kind in ("list", "numbers"):
        lists = all(isinstance(value, list | tuple) for value in values)
        return lists and (kind == "list" or all(_holds_numbers(value) for value in values))
    if kind == "number":
        return all(_is_number(value) for value in values)
    if not all(isinstance(value, str | int | bool) for value in values):
        return False
    different = len(set(values))
    return different <= _MOST_LABELS and (different < len(values) or len(values) < _ENOUGH)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _holds_numbers(values: Sequence[Any]) -> bool:
    """Whether a list holds numbers, or lists of numbers."""
    first = [value[0] if isinstance(value, list | tuple) and value else value for value in values]
    return all(map(_is_number, first))


def _not_found(split: Split, column: Column, found: Mapping[str, str]) -> UserError:
    taken = {name: role for role, name in found.items()}
    shown = [f"{n} (is {taken[n]})" if n in taken else n for n in split.column_names]
    samples = _sample(split).values()
    no_list = column.kinds == ("list",) and not any(_is("list", values) for values in samples)
    hint = "; lists stand in .jsonl files, words with tags in .conllu and .tagged ones"
    return UserError(
        f"it is not clear which column is the {column.role}: there are {', '.join(shown)}",
        location=split.origin,
        remedy=f"choose one with -o data.columns.{column.role}=NAME" + hint * no_list,
    )


def kinds_of(values: Sequence[Any]) -> list[str]:
    """Which kinds of column these values could be, as in `Column`; missing ones say nothing."""
    given = [value for value in values if value is not None]
    return [kind for kind in ("text", "label", "number", "list", "numbers") if _is(kind, given)]
