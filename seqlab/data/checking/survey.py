"""What is wrong in the rows of a part, found in one pass before anything is learned from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab.data.checking.findings import Action, Finding
from seqlab.data.contracts import Column
from seqlab.data.long_text import LongText
from seqlab.data.split import Split

Faulty: TypeAlias = Literal["refuse", "drop"]

COMPARED = 2_000_000
"""Rows of a part that are compared with others; to compare more takes memory that a run needs."""

MANGLED = ("\N{REPLACEMENT CHARACTER}", "Ã©", "Ã¼", "â€")
"""What UTF-8 looks like once it was read as something else, and what could not be read at all."""


@dataclass
class Survey:
    """What one pass over a part has found.

    Args:
        findings: Faults of single rows.
        faulty: (N,) rows with a missing value or a number that is none.
        inputs: (M,) a hash of what a model would see of each of the first rows.
        whole: (M,) the same with the target.
        empty: (M,) which of them hold nothing.
    """

    findings: list[Finding]
    faulty: NDArray[np.bool_]
    inputs: NDArray[np.int64]
    whole: NDArray[np.int64]
    empty: NDArray[np.bool_]


@dataclass
class _Fault:
    """Rows of one kind in one column, and what the first of them holds."""

    rows: list[int] = field(default_factory=list)
    value: Any = None

    def add(self, row: int, value: Any) -> None:
        if not self.rows:
            self.value = value
        self.rows.append(row)


def survey(
    split: Split,
    columns: Mapping[str, str],
    wanted: Sequence[Column],
    target: str | None,
    faulty: Faulty,
) -> Survey:
    """Look at every row of a part once.

    Args:
        split: As it was read, before anything is split off.
        columns: Which column fills each role.
        wanted: The roles.
        target: The role of what is to be learned.
        faulty: What becomes of rows with a missing value or a number that is none.
    """
    roles = {column.role: column for column in wanted if column.role in columns}
    faults: dict[tuple[str, str], _Fault] = {}
    hashes: dict[str, list[int]] = {role: [] for role in roles}
    blank: dict[str, list[int]] = {role: [] for role in roles}
    start = 0
    for batch in split.only(columns[role] for role in roles).batches(whole=False):
        for role, column in roles.items():
            values = batch[columns[role]]
            for kind, row, value in _faults(values, column):
                faults.setdefault((role, kind), _Fault()).add(start + row, value)
                if kind == "empty":
                    blank[role].append(start + row)
            if start < COMPARED:
                hashes[role] += map(_hashed, values)
        start += len(next(iter(batch.values()), ()))
    return _survey(split, columns, target, faulty, faults, hashes, blank)


def _survey(
    split: Split,
    columns: Mapping[str, str],
    target: str | None,
    faulty: Faulty,
    faults: Mapping[tuple[str, str], _Fault],
    hashes: Mapping[str, list[int]],
    blank: Mapping[str, list[int]],
) -> Survey:
    bad, findings = np.zeros(len(split), np.bool_), []
    for (role, kind), fault in faults.items():
        action = _ACTIONS[kind] or ("refused" if faulty == "refuse" else "dropped")
        if _ACTIONS[kind] is None:
            bad[fault.rows] = True
        cause, remedy = _SAID[kind]
        if action == "dropped":
            remedy = "fill the gaps, if such rows are not meant to be left out"
        findings.append(
            Finding.of_rows(
                split,
                _NAMES[kind],
                action,
                cause.format(role=role, s="{s}", are="{are}"),
                fault.rows,
                remedy=remedy.format(role=role),
                column=columns[role],
                value=fault.value,
            )
        )
    inputs = [role for role in hashes if role != target] or list(hashes)
    empty = np.zeros(len(next(iter(hashes.values()), ())), np.bool_)
    for role in inputs:
        empty[[row for row in blank[role] if row < len(empty)]] = True
    return Survey(findings, bad, _mixed(hashes, inputs), _mixed(hashes, list(hashes)), empty)


def _mixed(hashes: Mapping[str, list[int]], roles: Sequence[str]) -> NDArray[np.int64]:
    """(M,) one hash of several."""
    mixed = np.zeros(len(next(iter(hashes.values()), ())), np.int64)
    for role in roles:
        mixed = mixed * 1_000_003 + np.array(hashes[role], np.int64)
    return mixed


def _faults(values: Sequence[Any], column: Column) -> Iterator[tuple[str, int, Any]]:
    """(kind, row, value) of each fault in some of a column's values."""
    find = _text_fault if column.kinds == ("text",) else _other_fault(column)
    for row, value in enumerate(values):
        if (kind := find(value)) is not None:
            yield kind, row, value


def _text_fault(value: Any) -> str | None:
    if isinstance(value, LongText):
        faults = {_text_fault(piece) for piece in value.pieces()}
        return "mangled" if "mangled" in faults else "empty" if faults <= {"empty"} else None
    if not isinstance(value, str):
        return "missing" if value is None or _is_nan(value) else "no text"
    if not value or value.isspace():
        return "empty"
    if not value.isascii() and any(mark in value for mark in MANGLED):
        return "mangled"
    return None


def _other_fault(column: Column) -> Callable[[Any], str | None]:
    numbers = {"number", "numbers"} & set(column.kinds)

    def find(value: Any) -> str | None:
        if value is None:
            return "missing"
        if isinstance(value, float):
            return None if math.isfinite(value) else "not finite" if numbers else "missing"
        if isinstance(value, list | tuple | np.ndarray):
            return _list_fault(value)
        if isinstance(value, str) and not value.strip():
            return "missing" if "label" in column.kinds else "empty"
        return None

    return find


def _list_fault(value: Sequence[Any] | NDArray[Any]) -> str | None:
    if len(value) == 0:
        return "empty"
    if isinstance(value[0], str):
        return "missing" if None in value else None
    try:
        return None if np.isfinite(np.asarray(value, np.float64)).all() else "not finite"
    except (TypeError, ValueError):
        return "missing" if any(each is None for each in value) else None


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _hashed(value: Any) -> int:
    if isinstance(value, LongText):
        return hash(tuple(map(hash, value.pieces())))
    if isinstance(value, str):
        return hash(value)
    if isinstance(value, list | tuple):
        return hash(tuple(map(_hashed, value)))
    return hash(value.tobytes()) if isinstance(value, np.ndarray) else hash(str(value))


_NAMES = {
    "missing": "missing value",
    "not finite": "NaN or infinity",
    "no text": "no text",
    "empty": "empty",
    "mangled": "wrong encoding",
}
_ACTIONS: dict[str, Action | None] = {  # None: as option `data.faulty` has it
    "missing": None,
    "not finite": None,
    "no text": "refused",
    "empty": "kept",
    "mangled": "kept",
}
_OTHER = "name another column with -o data.columns.{role}=NAME"
_SAID = {
    "missing": (
        "{are} without a {role}",
        f"fill the gaps; or leave such rows out by -o data.faulty=drop; or {_OTHER}",
    ),
    "not finite": (
        "hold{s} NaN or infinity as {role}",
        f"put numbers there; or leave such rows out by -o data.faulty=drop; or {_OTHER}",
    ),
    "no text": ("hold{s} something that is not text as {role}", f"mend the rows; or {_OTHER}"),
    "empty": ("{are} empty: no {role}", "fill them in or leave them out, if this is not meant"),
    "mangled": (
        "{are} of another encoding: {role} with characters such as � or Ã©",
        "make the file anew from its source, as UTF-8",
    ),
}
