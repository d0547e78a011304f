"""Large delimited text files in blocks of bytes, divided by Arrow where their form is plain.

A block is plain if each of its quotes opens or closes a field or is doubled, each line is a record
with as many fields as the header, and no line is empty. All other blocks are left to the module
`csv`, which names the lines that are wrong.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np

from seqlab.data.reading.delimited.quotes import swallows
from seqlab.types import Booleans, Integers

if TYPE_CHECKING:
    import pyarrow

BLOCK = 1 << 20
"""Size of a block, in bytes."""

_MOST = 64 << 20
"""Size of a record from which on the rest of the file is left to the module `csv`, in bytes."""

_AHEAD = 2
"""Blocks that are read while one is parsed."""

_QUOTE, _NEWLINE, _RETURN = b'"\n\r'


@dataclass(frozen=True)
class Block:
    """Whole records of a file.

    Args:
        content: The records, in UTF-8.
        line: Number of lines before them.
        lines: Number of their lines.
        quotes: Offsets of the quotes.
        is_strict: Whether each quote opens or closes a field or is doubled. If not, the records
            are not whole.
    """

    content: bytes
    line: int
    lines: int
    quotes: Integers
    is_strict: bool

    def line_ends(self) -> tuple[Integers, Booleans]:
        """Offsets of the last characters of line ends, and whether they are in quoted fields."""
        ends = _line_ends(self.content, np.frombuffer(self.content, np.uint8))
        return ends, np.searchsorted(self.quotes, ends) % 2 == 1


def read_blocks(file: IO[bytes], separator: str, *, quoted: bool, line: int) -> Iterator[Block]:
    """Yield the rest of a file in blocks of whole records.

    After a block that is not strict, whose records may end elsewhere, the file is at the next byte.

    Args:
        file: The file, at the start of a record.
        separator: The separator.
        quoted: Whether fields may be in quotes.
        line: Number of lines before this record.
    """
    room, filled = bytearray(BLOCK), 0
    while True:
        if filled == len(room):
            if filled >= _MOST:
                yield Block(bytes(room), line, 0, np.zeros(0, np.int64), is_strict=False)
                return
            room = room + bytes(len(room))
        count = file.readinto(memoryview(room)[filled:])  # type: ignore[attr-defined]
        filled += count
        if not filled:
            return
        block = _first_records(room, filled, separator, line, quoted=quoted, is_last=not count)
        if block is not None:
            line += block.lines
            yield block
            end = len(block.content)
            room[: filled - end] = room[end:filled]
            filled -= end
        if not count or (block is not None and not block.is_strict):
            return


def _first_records(
    room: bytearray, filled: int, separator: str, line: int, *, quoted: bool, is_last: bool
) -> Block | None:
    """The whole records at the start of what was read; None if there is none."""
    codes = np.frombuffer(room, np.uint8, filled)
    quotes = np.flatnonzero(codes == _QUOTE) if quoted else np.zeros(0, np.int64)
    end = filled if is_last else _last_end(room, filled, quotes)
    if end == 0:
        return None
    quotes = quotes[: np.searchsorted(quotes, end)]
    if not _are_strict(codes[:end], quotes, ord(separator)):
        return Block(bytes(memoryview(room)[:filled]), line, 0, quotes, is_strict=False)
    content = bytes(memoryview(room)[:end])
    if b"\r" in content:
        count = len(_line_ends(content, codes[:end]))
    else:
        count = int(np.count_nonzero(codes[:end] == _NEWLINE))  # bytes.count takes longer
    count += content[-1] not in (_NEWLINE, _RETURN)
    return Block(content, line, count, quotes, is_strict=True)


def _last_end(room: bytearray, filled: int, quotes: Integers) -> int:
    """The offset after the last line end that is not in a quoted field; 0 if there is none."""
    end = filled - (room[filled - 1] == _RETURN)  # its line feed may follow in the next block
    has_returns = b"\r" in room
    while end := 1 + max(
        room.rfind(b"\n", 0, end), room.rfind(b"\r", 0, end) if has_returns else -1
    ):
        if np.searchsorted(quotes, end - 1) % 2 == 0:
            return end
        end -= 1
    return 0


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
                newlines_in_values=len(block.quotes) > 0,
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
    if table.num_rows == block.lines:
        return table
    inside = int(block.line_ends()[1].sum()) if len(block.quotes) else 0
    return table if table.num_rows == block.lines - inside else None


def has_record(table: pyarrow.Table, record: Sequence[str]) -> bool:
    """Whether a row of a table of texts has these cells."""
    sizes = [len(cell.encode()) for cell in record]
    for batch in table.to_batches():
        fits = np.ones(batch.num_rows, np.bool_)
        for array, size in zip(batch.columns, sizes, strict=True):  # lengths need no text
            offsets = np.frombuffer(array.buffers()[1], np.int64)
            fits &= np.diff(offsets[array.offset :][: len(array) + 1]) == size
        rows = np.flatnonzero(fits)
        if len(rows) and list(record) in map(list, zip(*_cells(batch, rows), strict=True)):
            return True
    return False


def _cells(batch: pyarrow.RecordBatch, rows: Integers) -> list[list[str | None]]:
    """Some rows of each column."""
    import pyarrow

    return [column.to_pylist() for column in batch.take(pyarrow.array(rows)).columns]


def parsed_ahead(
    parse: Callable[[Block], pyarrow.Table | None], blocks: Iterator[Block]
) -> Iterator[tuple[Block, pyarrow.Table | None]]:
    """Yield each block and its table, which is made while the next block is read."""
    with ThreadPoolExecutor(1) as executor:
        waiting: deque[tuple[Block, Future[pyarrow.Table | None]]] = deque()
        for block in blocks:
            waiting.append((block, executor.submit(parse, block)))
            if len(waiting) > _AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()


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
    ends, is_inside = block.line_ends()
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
