"""Lines of a text file in blocks, some of which are kept for messages about them."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from typing import Protocol, TextIO

_LINES = 1 << 20
"""Size of the lines that are read at once, in characters."""


class JoinedLines:
    """The lines at the start of a text, and those of the rest of its file.

    Args:
        start: Whole lines in UTF-8.
        rest: The file after them.
    """

    def __init__(self, start: bytes, rest: TextIO) -> None:
        self._start, self._rest = io.StringIO(start.decode(), newline=""), rest

    def readlines(self, hint: int) -> list[str]:
        """The next lines, about this many characters."""
        return self._start.readlines(hint) or self._rest.readlines(hint)


class Readable(Protocol):
    """A file whose lines are read in blocks."""

    def readlines(self, hint: int, /) -> list[str]:
        """The next lines, about this many characters."""


class KeptLines:
    """The lines of a file in blocks; those of records that are not yet checked are kept.

    Args:
        file: The file.
        start: Number of lines that were read before.
    """

    def __init__(self, file: Readable, start: int) -> None:
        self._file, self.start, self._end = file, start, start
        self._blocks: deque[tuple[int, list[str]]] = deque()

    def __iter__(self) -> Iterator[list[str]]:
        while block := self._file.readlines(_LINES):
            self._blocks.append((self._end, block))
            self._end += len(block)
            yield block

    def forget(self, line: int) -> None:
        """Drop the lines before this one, counted from 0 on, as far as they are not needed."""
        while len(self._blocks) > 1 and self._blocks[1][0] <= line:
            self._blocks.popleft()

    @property
    def first_kept(self) -> int:
        """The number of the first line that is kept, from 0 on."""
        return self._blocks[0][0] if self._blocks else 0

    def kept_from(self, line: int) -> Iterator[list[str]]:
        """Yield the lines from this one on, counted from 0 on, also those not yet read."""
        for start, block in list(self._blocks):
            yield block[max(line - start, 0) :]
        yield from self

    def between(self, line: int, end: int) -> list[str]:
        """Lines that are kept."""
        return [
            text
            for start, block in self._blocks
            for text in block[max(line - start, 0) : max(end - start, 0)]
        ]
