"""Grouping of streamed rows into chunks of limited size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np

from seqlab.types import Row

RowT = TypeVar("RowT", bound=Row)

ROWS = 2048
"""Most rows of a chunk."""

CHARACTERS = 1 << 22
"""Characters or list items after which a chunk ends."""


def chunked(rows: Iterable[RowT]) -> Iterator[list[RowT]]:
    """Yield the rows in order, in chunks that fit into memory."""
    chunk, room = list[RowT](), CHARACTERS
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
