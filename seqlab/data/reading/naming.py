"""Which part a name means: "train.csv", "dev/1.txt", a split called "valid"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqlab.data.split import Split
from seqlab.errors import UserError

PART_NAMES: Mapping[str, str] = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}
"""What people call the parts, and what they are called here."""

_LETTER = r"[^\W\d_]"
_TOKEN = re.compile(rf"(?<!{_LETTER})({'|'.join(PART_NAMES)})(?!{_LETTER})", re.IGNORECASE)


def ordered(names: Mapping[str, object]) -> list[str]:
    """The part names that are there: train, validation, test."""
    return [name for name in dict.fromkeys(PART_NAMES.values()) if name in names]


def part_of(relative: Path) -> str | None:
    """The part that a path names; the file's own name counts more than its folders'."""
    for component in reversed(relative.parts):
        found = {PART_NAMES[match.lower()] for match in _TOKEN.findall(component)}
        if found:  # "train_test.csv" names no part
            return found.pop() if len(found) == 1 else None
    return None


def parts_of_splits(splits: Mapping[str, Any], spec: str) -> tuple[dict[str, Split], list[str]]:
    """The splits of a `datasets.DatasetDict` as parts.

    Args:
        splits: Tables by the name of their split.
        spec: Where they come from, for messages.

    Returns:
        The parts by name, and notices for the user.

    Raises:
        UserError: No split is a part that is known here.
    """
    parts: dict[str, Split] = {}
    unused: list[str] = []
    for split, table in splits.items():
        part = PART_NAMES.get(str(split).lower())
        if part is None or part in parts or len(table) == 0:
            unused.append(str(split))
        else:
            parts[part] = Split(part, table, spec)
    if not parts:
        raise UserError(
            f"'{spec}' has no part that is known here, only: {', '.join(unused) or 'nothing'}",
            location=spec,
            remedy="give a data set with a part 'train'",
        )
    notices = [f"left out of '{spec}': {', '.join(unused)}"] if unused else []
    return {part: parts[part] for part in ordered(parts)}, notices
