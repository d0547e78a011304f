"""Rows that come one by one, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

ROWS = 2048
"""Rows that are sorted by length together; memory holds no more than these."""

CHARACTERS = 1 << 22
"""Characters or items from which on there are fewer rows."""


def some_at_a_time(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """As many rows together as memory has place for, in order."""
    chunk, room = list[dict[str, Any]](), CHARACTERS
    for row in rows:
        chunk.append(row)
        room -= sum(len(value) for value in row.values() if isinstance(value, str | list))
        if len(chunk) >= ROWS or room <= 0:
            yield chunk
            chunk, room = [], CHARACTERS
    if chunk:
        yield chunk
