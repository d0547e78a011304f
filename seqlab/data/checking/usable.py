"""Which splits have the columns that a task needs."""

from __future__ import annotations

from collections.abc import Mapping

from seqlab.data.checking.findings import Finding
from seqlab.data.split import Split
from seqlab.errors import UserError, nearest


def usable_splits(
    splits: Mapping[str, Split], columns: Mapping[str, str], target: str | None
) -> tuple[dict[str, Split], list[Finding]]:
    """Leave out splits without labels, such as the test split of a competition.

    Args:
        splits: The splits by name, with "train" among them.
        columns: Role → column, as found in the training split.
        target: The column with the targets, if the task has one.

    Returns:
        The usable splits by name, and a finding for each split that is left out.

    Raises:
        UserError: A split lacks a column other than the target.
    """
    usable: dict[str, Split] = {}
    findings: list[Finding] = []
    for name, split in splits.items():
        missing = [column for column in columns.values() if column not in split.column_names]
        if target is not None and name != "train" and not _is_labelled(split, target):
            findings.append(_unlabelled(split, target))
        elif missing:
            raise _missing_column(split, missing[0])
        else:
            usable[name] = split
    return usable, findings


def _is_labelled(split: Split, target: str) -> bool:
    """Whether any row has a target."""
    return target in split.column_names and any(value is not None for value in split.column(target))


def _unlabelled(split: Split, target: str) -> Finding:
    return Finding(
        "split without targets",
        "dropped",
        f"the {split.name} split is left out: no row has a value in column '{target}'",
        split.location(target),
        "fill them in, or leave it as it is: rows of another split are taken in its place",
        split.name,
        len(split),
    )


def _missing_column(split: Split, column: str) -> UserError:
    near = nearest(column, split.column_names)
    hint = f", which has '{near}'" if near else ""
    return UserError(
        f"the {split.name} split lacks the column '{column}' of the training split{hint}",
        location=split.origin,
        remedy="give all splits the same columns, or leave this split out",
    )
