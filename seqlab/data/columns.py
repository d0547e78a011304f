"""Assignment of the columns of a data set to the roles of a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seqlab.data.contracts import Column
from seqlab.data.decisions import Decision
from seqlab.data.roles import is_number_text
from seqlab.data.split import Split
from seqlab.errors import UserError, nearest, unknown

_SAMPLE = 100
"""Rows whose values decide on the kind of a column."""
_MAX_LABELS = 100
"""Most different values in a sample of labels."""
_MIN_REPEATED = 20
"""With at least so many values, labels must repeat: else any text could be a label."""


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
        UserError: A chosen column does not exist, or it is not clear which column fills a role.
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


def kinds_of(values: Sequence[object]) -> list[str]:
    """The kinds of `Column` that these values can be; missing values are ignored."""
    present = [value for value in values if value is not None]
    kinds = ("text", "label", "number", "list", "numbers")
    return [kind for kind in kinds if _is_kind(kind, present)]


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
    for role, name in chosen.items():
        option = f"data.columns.{role}"
        if role not in roles:
            raise unknown("role", role, roles, location=option)
        if name not in split.column_names:
            near = nearest(name, split.column_names)
            listing = "columns: " + ", ".join(split.column_names)
            raise UserError(
                f"no column '{name}' in {split.origin}",
                location=option,
                remedy=f"did you mean '{near}'? {listing}" if near else listing,
            )
    return dict(chosen)


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

    Returns:
        The columns of the task that several columns of the data fit.
    """
    samples = _sample(split) if any(column.role not in columns for column in wanted) else {}
    assigned, ambiguous = -1, list[Column]()
    while assigned != len(columns):
        assigned, ambiguous = len(columns), []
        for column in wanted:
            fitting = _fitting(column, samples, columns)
            alternatives = _alternatives(column, wanted)
            contested = any(_fitting(other, samples, columns) for other in alternatives)
            if not fitting or not _is_open(column, wanted, columns):
                continue
            if len(fitting) == 1 and not contested:
                columns[column.role] = fitting[0]
            else:
                ambiguous.append(column)
    return ambiguous


def _fitting(
    column: Column, samples: Mapping[str, list[object]], columns: Mapping[str, str]
) -> list[str]:
    free = [name for name in samples if name not in columns.values()]
    return [name for name in free if any(_is_kind(kind, samples[name]) for kind in column.kinds)]


def _sample(split: Split) -> dict[str, list[object]]:
    """The first values of each column, without missing ones."""
    return {
        name: [value for value in values if value is not None]
        for name, values in split.sample(_SAMPLE).items()
    }


def _is_kind(kind: str, values: list[object]) -> bool:
    if not values:
        return False
    if kind == "text":
        return all(isinstance(value, str) for value in values) and not all(
            map(is_number_text, values)
        )
    if kind == "list":
        return all(isinstance(value, list | tuple) for value in values)
    if kind == "numbers":
        return all(isinstance(value, list | tuple) and _has_numbers(value) for value in values)
    if kind == "number":
        return all(_is_number(value) for value in values)
    if not all(isinstance(value, str | int | bool) for value in values):
        return False
    different = len(set(values))
    repeated = different < len(values)
    return different <= _MAX_LABELS and (repeated or len(values) < _MIN_REPEATED)


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number or is_number_text(value)


def _has_numbers(values: Sequence[object]) -> bool:
    """Whether a list holds numbers, or lists of numbers."""
    firsts = [value[0] if isinstance(value, list | tuple) and value else value for value in values]
    return all(map(_is_number, firsts))


def _unclear(split: Split, column: Column, columns: Mapping[str, str]) -> UserError:
    roles = {name: role for role, name in columns.items()}
    listing = [f"{n} (used as {roles[n]})" if n in roles else n for n in split.column_names]
    needs_lists = column.kinds == ("list",)
    has_lists = needs_lists and any(_is_kind("list", values) for values in _sample(split).values())
    hint = "; lists are read from .jsonl files, words with tags from .conllu and .tagged files"
    return UserError(
        f"cannot tell which column is the {column.role}: there are {', '.join(listing)}",
        location=split.origin,
        remedy=f"choose one with -o data.columns.{column.role}=NAME"
        + hint * (needs_lists and not has_lists),
    )
