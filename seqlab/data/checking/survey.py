"""Faults in the rows of a split, found in one pass before anything is learned from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from seqlab.data.checking.faults import ACTIONS, FINDING_KINDS, MESSAGES, fault_finder
from seqlab.data.checking.findings import Finding
from seqlab.data.checking.hashing import RowHashes, combine, hash_values
from seqlab.data.checking.labels import find_odd_labels
from seqlab.data.checking.placeholders import find_placeholders
from seqlab.data.contracts import Column
from seqlab.data.split import Split
from seqlab.errors import shorten
from seqlab.types import Booleans

Faulty: TypeAlias = Literal["refuse", "drop"]


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
    if target in roles and "label" in roles[target].kinds:
        findings += find_odd_labels(split, columns[target])
    for role, column in roles.items():
        if "number" in column.kinds:
            findings += find_placeholders(split, columns[role])
    return Survey(findings, _faulty_rows(len(split), faults), hashes, empty)


def survey_numbers(
    split: Split, names: Sequence[str], faulty: Faulty
) -> tuple[list[Finding], Booleans]:
    """Check further columns of numbers, which have no role.

    Args:
        split: The split; columns that it lacks are left to the task.
        names: The columns.
        faulty: As in `survey`.

    Returns:
        Findings on rows without a number there, and (N,) a mask of these rows.
    """
    findings, mask = list[Finding](), np.zeros(len(split), np.bool_)
    find = fault_finder(Column("", ("number",), ()))
    is_dropped = faulty == "drop"
    for name in (name for name in names if name in split.column_names):
        findings += find_placeholders(split, name)
        values = list(split.column(name))
        rows = [row for row, value in enumerate(values) if find(value)]
        if not rows:
            continue
        mask[rows] = True
        remedy = "fill the gaps, unless these rows are meant to be left out"
        if not is_dropped:
            remedy = "fill the gaps; or leave these rows out with -o data.faulty=drop; or do "
            remedy += "without the column"
        findings.append(
            Finding.of_rows(
                split,
                "missing value",
                "dropped" if is_dropped else "refused",
                "lack{s} a number",
                rows,
                remedy=remedy,
                column=name,
                value=values[rows[0]],
            )
        )
    return findings, mask


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
        if ACTIONS[kind] is None:
            faulty[fault.rows] = True
    return faulty


def _finding(
    split: Split, role: str, column: str, kind: str, fault: _Fault, faulty: Faulty
) -> Finding:
    action = ACTIONS[kind] or ("refused" if faulty == "refuse" else "dropped")
    if kind == "printed" and 2 * len(fault.rows) < len(split):
        action = "kept"  # a few texts may look like lists by chance
    cause, remedy = MESSAGES[kind]
    if action == "dropped":
        remedy = "fill the gaps, unless these rows are meant to be left out"
    return Finding.of_rows(
        split,
        FINDING_KINDS[kind],
        action,
        cause.format(role=role, value=shorten(fault.value), s="{s}", are="{are}"),
        fault.rows,
        remedy=remedy.format(role=role),
        column=column,
        value=fault.value,
    )


def _faults(values: Sequence[object], column: Column) -> Iterator[tuple[str, int, object]]:
    """(kind, row, value) of each fault in some values of a column."""
    find = fault_finder(column)
    for row, value in enumerate(values):
        if (kind := find(value)) is not None:
            yield kind, row, value
