"""A text that is too large for memory: it stays in its file and is read in blocks."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from seqlab.data.text_files.lines import read_lines
from seqlab.data.text_files.opening import BOM
from seqlab.errors import UserError
from seqlab.types import Integers

Cut: TypeAlias = Literal["anywhere", "lines"]

BLOCK = 1 << 20
"""Size of a block, in bytes."""

_LINE_END = re.compile(r"(?<=\S)\n(?=\S)")


@dataclass(frozen=True)
class LongText:
    """Characters of a UTF-8 file, from `start` up to `end`, with line ends unchanged.

    Args:
        path: The file.
        bytes_at: (K + 1,) offsets of the blocks in bytes; blocks hold whole characters.
        characters_at: (K + 1,) offsets of the blocks in characters.
        start: Offset of the first character.
        end: Offset after the last character.
    """

    path: Path
    bytes_at: Integers
    characters_at: Integers
    start: int
    end: int

    def __len__(self) -> int:
        """The number of characters."""
        return self.end - self.start

    def __getitem__(self, span: slice) -> LongText:
        """A slice of the text, which also stays in the file."""
        first, last, step = span.indices(len(self))
        if step != 1:
            raise ValueError(f"a step of {step}")
        return replace(self, start=self.start + first, end=self.start + max(first, last))

    def read(self) -> str:
        """Read the whole text into memory."""
        return "".join(self._blocks())

    def chunks(self, cut: Cut = "anywhere") -> Iterator[str]:
        """Yield the text in chunks that are not empty.

        Args:
            cut: Where chunks may end: anywhere, or after a single line end with characters
                other than white space on both sides.
        """
        if cut == "anywhere":
            yield from self._blocks()
            return
        pending: list[str] = []
        for block in self._blocks():
            # a line end in last position can be judged only with the next block
            text = "".join([*pending[-1:], block])
            cuts = [match.end() for match in _LINE_END.finditer(text)][-1:]
            if cuts:
                yield "".join([*pending[:-1], text[: cuts[0]]])
                pending = [text[cuts[0] :]]
            else:
                pending = [*pending[:-1], text[:-2], text[-2:]]
        if rest := "".join(pending):
            yield rest

    def _blocks(self) -> Iterator[str]:
        first = int(np.searchsorted(self.characters_at, self.start, side="right")) - 1
        with self.path.open("rb") as file:
            file.seek(int(self.bytes_at[first]))
            for index in range(first, len(self.bytes_at) - 1):
                start, end = (int(offset) for offset in self.characters_at[index : index + 2])
                if start >= self.end:
                    return
                content = file.read(int(self.bytes_at[index + 1] - self.bytes_at[index]))
                block = self._decode(content, end - start)
                block = block[max(self.start - start, 0) : self.end - start]
                if block:
                    yield block

    def _decode(self, content: bytes, length: int) -> str:
        text = content.decode("utf-8", "replace")
        if len(text) != length:
            raise UserError(
                "the file has changed while it was read",
                location=str(self.path),
                remedy="try again when no other program is writing to the file",
            )
        return text


def open_long(path: Path) -> LongText:
    """Open the text of a file, without a byte order mark at its start.

    The file is read once to find the offsets of its blocks.

    Raises:
        UserError: The text is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    bytes_at, characters_at, size, start = [0], [0], 0, 0
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                text = decoder.decode(block)
                start = start or int(not size and text.startswith(BOM))
                size += len(block)
                # bytes of an unfinished character belong to the next block
                bytes_at.append(size - len(decoder.getstate()[0]))
                characters_at.append(characters_at[-1] + len(text))
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        for _ in read_lines(path):  # raises an error that names the line
            pass
        raise
    offsets = np.array(bytes_at, np.int64), np.array(characters_at, np.int64)
    return LongText(path, *offsets, start=start, end=characters_at[-1])
