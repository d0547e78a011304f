"""Names that identify a split: "train.csv", "dev/1.txt", a table called "valid"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seqlab.data.decisions import Decision
from seqlab.data.split import Split
from seqlab.errors import UserError

if TYPE_CHECKING:
    import datasets

SPLIT_NAMES: Mapping[str, str] = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testa": "validation",
    "testb": "test",
}
"""Common names of splits, and the name that each has in this package; testa and testb are those of
CoNLL-2003."""

_LETTER = r"[^\W\d_]"
_SPLIT_WORD = re.compile(rf"(?<!{_LETTER})({'|'.join(SPLIT_NAMES)})(?!{_LETTER})", re.IGNORECASE)


def ordered(names: Mapping[str, object]) -> list[str]:
    """The names of existing splits in the order train, validation, test."""
    return [name for name in dict.fromkeys(SPLIT_NAMES.values()) if name in names]


def file_order(name: str) -> list[tuple[int, str]]:
    """Sort key of the names of files: numbers in them by value, part2 before part10."""
    parts = re.split(r"([0-9]+)", name)  # texts and numbers alternate
    keys = [(int(part) if index % 2 else 0, part) for index, part in enumerate(parts)]
    return [*keys, (0, name)]


def split_named_in(relative: Path) -> str | None:
    """The split that a path names; the file name takes precedence over its folders."""
    for component in reversed(relative.parts):
        names = {SPLIT_NAMES[word.lower()] for word in _SPLIT_WORD.findall(component)}
        if names:  # "train_test.csv" does not name one split
            return names.pop() if len(names) == 1 else None
    return None


def splits_of_tables(
    tables: Mapping[str, datasets.Dataset], spec: str
) -> tuple[dict[str, Split], list[Decision]]:
    """Convert a `datasets.DatasetDict` to splits, and their names to those of this package.

    Args:
        tables: Tables by the name of their split.
        spec: Where the tables come from, for messages.

    Returns:
        The splits by name, and what was decided.

    Raises:
        UserError: No table has the name of a split.
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
            f"'{spec}' has no train, validation or test split, only: "
            f"{', '.join(unused) or 'nothing'}",
            location=spec,
            remedy="give a data set with a split 'train'",
        )
    decisions = [Decision(f"left out of '{spec}'", ", ".join(unused))] if unused else []
    return {name: splits[name] for name in ordered(splits)}, decisions
