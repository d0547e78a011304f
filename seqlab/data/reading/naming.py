"""Which part a name means: "train.csv", "dev/1.txt", a split called "valid"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqlab.data.split import Split
from seqlab.errors import UserError

SPLIT_NAMES: Mapping[str, str] = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}
"""What people call the splits, and what they are called here."""

_LETTER = r"[^\W\d_]"
_TOKEN = re.compile(rf"(?<!{_LETTER})({'|'.join(SPLIT_NAMES)})(?!{_LETTER})", re.IGNORECASE)


def ordered(names: Mapping[str, object]) -> list[str]:
    """The part names that are there: train, validation, test."""
    return [name for name in dict.fromkeys(SPLIT_NAMES.values()) if name in names]


def split_named_in(relative: Path) -> str | None:
    """The part that a path names; the file's own name counts more than its folders'."""
    for component in reversed(relative.parts):
        found = {SPLIT_NAMES[match.lower()] for match in _TOKEN.findall(component)}
        if found:  # "train_test.csv" names no split
            return found.pop() if len(found) == 1 else None
    return None


def splits_of_tables(tables: Mapping[str, Any], spec: str) -> tuple[dict[str, Split], list[str]]:
    """The splits of a `datasets.DatasetDict`, under the names that they have here.

    Args:
        tables: Tables by the name of their split.
        spec: Where they come from, for messages.

    Returns:
        The splits by name, and notices for the user.

    Raises:
        UserError: No table has the name of a split that is known here.
    """
    splits: dict[str, Split] = {}
    unused: list[str] = []
    for label, table in tables.items():
        name = SPLIT_NAMES.get(str(label).lower())
        if name is None or name in splits or len(table) == 0:
            unused.append(str(label))
        else:
            splits[name] = Split(name, table, spec)
    if not splits:
        raise UserError(
            f"'{spec}' has no split that is known here, only: {', '.join(unused) or 'nothing'}",
            location=spec,
            remedy="give a data set with a split 'train'",
        )
    notices = [f"left out of '{spec}': {', '.join(unused)}"] if unused else []
    return {name: splits[name] for name in ordered(splits)}, notices
