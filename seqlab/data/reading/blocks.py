"""Large delimited text files in blocks of bytes, divided by Arrow where their form is plain.

A block is plain if each of its quotes opens or closes a field or is doubled, each line is a record
with as many fields as the header, and no line is empty. All other blocks are left to the module
`csv`, which names the lines that are wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np

from seqlab.data.reading.quotes import swallows
from seqlab.types import Booleans, Integers

if TYPE_CHECKING:
    import pyarrow

BLOCK = 1 << 20
"""Size of a block, in bytes."""

_MOST = 64 << 20
"""Size of a record from which on the rest of the file is left to the module `csv`, in bytes."""

_QUOTE, _NEWLINE, _RETURN = b'"\n\r'


@dataclass(frozen=True)
class Block:
    """Whole records of a file.

    Args:
        content: The records, in UTF-8.
        line: Number of lines before them.
        lines: Number of their lines.
        inside: Offsets of the line ends inside quoted fields.
        is_strict: Whether each quote opens or closes a field or is doubled. If not, the records
            are not whole.
    """

    content: bytes
    line: int
    lines: int
    inside: Integers
    is_strict: bool


def read_blocks(file: IO[bytes], separator: str, *, quoted: bool, line: int) -> Iterator[Block]:
    """Yield the rest of a file in blocks of whole records.

    After a block that is not strict, whose records may end elsewhere, the file is at the next byte.

    Args:
        file: The file, at the start of a record.
        separator: The separator.
        quoted: Whether fields may be in quotes.
        line: Number of lines before this record.
    """
    rest = b""
    while True:
        if len(rest) >= _MOST:
            yield Block(rest, line, 0, np.zeros(0, np.int64), is_strict=False)
            return
        content = file.read(BLOCK)
        text = rest + content
        if not text:
            return
        block, rest = _first_records(text, separator, quoted, line, is_last=not content)
        if block is not None:
            line += block.lines
            yield block
        if not content or (block is not None and not block.is_strict):
            return


def _first_records(
    text: bytes, separator: str, quoted: bool, line: int, *, is_last: bool
) -> tuple[Block | None, bytes]:
    """The whole records at the start of a text, and the rest."""
    has_quotes = quoted and b'"' in text
    if b"\r" in text:  # rare: a block ends where no line end can be cut in two
        return _with_returns(text, separator, line, quoted=quoted, is_last=is_last)
    if not has_quotes:
        end = len(text) if is_last else text.rfind(b"\n") + 1
        if end == 0:
            return None, text
        content = text[:end]
        count = content.count(b"\n") + (not content.endswith(b"\n"))
        return Block(content, line, count, np.zeros(0, np.int64), is_strict=True), text[end:]
    return _divided(text, separator, line, quoted=True, is_last=is_last)


def _with_returns(
    text: bytes, separator: str, line: int, *, quoted: bool, is_last: bool
) -> tuple[Block | None, bytes]:
    """As `_first_records` for lines that end with a carriage return, at least in part."""
    if not is_last and text.endswith(b"\r"):  # its line feed may follow in the next block
        block, rest = _divided(text[:-1], separator, line, quoted=quoted, is_last=False)
        return block, rest + b"\r"
    return _divided(text, separator, line, quoted=quoted, is_last=is_last)


def _divided(
    text: bytes, separator: str, line: int, *, quoted: bool, is_last: bool
) -> tuple[Block | None, bytes]:
    """As `_first_records`, by the positions of quotes and line ends."""
    codes = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(codes == _QUOTE) if quoted else np.zeros(0, np.int64)
    ends = _line_ends(text, codes)
    is_inside = np.searchsorted(quotes, ends) % 2 == 1
    outside = ends[~is_inside]
    if is_last:
        end = len(text)
    elif len(outside):
        end = int(outside[-1]) + 1
    else:
        return None, text
    quotes, inside = quotes[quotes < end], ends[is_inside & (ends < end)]
    count = int(np.searchsorted(ends, end)) + (text[end - 1] not in (_NEWLINE, _RETURN))
    if not _are_strict(codes[:end], quotes, ord(separator)):
        return Block(text, line, count, inside, is_strict=False), b""
    return Block(text[:end], line, count, inside, is_strict=True), text[end:]


def _line_ends(text: bytes, codes: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> Integers:
    """Offsets of the last characters of line ends."""
    if b"\r" not in text:
        return np.flatnonzero(codes == _NEWLINE)
    ends = np.flatnonzero((codes == _NEWLINE) | (codes == _RETURN))
    following = np.minimum(ends + 1, len(codes) - 1)
    is_first = (codes[ends] == _RETURN) & (codes[following] == _NEWLINE) & (following > ends)
    kept: Integers = ends[~is_first]
    return kept


def _are_strict(
    codes: np.ndarray[tuple[int], np.dtype[np.uint8]], quotes: Integers, separator: int
) -> bool:
    """Whether quotes alternate between opening and closing a field, or are doubled."""
    if len(quotes) % 2:
        return False
    borders = np.zeros(256, np.bool_)
    borders[[_QUOTE, _NEWLINE, _RETURN, separator]] = True
    opening, closing = quotes[::2], quotes[1::2]
    before: Booleans = borders[codes[opening - 1]] | (opening == 0)
    after: Booleans = borders[codes[np.minimum(closing + 1, len(codes) - 1)]]
    after |= closing == len(codes) - 1
    return bool(before.all() and after.all())


def parse_block(
    block: Block, separator: str, names: Sequence[str], missing: frozenset[str], *, quoted: bool
) -> pyarrow.Table | None:
    """The rows of a plain block as a table of texts; None if the block is not plain.

    Args:
        block: The block.
        separator: The separator.
        names: The names of the columns.
        missing: Cells that are missing values.
        quoted: Whether fields may be in quotes.
    """
    import pyarrow
    from pyarrow import csv

    content = block.content
    if not block.is_strict:
        return None
    try:
        table = csv.read_csv(
            pyarrow.BufferReader(content),
            csv.ReadOptions(
                column_names=list(names), block_size=len(content) + 1, use_threads=False
            ),
            csv.ParseOptions(
                delimiter=separator,
                quote_char='"' if quoted else False,
                newlines_in_values=len(block.inside) > 0,
            ),
            csv.ConvertOptions(
                column_types=dict.fromkeys(names, pyarrow.large_string()),
                null_values=list(missing),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except (pyarrow.ArrowInvalid, pyarrow.ArrowKeyError):
        return None
    return table if table.num_rows == block.lines - len(block.inside) else None


def swallowing_record(
    block: Block, separator: str, others: Sequence[Sequence[str]], width: int
) -> tuple[int, int] | None:
    """The first and last line, from 1 on, of a record that seems to swallow rows; None if none.

    Args:
        block: A block with quoted fields over line ends.
        separator: The separator.
        others: Some other rows.
        width: Number of columns.
    """
    codes = np.frombuffer(block.content, np.uint8)
    ends = _line_ends(block.content, codes)
    is_inside = np.isin(ends, block.inside, assume_unique=True)
    last = len(ends) - 1
    position = 0
    while position <= last:
        if not is_inside[position]:
            position += int(np.argmax(is_inside[position:])) if is_inside[position:].any() else last
            if position > last or not is_inside[position]:
                return None
        stop = position + int(np.argmin(is_inside[position:]))
        stop = last if is_inside[stop] else stop
        start = int(ends[position - 1]) + 1 if position else 0
        lines = block.content[start : int(ends[stop]) + 1].decode("utf-8", "replace")
        if swallows(lines.splitlines(), separator, others, width):
            return block.line + position + 1, block.line + stop + 1
        position = stop + 1
    return None
