"""Which parts have what a task needs."""

from __future__ import annotations

from collections.abc import Mapping

from seqlab.data.part import Part
from seqlab.errors import UserError, nearest


def usable_parts(
    parts: Mapping[str, Part], columns: Mapping[str, str], label: str | None
) -> tuple[dict[str, Part], list[str]]:
    """The parts without those that nobody labelled, such as a competition's test part.

    Args:
        parts: "train" among them.
        columns: Which column fills each role, as found in the training part.
        label: The column of the labels, where the task has one.

    Returns:
        The parts by name, and notices for the user.

    Raises:
        UserError: A part lacks another column, or some of its rows lack their label.
    """
    usable: dict[str, Part] = {}
    notices: list[str] = []
    for name, part in parts.items():
        missing = [column for column in columns.values() if column not in part.column_names]
        if label is not None and not _is_labelled(part, label) and name != "train":
            notices.append(f"{name} part left out: no row has a value in column '{label}'")
        elif missing:
            raise _lacks(part, missing[0])
        else:
            usable[name] = part
    return usable, notices


def _is_labelled(part: Part, label: str) -> bool:
    if label not in part.column_names:
        return False
    empty = [row for row, value in enumerate(part.column(label), 1) if value is None]
    if empty and (len(empty) < len(part) or part.name == "train"):
        raise UserError(
            f"row {empty[0]} has no label"
            + (f", nor have {len(empty) - 1} more" * (len(empty) > 1)),
            place=f"{part.origin}, {part.name}, column '{label}'",
            remedy="fill it in or leave the row out, or name another column with "
            "-o data.columns.label=NAME",
        )
    return not empty


def _lacks(part: Part, column: str) -> UserError:
    near = nearest(column, part.column_names)
    hint = f", which has '{near}'" if near else ""
    return UserError(
        f"the {part.name} part lacks the column '{column}' of the training part{hint}",
        place=part.origin,
        remedy="give all parts the same columns, or leave this part out",
    )
