"""A text that is too large for memory: it stays in its file and is read in pieces."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab.data.lines import BOM, read_lines
from seqlab.errors import UserError

Cut: TypeAlias = Literal["anywhere", "lines"]

BLOCK = 1 << 20
"""Bytes that are read at a time."""

_LINE_END = re.compile(r"(?<=\S)\n(?=\S)")


@dataclass(frozen=True)
class LongText:
    """Characters of a UTF-8 file, from `start` up to `end`, with line ends as they are.

    Args:
        path: The file.
        bytes_at: (K + 1,) where each block begins, in bytes; blocks hold whole characters.
        characters_at: (K + 1,) the same in characters.
        start: The first character.
        end: The character after the last.
    """

    path: Path
    bytes_at: NDArray[np.int64]
    characters_at: NDArray[np.int64]
    start: int
    end: int

    def __len__(self) -> int:
        """Characters."""
        return self.end - self.start

    def __getitem__(self, span: slice) -> LongText:
        """Some of the characters, which stay in the file, too."""
        first, last, step = span.indices(len(self))
        if step != 1:
            raise ValueError(f"a step of {step}")
        return replace(self, start=self.start + first, end=self.start + max(first, last))

    def read(self) -> str:
        """All of it, in memory."""
        return "".join(self._blocks())

    def pieces(self, cut: Cut = "anywhere") -> Iterator[str]:
        """All of it, in pieces that are not empty.

        Args:
            cut: Where pieces may end: anywhere, or after a line end that stands alone, with
                something else than white space on both sides.
        """
        if cut == "anywhere":
            yield from self._blocks()
            return
        waiting: list[str] = []
        for block in self._blocks():
            # a line end that is the last character is looked at with the next block
            text = "".join([*waiting[-1:], block])
            ends = [found.end() for found in _LINE_END.finditer(text)][-1:]
            if ends:
                yield "".join([*waiting[:-1], text[: ends[0]]])
                waiting = [text[ends[0] :]]
            else:
                waiting = [*waiting[:-1], text[:-2], text[-2:]]
        if rest := "".join(waiting):
            yield rest

    def _blocks(self) -> Iterator[str]:
        first = int(np.searchsorted(self.characters_at, self.start, side="right")) - 1
        with self.path.open("rb") as file:
            file.seek(int(self.bytes_at[first]))
            for place in range(first, len(self.bytes_at) - 1):
                begin, end = (int(self.characters_at[place + more]) for more in (0, 1))
                if begin >= self.end:
                    return
                read = file.read(int(self.bytes_at[place + 1] - self.bytes_at[place]))
                block = self._decoded(read, end - begin)
                block = block[max(self.start - begin, 0) : self.end - begin]
                if block:
                    yield block

    def _decoded(self, read: bytes, characters: int) -> str:
        text = read.decode("utf-8", "replace")
        if len(text) != characters:
            raise UserError(
                "the file has changed while it was read",
                location=str(self.path),
                remedy="start again when nothing writes to it any more",
            )
        return text


def open_long(path: Path) -> LongText:
    """The text of a file, without a byte order mark at its start; it is read once, to count.

    Raises:
        UserError: It is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    bytes_at, characters_at, read, mark = [0], [0], 0, 0
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                text = decoder.decode(block)
                mark = mark or int(not read and text.startswith(BOM))
                read += len(block)
                bytes_at.append(read - len(decoder.getstate()[0]))
                characters_at.append(characters_at[-1] + len(text))
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        for _ in read_lines(path):  # says in which line it is
            pass
        raise
    counts = np.array(bytes_at, np.int64), np.array(characters_at, np.int64)
    return LongText(path, *counts, start=mark, end=characters_at[-1])
