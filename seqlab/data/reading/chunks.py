"""Rows that come one by one, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

Row = TypeVar("Row", bound=Mapping[str, Any])

ROWS = 2048
"""Rows that are read together; memory holds no more than these."""

CHARACTERS = 1 << 22
"""Characters or items from which on there are fewer rows."""


def some_at_a_time(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """As many rows together as memory has place for, in order."""
    chunk, room = list[Row](), CHARACTERS
    for row in rows:
        chunk.append(row)
        room -= sum(map(_size, row.values()))
        if len(chunk) >= ROWS or room <= 0:
            yield chunk
            chunk, room = [], CHARACTERS
    if chunk:
        yield chunk


def _size(value: object) -> int:
    if isinstance(value, np.ndarray):
        return value.size
    return len(value) if isinstance(value, str | bytes | list | tuple) else 0
