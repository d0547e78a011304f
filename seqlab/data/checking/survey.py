"""Faults in the rows of a split, found in one pass before anything is learned from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from seqlab.data.checking.findings import Action, Finding
from seqlab.data.checking.hashing import RowHashes, combine, hash_values
from seqlab.data.contracts import Column
from seqlab.data.long_text import LongText
from seqlab.data.split import Split
from seqlab.types import Array, Booleans

Faulty: TypeAlias = Literal["refuse", "drop"]

MANGLED = ("\N{REPLACEMENT CHARACTER}", "Ã©", "Ã¼", "â€")
"""What UTF-8 looks like after it was read as another encoding, or could not be decoded."""


@dataclass
class Survey:
    """The result of one pass over a split.

    Args:
        findings: Faults of single rows.
        faulty: (N,) mask of the rows with a missing value, NaN or infinity.
        hashes: The hashes of the rows.
        empty: (N,) mask of the rows that have an empty input.
    """

    findings: list[Finding]
    faulty: Booleans
    hashes: RowHashes
    empty: Booleans


@dataclass
class _Fault:
    """The rows with one kind of fault in one column, and the value in the first of them."""

    rows: list[int] = field(default_factory=list)
    value: object = None

    def add(self, row: int, value: object) -> None:
        if not self.rows:
            self.value = value
        self.rows.append(row)


def survey(
    split: Split,
    columns: Mapping[str, str],
    task_columns: Sequence[Column],
    target: str | None,
    faulty: Faulty,
) -> Survey:
    """Check every row of a split in one pass.

    Args:
        split: The split as it was read, before rows of it are taken for other splits.
        columns: Role → column.
        task_columns: The columns that the task reads.
        target: The role of the target.
        faulty: What to do with rows with a missing value, NaN or infinity.
    """
    roles = {column.role: column for column in task_columns if column.role in columns}
    faults: dict[tuple[str, str], _Fault] = {}
    inputs = [role for role in roles if role != target] or list(roles)
    hashes, empty = RowHashes.space(len(split)), np.zeros(len(split), np.bool_)
    start = 0
    for batch in split.select_columns(columns[role] for role in roles).batches(lazy=True):
        for role, column in roles.items():
            values = batch[columns[role]]
            for kind, row, value in _faults(values, column):
                faults.setdefault((role, kind), _Fault()).add(start + row, value)
                if kind == "empty" and role in inputs:
                    empty[start + row] = True
        start += _add_hashes(hashes, start, batch, columns, roles, inputs)
    findings = [
        _finding(split, role, columns[role], kind, fault, faulty)
        for (role, kind), fault in faults.items()
    ]
    return Survey(findings, _faulty_rows(len(split), faults), hashes, empty)


def by_root(surveys: Mapping[Split, Survey]) -> dict[Split, Survey]:
    """Surveys of splits that were selected from others, as surveys of these: row by row."""
    merged: dict[Split, Survey] = {}
    for split, each in surveys.items():
        root = split.root
        if root is split:
            merged[root] = each
            continue
        if root not in merged:
            rows = len(root)
            none = np.zeros(rows, np.bool_)
            merged[root] = Survey([], none, RowHashes.space(rows), none.copy())
        whole = merged[root]
        whole.findings.extend(each.findings)
        whole.faulty[split.rows], whole.empty[split.rows] = each.faulty, each.empty
        whole.hashes.inputs[split.rows] = each.hashes.inputs
        whole.hashes.whole[split.rows] = each.hashes.whole
    return merged


def hash_rows(
    split: Split, columns: Mapping[str, str], task_columns: Sequence[Column], target: str | None
) -> RowHashes:
    """The hashes of the rows of a split, as in its survey; the arguments are those of `survey`."""
    roles = [column.role for column in task_columns if column.role in columns]
    inputs = [role for role in roles if role != target] or roles
    hashes, start = RowHashes.space(len(split)), 0
    for batch in split.select_columns(columns[role] for role in roles).batches(lazy=True):
        start += _add_hashes(hashes, start, batch, columns, roles, inputs)
    return hashes


def _add_hashes(
    hashes: RowHashes,
    start: int,
    batch: Mapping[str, Sequence[object]],
    columns: Mapping[str, str],
    roles: Iterable[str],
    inputs: Sequence[str],
) -> int:
    """Hash the rows of a batch.

    Returns:
        The number of rows.
    """
    values = {role: hash_values(batch[columns[role]]) for role in roles}
    count = len(next(iter(values.values()), ()))
    if count:
        hashes.inputs[start : start + count] = combine(values[role] for role in inputs)
        hashes.whole[start : start + count] = combine(values.values())
    return count


def _faulty_rows(count: int, faults: Mapping[tuple[str, str], _Fault]) -> Booleans:
    """(N,) a mask of the rows that option `data.faulty` is about."""
    faulty = np.zeros(count, np.bool_)
    for (_, kind), fault in faults.items():
        if _ACTIONS[kind] is None:
            faulty[fault.rows] = True
    return faulty


def _finding(
    split: Split, role: str, column: str, kind: str, fault: _Fault, faulty: Faulty
) -> Finding:
    action = _ACTIONS[kind] or ("refused" if faulty == "refuse" else "dropped")
    cause, remedy = _MESSAGES[kind]
    if action == "dropped":
        remedy = "fill the gaps, unless these rows are meant to be left out"
    return Finding.of_rows(
        split,
        _KINDS[kind],
        action,
        cause.format(role=role, s="{s}", are="{are}"),
        fault.rows,
        remedy=remedy.format(role=role),
        column=column,
        value=fault.value,
    )


def _faults(values: Sequence[object], column: Column) -> Iterator[tuple[str, int, object]]:
    """(kind, row, value) of each fault in some values of a column."""
    find = _text_fault if column.kinds == ("text",) else _fault_finder(column)
    for row, value in enumerate(values):
        if (kind := find(value)) is not None:
            yield kind, row, value


def _text_fault(value: object) -> str | None:
    if isinstance(value, LongText):
        faults = {_text_fault(chunk) for chunk in value.chunks()}
        return "mangled" if "mangled" in faults else "empty" if faults <= {"empty"} else None
    if not isinstance(value, str):
        return "missing" if value is None or _is_nan(value) else "not text"
    if not value or value.isspace():
        return "empty"
    if not value.isascii() and any(mark in value for mark in MANGLED):
        return "mangled"
    return None


def _fault_finder(column: Column) -> Callable[[object], str | None]:
    """The function that finds faults in columns that do not hold text only."""
    is_numeric = bool({"number", "numbers"} & set(column.kinds))

    def find(value: object) -> str | None:
        if value is None:
            return "missing"
        if isinstance(value, float):
            return None if math.isfinite(value) else "not finite" if is_numeric else "missing"
        if isinstance(value, list | tuple | np.ndarray):
            return _list_fault(value, column)
        if isinstance(value, str) and not value.strip():
            return "missing" if "label" in column.kinds else "empty"
        return None

    return find


def _list_fault(value: Sequence[object] | Array, column: Column) -> str | None:
    if column.gaps:
        value = [entry for entry in value if entry is not None]
    if len(value) == 0:
        return "empty"
    if isinstance(value[0], str):
        return "missing" if None in value else None
    try:
        return None if np.isfinite(np.asarray(value, np.float64)).all() else "not finite"
    except (TypeError, ValueError):
        return "missing" if any(item is None for item in value) else None


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


_KINDS = {
    "missing": "missing value",
    "not finite": "NaN or infinity",
    "not text": "not text",
    "empty": "empty",
    "mangled": "wrong encoding",
}
_ACTIONS: dict[str, Action | None] = {  # None: option `data.faulty` decides
    "missing": None,
    "not finite": None,
    "not text": "refused",
    "empty": "kept",
    "mangled": "kept",
}
_OTHER_COLUMN = "name another column with -o data.columns.{role}=NAME"
_MESSAGES = {
    "missing": (
        "lack{s} a {role}",
        f"fill the gaps; or leave these rows out with -o data.faulty=drop; or {_OTHER_COLUMN}",
    ),
    "not finite": (
        "hold{s} NaN or infinity as {role}",
        f"put numbers there; or leave these rows out with -o data.faulty=drop; or {_OTHER_COLUMN}",
    ),
    "not text": (
        "hold{s} a value that is not text as {role}",
        f"fix the rows; or {_OTHER_COLUMN}",
    ),
    "empty": (
        "{are} empty: no {role}",
        "fill them in or leave them out, unless they are meant to be empty",
    ),
    "mangled": (
        "{are} wrongly decoded: {role} with characters such as � or Ã©",
        "export the file again from its source, as UTF-8",
    ),
}
