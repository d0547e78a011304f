"""Which parts have what a task needs."""

from __future__ import annotations

from collections.abc import Mapping

from seqlab.data.checking.findings import Finding
from seqlab.data.split import Split
from seqlab.errors import UserError, nearest


def usable_splits(
    splits: Mapping[str, Split], columns: Mapping[str, str], target: str | None
) -> tuple[dict[str, Split], list[Finding]]:
    """The splits without those that nobody labelled, such as a competition's test split.

    Args:
        splits: "train" among them.
        columns: Which column fills each role, as found in the training split.
        target: The column of what is learned, where the task has one.

    Returns:
        The splits by name, and a finding for each split that is left out.

    Raises:
        UserError: A part lacks another column.
    """
    usable: dict[str, Split] = {}
    findings: list[Finding] = []
    for name, split in splits.items():
        missing = [column for column in columns.values() if column not in split.column_names]
        if target is not None and name != "train" and not _is_labelled(split, target):
            findings.append(_unlabelled(split, target))
        elif missing:
            raise _lacks(split, missing[0])
        else:
            usable[name] = split
    return usable, findings


def _is_labelled(split: Split, target: str) -> bool:
    """Whether any row has a target."""
    return target in split.column_names and any(each is not None for each in split.column(target))


def _unlabelled(split: Split, target: str) -> Finding:
    return Finding(
        "part without targets",
        "dropped",
        f"the {split.name} split is left out: no row has a value in column '{target}'",
        f"{split.origin}, {split.name}, column '{target}'",
        "fill them in, or leave it as it is: another part is split off for it",
        split.name,
        len(split),
    )


def _lacks(split: Split, column: str) -> UserError:
    near = nearest(column, split.column_names)
    hint = f", which has '{near}'" if near else ""
    return UserError(
        f"the {split.name} split lacks the column '{column}' of the training split{hint}",
        location=split.origin,
        remedy="give all splits the same columns, or leave this part out",
    )
