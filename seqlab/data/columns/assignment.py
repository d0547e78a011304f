"""Assignment of the columns of a data set to the roles of a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import quote

from seqlab.data.columns.kinds import Fitness, counts_up, fitness_of, kinds_of, present_in
from seqlab.data.contracts import Column
from seqlab.data.decisions import Decision
from seqlab.data.split import Split
from seqlab.data.words import normalize
from seqlab.errors import UserError, listed, nearest, unknown

_SAMPLE = 100
"""Rows whose values decide on the kind of a column."""

_LISTED = 10
"""Most columns that a message lists."""


class UnclearColumnError(UserError):
    """It is not clear which column fills a role; the user has to choose."""


def find_columns(
    split: Split, wanted: Sequence[Column], chosen: Mapping[str, str]
) -> tuple[dict[str, str], list[Decision]]:
    """Find the column of each role.

    Args:
        split: The split whose columns are examined.
        wanted: The columns that the task needs.
        chosen: The user's choices: role → column.

    Returns:
        Role → column, without the optional roles that no column fills; what was decided.

    Raises:
        UserError: A chosen column does not exist.
        UnclearColumnError: It is not clear which column fills a role.
    """
    columns = _check_choices(split, wanted, chosen)
    for column in wanted:
        if _is_open(column, wanted, columns) and (name := _by_name(split, column, columns)):
            columns[column.role] = name
    ambiguous = _assign_by_kind(split, wanted, columns)
    for column in wanted:
        needed = not column.optional and column.instead_of is None
        if _is_open(column, wanted, columns) and (needed or column in ambiguous):
            raise _unclear(split, column, columns)
    decisions = [
        Decision(role, f"column '{name}'", f"data.columns.{role}", notable=name != role)
        for role, name in columns.items()
    ]
    ordered = {column.role: columns[column.role] for column in wanted if column.role in columns}
    return ordered, decisions


def described(split: Split, columns: Mapping[str, str] = {}) -> str:
    """The columns of a split for a message, with what they hold or the role that they fill.

    Args:
        split: The split.
        columns: Role → column, as far as it is known.
    """
    roles = {name: role for role, name in columns.items()}
    first = split.column_names[:_LISTED]
    samples = split.select_columns(first).sample(_SAMPLE) if first else {}
    entries = [
        f"{name} (used as {roles[name]})" if name in roles else name + _kinds(samples[name], name)
        for name in first
    ]
    return listed([*entries, *split.column_names[_LISTED:]], _LISTED) or "none"


def _kinds(values: Sequence[object], name: str) -> str:
    present = present_in(values)
    if not present:
        return " (empty)"
    kinds = " or ".join(kinds_of(present)) or type(present[0]).__name__
    return f" ({kinds}, counts up)" if counts_up(present, name) else f" ({kinds})"


def _is_open(column: Column, wanted: Sequence[Column], columns: Mapping[str, str]) -> bool:
    """Whether neither the role nor one of its alternatives has a column."""
    return column.role not in columns and not any(
        other.role in columns for other in _alternatives(column, wanted)
    )


def _alternatives(column: Column, wanted: Sequence[Column]) -> list[Column]:
    """The columns of which one is needed instead of this one."""
    first = column.instead_of or column.role
    group = [other for other in wanted if first in (other.role, other.instead_of)]
    return [other for other in group if other is not column]


def _check_choices(
    split: Split, wanted: Sequence[Column], chosen: Mapping[str, str]
) -> dict[str, str]:
    roles = [column.role for column in wanted]
    for role in chosen:
        if role not in roles:
            raise unknown("role", role, roles, location=f"data.columns.{role}")
    return {role: chosen_column(split, role, name) for role, name in chosen.items()}


def chosen_column(split: Split, role: str, name: str, *, none: str = "") -> str:
    """The column that a user has named, also if its letters are composed in another way.

    Args:
        split: The split whose columns are examined.
        role: The role that the column is chosen for.
        name: The name that the user gave.
        none: What can be given instead of a column, if the role can be without one.

    Raises:
        UserError: There is no such column.
    """
    if name in split.column_names:
        return name
    spellings = {normalize(each): each for each in split.column_names}
    if normalize(name) in spellings:
        return spellings[normalize(name)]
    near = nearest(name, split.column_names)
    listing = "columns: " + listed(split.column_names, _LISTED) + (none and f", or {none}")
    raise UserError(
        f"no column '{name}' in {split.origin}",
        location=f"data.columns.{role}",
        remedy=f"did you mean '{near}'? {listing}" if near else listing,
    )


def _by_name(split: Split, column: Column, columns: Mapping[str, str]) -> str | None:
    for expected in column.names:
        matches = [name for name in split.column_names if name.lower() == expected.lower()]
        free = [name for name in matches if name not in columns.values()]
        if free:
            return expected if expected in free else free[0]
    return None


def _assign_by_kind(
    split: Split, wanted: Sequence[Column], columns: dict[str, str]
) -> list[Column]:
    """Assign columns to roles as long as there is a role that only one column fits.

    Columns that fit a role well are assigned first, then those that fit if nothing else does.

    Returns:
        The columns of the task that several columns of the data fit.
    """
    if all(column.role in columns for column in wanted):
        return []
    fitness = _fitness(split, wanted)
    ambiguous = _assign(fitness, wanted, columns, Fitness.LIKELY)
    return ambiguous or _assign(fitness, wanted, columns, Fitness.POSSIBLE)


def _assign(
    fitness: Mapping[str, Mapping[str, Fitness]],
    wanted: Sequence[Column],
    columns: dict[str, str],
    least: Fitness,
) -> list[Column]:
    """Assign columns that fit a role at least so well.

    Returns:
        The columns of the task that several columns of the data fit.
    """

    def fitting(column: Column) -> list[str]:
        free = (name for name in fitness if name not in columns.values())
        return [name for name in free if fitness[name][column.role] >= least]

    assigned, ambiguous = -1, list[Column]()
    while assigned != len(columns):
        assigned, ambiguous = len(columns), []
        for column in wanted:
            candidates = fitting(column)
            if not candidates or not _is_open(column, wanted, columns):
                continue
            contested = any(map(fitting, _alternatives(column, wanted)))
            if len(candidates) > 1 or contested:
                ambiguous.append(column)
            elif least is Fitness.POSSIBLE or not _is_needed_elsewhere(
                candidates[0], column, fitness, columns, wanted
            ):
                columns[column.role] = candidates[0]
    return ambiguous


def _is_needed_elsewhere(
    name: str,
    column: Column,
    fitness: Mapping[str, Mapping[str, Fitness]],
    columns: Mapping[str, str],
    wanted: Sequence[Column],
) -> bool:
    """Whether a column is the only one for another open role, while this role has others."""
    free = [other for other in fitness if other not in columns.values() and other != name]
    if not any(fitness[other][column.role] for other in free):
        return False
    return any(
        fitness[name][other.role] and not any(fitness[another][other.role] for another in free)
        for other in wanted
        if other is not column and not other.optional and _is_open(other, wanted, columns)
    )


def _fitness(split: Split, wanted: Sequence[Column]) -> dict[str, dict[str, Fitness]]:
    """How well each column of the data fits each role."""
    return {
        name: {
            column.role: max(
                (fitness_of(kind, values, name) for kind in column.kinds), default=Fitness.NONE
            )
            for column in wanted
        }
        for name, values in split.sample(_SAMPLE).items()
    }


def _best_first(split: Split, column: Column, free: Sequence[str]) -> list[str]:
    """The free columns that fit a role; of texts, the longest are most likely meant."""
    fitness = {name: roles[column.role] for name, roles in _fitness(split, [column]).items()}
    sample = split.sample(_SAMPLE)

    def rank(name: str) -> tuple[int, int]:
        is_text = column.kinds == ("text",)
        return fitness[name], sum(map(len, map(str, sample[name]))) if is_text else 0

    return sorted((name for name in free if fitness[name]), key=rank, reverse=True)


def _unclear(split: Split, column: Column, columns: Mapping[str, str]) -> UnclearColumnError:
    free = [name for name in split.column_names if name not in columns.values()]
    remedy = f"choose one with -o data.columns.{column.role}=NAME"
    fitting = _best_first(split, column, free)
    if not free:
        remedy = f"the data need a further column, such as '{column.names[0]}'"
        if split.column_names == ["text"] and "label" in column.kinds:
            remedy += "; a file of lines with a tab between text and label is named .tsv, not .txt"
            remedy += "; or a folder per label with a text per file, as pos/1.txt and neg/1.txt"
    elif column.kinds == ("list",) and not fitting:
        remedy += (
            "; lists are read from .jsonl files; words with tags from .conll files, which have a "
            "word and its tag per line with a tab between, and a blank line after each sentence"
        )
    elif fitting:
        remedy += f", such as -o {quote(f'data.columns.{column.role}={fitting[0]}')}"
    return UnclearColumnError(
        f"cannot tell which column is the {column.role}: there are {described(split, columns)}",
        location=split.origin,
        remedy=remedy,
    )
