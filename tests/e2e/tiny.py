"""The data of every task, cut to what a run of a twentieth of a second needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TypeAlias

from seqlab.plugin.manager import installed
from seqlab.types import JsonObject

ROWS, CHARACTERS = 8, 200

Splits: TypeAlias = "Mapping[str, list[JsonObject]]"

NUMBERS = "series of numbers"


@cache
def tiny_splits(task: str, data: str | None = None) -> Splits:
    """The first rows of each split.

    Args:
        task: A registered task.
        data: A registered data set, or `NUMBERS`; the task's own data if None.
    """
    if data == NUMBERS:
        return _series()
    known = installed()
    source = data or known.tasks.get(task).load().defaults["data.source"]
    splits = known.data.get(str(source)).load()().load()
    rows = {
        name: [_cut(split[row]) for row in range(min(ROWS, len(split)))]
        for name, split in splits.items()
    }
    if len(rows) == 1:  # too few rows to split off the others
        (train,) = rows.values()
        rows = {"train": train, "validation": train, "test": train}
    return rows


def as_integers(splits: Splits) -> Splits:
    """The splits with an integer in place of each character of a text."""
    return {
        name: [{**row, "text": " ".join(str(ord(c)) for c in row["text"])} for row in rows]
        for name, rows in splits.items()
    }


def repeated(row: JsonObject, times: int = 5) -> JsonObject:
    """The row with its texts and lists repeated."""
    return {
        name: value * times if isinstance(value, str | list) else value
        for name, value in row.items()
    }


def _cut(row: JsonObject) -> JsonObject:
    return {
        name: value[:CHARACTERS] if isinstance(value, str) else value for name, value in row.items()
    }


def _series() -> Splits:
    """Series with two features per step, of different lengths."""
    rows: list[JsonObject] = [
        {"series": [[0.1 * step, -float(row)] for step in range(2 + row)], "label": "ab"[row % 2]}
        for row in range(ROWS)
    ]
    return {"train": rows, "validation": rows, "test": rows}
