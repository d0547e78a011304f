"""Pieces of a text by which parts of it are recognised in another text, wherever they begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from seqlab.data.checking.hashing import Hashes, RowHashes
from seqlab.data.split import Split
from seqlab.data.text_files.long_text import LongText

_LENGTH = 32
"""Bytes of a piece: long enough that unrelated texts do not share it by chance."""

_KEY_LENGTH = 8
_ONE_IN = 128
"""How many positions there are for one piece, on average: they are chosen by the bytes there."""

_BLOCK = 1 << 20


def with_pieces(hashes: RowHashes, split: Split, column: str | None) -> RowHashes:
    """The hashes of a split of a single text, with those of pieces of the text.

    Args:
        hashes: The hashes of the rows.
        split: The rows; if there are several, they are compared as a whole, without pieces.
        column: The column with the text; None if the task reads no single texts.
    """
    if column is None or len(split) != 1:
        return hashes
    text = next(split.column(column, lazy=True))
    if not isinstance(text, str | LongText):
        return hashes
    return replace(hashes, pieces=pieces_of(text))


def pieces_of(text: str | LongText) -> Hashes:
    """(P,) the distinct hashes of the pieces of a text, in ascending order."""
    found = [_pieces(block) for block in _blocks(text)]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.uint64)


def _blocks(text: str | LongText) -> Iterator[bytes]:
    """The text in UTF-8; each block begins with the last bytes of the one before it."""
    if isinstance(text, str):
        chunks: Iterator[str] = (text[i : i + _BLOCK] for i in range(0, len(text), _BLOCK))
    else:
        chunks = text.chunks()
    rest = b""
    for chunk in chunks:
        block = rest + chunk.encode("utf-8", "surrogatepass")
        yield block
        rest = block[-(_LENGTH - 1) :]


def _pieces(block: bytes) -> Hashes:
    """The hashes of the pieces of a block, at the positions whose first bytes say so."""
    content = np.frombuffer(block, np.uint8)
    if len(content) < _LENGTH:
        return np.zeros(0, np.uint64)
    key = content.astype(np.uint16)
    for power in range(_KEY_LENGTH.bit_length() - 1):  # of 2, 4 and 8 bytes
        step = 1 << power
        key = key[:-step] * np.uint16(40_503 + 2 * step) + key[step:]
    candidates = key[: len(content) - _LENGTH + 1] >> np.uint16(9)  # the high bits are well mixed
    starts = np.flatnonzero(candidates == _ONE_IN // 2)
    words = content[starts[:, None] + np.arange(_LENGTH)].view(np.uint64)  # (P, 4)
    hashes = np.zeros(len(starts), np.uint64)
    for word in words.T:
        hashes = (hashes ^ word) * np.uint64(0x9E37_79B9_7F4A_7C15)
        hashes ^= hashes >> np.uint64(29)
    return hashes
