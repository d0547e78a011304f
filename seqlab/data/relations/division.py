"""Splits that a column names, as in a table with a column `split` of "train" and "test"."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from seqlab.data.decisions import Decision
from seqlab.data.reading.naming import SPLIT_NAMES, ordered
from seqlab.data.relations.names import plain
from seqlab.data.split import Split
from seqlab.errors import UserError, shorten
from seqlab.types import Integers

SPLIT_COLUMNS = ("split", "part", "subset", "partition", "set", "usage")
"""Names of columns that may hold the name of a split."""

FLAG_COLUMNS: Mapping[str, tuple[str, str]] = {
    "isvalid": ("validation", "train"),
    "isvalidation": ("validation", "train"),
    "istest": ("test", "train"),
    "istrain": ("train", "test"),
}
"""Names of columns of yes and no as `plain` gives them, and the split that each means."""

_FLAGS = {"true": True, "1": True, "1.0": True, "yes": True}
_FLAGS |= {"false": False, "0": False, "0.0": False, "no": False}
_KAGGLE = {"publictest": "validation", "privatetest": "test", "eval": "validation"}
"""Names of splits in tables of competitions, besides those of files."""

_OPTION = "data.columns.split"


def find_split_column(split: Split, used: Collection[str]) -> tuple[str | None, Decision | None]:
    """The column that names the split of each row.

    Args:
        split: The table.
        used: Columns with another role.

    Returns:
        The column, or None; a decision on a column that looks like it and is not obeyed.
    """
    for expected in (*SPLIT_COLUMNS, *FLAG_COLUMNS):
        for name in split.column_names:
            if plain(name) != expected or name in used:
                continue
            names, other = _read(split, name)
            if other is None and "train" in names and len(names) > 1:
                return name, None
            if names or expected == SPLIT_COLUMNS[0]:
                return None, Decision(
                    f"column '{name}'",
                    f"not obeyed as the splits: {_problem(names, other)}",
                    _OPTION,
                )
    return None, None


def divide(split: Split, column: str) -> dict[str, Split]:
    """Divide a table by a column with the names of the splits.

    Raises:
        UserError: A value is not the name of a split, or none names the training split.
    """
    names, other = _read(split, column)
    if other is not None or "train" not in names:
        raise UserError(
            f"column '{column}' does not give the splits: {_problem(names, other)}",
            location=split.location(column),
            remedy=f"write train, validation or test there, or leave it out with -o {_OPTION}=none",
        )
    return {name: split.select(rows, name) for name, rows in _rows(split, column, names).items()}


def _rows(split: Split, column: str, names: Collection[str]) -> dict[str, Integers]:
    values = np.array([_split_of(column, value) or "" for value in split.column(column)])
    return {name: np.flatnonzero(values == name) for name in ordered(dict.fromkeys(names))}


def _read(split: Split, column: str) -> tuple[set[str], object]:
    """The splits that the column names, and the first value that is not such a name."""
    names: set[str] = set()
    for value in split.column(column):
        name = _split_of(column, value)
        if name is None:
            return names, "nothing" if value is None else value
        names.add(name)
    return names, None


def _split_of(column: str, value: object) -> str | None:
    key = str(value).strip().lower()
    flag = FLAG_COLUMNS.get(plain(column))
    if flag is not None:
        return None if key not in _FLAGS else flag[0] if _FLAGS[key] else flag[1]
    return _KAGGLE.get(key) or SPLIT_NAMES.get(key)


def _problem(names: Collection[str], other: object) -> str:
    if other is not None:
        return f"it holds {shorten(other)}"
    return f"it names only {', '.join(sorted(names))}"
