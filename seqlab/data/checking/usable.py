"""Which parts have what a task needs."""

from __future__ import annotations

from collections.abc import Mapping

from seqlab.data.checking.findings import Finding
from seqlab.data.split import Split
from seqlab.errors import UserError, nearest


def usable_parts(
    parts: Mapping[str, Split], columns: Mapping[str, str], target: str | None
) -> tuple[dict[str, Split], list[Finding]]:
    """The parts without those that nobody labelled, such as a competition's test part.

    Args:
        parts: "train" among them.
        columns: Which column fills each role, as found in the training part.
        target: The column of what is learned, where the task has one.

    Returns:
        The parts by name, and a finding for each part that is left out.

    Raises:
        UserError: A part lacks another column.
    """
    usable: dict[str, Split] = {}
    findings: list[Finding] = []
    for name, part in parts.items():
        missing = [column for column in columns.values() if column not in part.column_names]
        if target is not None and name != "train" and not _is_labelled(part, target):
            findings.append(_unlabelled(part, target))
        elif missing:
            raise _lacks(part, missing[0])
        else:
            usable[name] = part
    return usable, findings


def _is_labelled(part: Split, target: str) -> bool:
    """Whether any row has a target."""
    return target in part.column_names and any(each is not None for each in part.column(target))


def _unlabelled(part: Split, target: str) -> Finding:
    return Finding(
        "part without targets",
        "dropped",
        f"the {part.name} part is left out: no row has a value in column '{target}'",
        f"{part.origin}, {part.name}, column '{target}'",
        "fill them in, or leave it as it is: another part is split off for it",
        part.name,
        len(part),
    )


def _lacks(part: Split, column: str) -> UserError:
    near = nearest(column, part.column_names)
    hint = f", which has '{near}'" if near else ""
    return UserError(
        f"the {part.name} part lacks the column '{column}' of the training part{hint}",
        location=part.origin,
        remedy="give all parts the same columns, or leave this part out",
    )
