"""Rows of delimited text files (.csv, .tsv), for training and for prediction."""

from __future__ import annotations

import csv
import io
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from seqlab.config.data_settings import DataSettings
from seqlab.data.checking.findings import Finding
from seqlab.data.decisions import Decision
from seqlab.data.reading.delimited.blocks import (
    Block,
    has_record,
    parse_block,
    parsed_ahead,
    read_blocks,
    swallowing_record,
)
from seqlab.data.reading.delimited.dialect import ONE_FIELD, Records, find_dialect, read_sample
from seqlab.data.reading.delimited.header import Header, read_header
from seqlab.data.reading.delimited.kept_lines import JoinedLines, KeptLines
from seqlab.data.reading.delimited.quotes import line_count, quotes_of_tsv, swallows
from seqlab.data.reading.delimited.row_findings import RowFindings
from seqlab.data.reading.formats import COMPRESSED
from seqlab.data.text_files.opening import encoding_of, open_bytes, open_text
from seqlab.errors import UserError

if TYPE_CHECKING:
    import pyarrow

TextColumns: TypeAlias = Mapping[str, Sequence[str | None]]
"""Some rows of a table of texts, as columns."""

SEPARATORS: Mapping[str, str] = {"csv": ",", "tsv": "\t"}
"""The separator that a format stands for."""

_ROWS = 2048
"""Most rows of a chunk."""

_CHARACTERS = 1 << 22
"""Characters after which a chunk should end."""

_OTHERS = 200
"""Rows with which the lines of a field over line ends are compared."""

LARGE = 16 << 20
"""Size from which on a file is read in blocks, in bytes."""


class DelimitedFile:
    """A delimited text file: its dialect, and its rows in chunks.

    Args:
        path: The file.
        file_format: "csv" or "tsv".
        settings: The options of the data.

    Attributes:
        dialect: How the records are written.
        header: The names of the columns.

    Raises:
        UserError: The file cannot be read or decoded, or its header looks like a row.
    """

    def __init__(self, path: Path, file_format: str, settings: DataSettings) -> None:
        self.path, self._settings = path, settings
        sample = read_sample(path, settings.encoding)
        dialect = find_dialect(sample, SEPARATORS[file_format], settings)
        if dialect.separator == "\t" and settings.quoting == "auto":
            dialect = quotes_of_tsv(path, settings.encoding, dialect)
        self.dialect = dialect
        self.header: Header = read_header(sample, dialect, settings.header, str(path))
        self._suffix_separator = SEPARATORS[file_format]
        self._findings = RowFindings(str(path), self.header)
        first = sample.records(dialect)[:1] if self.header.present else []
        self._header = first[0] if first else []
        self._header_lines = line_count(self._header) if first else 0
        self._is_plain = all(line.endswith("\n") for line in sample.lines[:-1]) and any(
            line.strip() for line in sample.lines[dialect.skipped :][:1]
        )

    def decisions(self) -> list[Decision]:
        """What was decided about the file."""
        dialect, header = self.dialect, self.header
        separator = dialect.separator
        shown = "none: each line is one field" if separator == ONE_FIELD else repr(separator)
        unusual = separator != self._suffix_separator
        encoding = encoding_of(self.path, self._settings.encoding)
        names = "the first line" if header.present else "none"
        return [
            Decision(
                "separator",
                shown,
                "data.separator",
                notable=unusual and self._settings.separator is None,
            ),
            Decision("quotes", _QUOTES[dialect.quotes], "data.quoting", notable=False),
            Decision("names of columns", names, "data.header", notable=False),
            Decision(
                "encoding",
                encoding.removesuffix("-sig"),
                "data.encoding",
                notable=encoding.startswith(("utf-16", "utf-32")),
            ),
        ]

    def chunks(self) -> Iterator[TextColumns]:
        """Yield all rows in order, in chunks that fit into memory. Cells are texts or None.

        Raises:
            UserError: A record cannot be divided into fields, or has more of them than the header.
        """
        for part in self.parts():
            if isinstance(part, Mapping):
                yield part
                continue
            for start in range(0, part.num_rows, _ROWS):
                yield part.slice(start, _ROWS).to_pydict()

    def parts(self) -> Iterator[TextColumns | pyarrow.Table]:
        """Yield what `chunks` yields; plain blocks of a large file are tables of Arrow.

        Raises:
            UserError: As in `chunks`.
        """
        if self._has_blocks():
            try:
                yield from self._block_parts()
            except UnicodeDecodeError:
                with open_text(self.path, self._settings.encoding) as file:
                    deque(file, maxlen=0)  # raises the error that names the line
                raise
            return
        with open_text(self.path, self._settings.encoding) as file:
            deque(islice(file, self.dialect.skipped), maxlen=0)
            yield from self._text_parts(KeptLines(file, self.dialect.skipped), [])

    def _has_blocks(self) -> bool:
        """Whether the file is worth the import of Arrow, and in a form that it divides."""
        encoding = encoding_of(self.path, self._settings.encoding)
        is_packed = self.path.suffix.lower() in COMPRESSED
        dialect = self.dialect
        return (
            self.path.stat().st_size >= LARGE // (4 if is_packed else 1)
            and encoding.startswith("utf-8")
            and dialect.quotes != "backslash"
            and not dialect.spaces
            and dialect.separator.isascii()
            and self._is_plain
        )

    def _block_parts(self) -> Iterator[TextColumns | pyarrow.Table]:
        header, line = self._header, self.dialect.skipped + self._header_lines
        names, missing = self.header.names, self._settings.missing_cells
        separator, quoted = self.dialect.separator, self.dialect.quotes != "none"
        with open_bytes(self.path) as file:
            if file.read(len(BOM_UTF8)) != BOM_UTF8:
                file.seek(0)
            deque(islice(file, line), maxlen=0)
            is_table = 1 < len(header) == len(names)
            parse = partial(
                parse_block, separator=separator, names=names, missing=missing, quoted=quoted
            )
            blocks = read_blocks(file, separator, quoted=quoted, line=line)
            for block, table in parsed_ahead(parse, blocks):
                if not block.is_strict:
                    yield from self._rest_parts(block, file, header)
                    return
                if table is None or (is_table and has_record(table, header)):
                    lines = KeptLines(io.StringIO(block.content.decode(), newline=""), block.line)
                    yield from self._text_parts(lines, header)
                    continue
                self._check_block(block, table)
                unnamed = {i: table.column(i).to_pylist() for i in self.header.unnamed}
                cells = {i: [cell or "" for cell in column] for i, column in unnamed.items()}
                self._findings.count(table.num_rows, cells)
                yield table

    def _rest_parts(
        self, block: Block, file: IO[bytes], header: list[str]
    ) -> Iterator[TextColumns]:
        """Yield the rows of a block that is not strict, and of the rest of its file."""
        start = block.content + file.readline()
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        try:
            lines = KeptLines(JoinedLines(start, text), block.line)
            yield from self._text_parts(lines, header)
        finally:
            text.detach()  # the file is closed by who has opened it

    def _check_block(self, block: Block, table: pyarrow.Table) -> None:
        """Refuse quoted fields that swallow rows."""
        width = len(self.header.names)
        if table.num_rows == block.lines or width == 1 or self._settings.quoting != "auto":
            return
        rows = zip(*table.slice(0, _OTHERS).to_pydict().values(), strict=True)
        others = [[cell or "" for cell in row] for row in rows]
        span = swallowing_record(block, self.dialect.separator, others, width)
        if span is not None:
            raise self._swallowing(*span)

    def findings(self, split: str, before: int = 0) -> list[Finding]:
        """The findings on the rows, after all chunks were read.

        Args:
            split: Name of the split.
            before: Number of rows of the split before those of this file.
        """
        return self._findings.findings(split, before)

    @property
    def unused(self) -> tuple[str, ...]:
        """The columns without a name and without a value, after all chunks were read."""
        return self._findings.unused

    def _text_parts(self, lines: KeptLines, header: list[str]) -> Iterator[TextColumns]:
        """Yield rows, in chunks, from lines of text.

        Args:
            lines: The lines.
            header: The record with the names of the columns; if empty, it is the first record.
        """
        names, missing = self.header.names, self._settings.missing_cells
        for columns in self._columns(lines, header):
            cells = {index: columns[index] for index in self.header.unnamed}
            self._findings.count(len(columns[0]), cells)
            yield {
                name: _without(missing, column) for name, column in zip(names, columns, strict=True)
            }

    def _columns(self, lines: KeptLines, header: list[str]) -> Iterator[Sequence[Sequence[str]]]:
        strict = self._settings.quoting == "auto"
        records = self.dialect.records(chain.from_iterable(lines), strict=strict)
        size, width = 64, len(self.header.names)
        if not header and self.header.present:
            header = self._header_of(records, lines)
        while True:
            first = records.line_num
            lines.forget(first + lines.start)
            try:
                rows = list(islice(records, size))
            except csv.Error:
                raise self._broken(lines, first) from None
            if not rows:
                break
            plain = records.line_num - first == len(rows) and set(map(len, rows)) == {width}
            if not plain or (width > 1 and header in rows):
                rows = self._checked(rows, lines, first + lines.start, header)
            if rows:
                columns = list(zip(*rows, strict=True))
                yield columns
                size = _next_size(columns)
        self._check_end(lines)

    def _header_of(self, records: Records, lines: KeptLines) -> list[str]:
        """The first record."""
        try:
            return next(filter(None, records), [])
        except csv.Error:
            raise self._broken(lines, 0) from None

    def _checked(
        self, rows: list[list[str]], lines: KeptLines, first: int, header: list[str] | None
    ) -> list[list[str]]:
        """The rows with as many fields as the header; empty and repeated lines are left out."""
        width = len(self.header.names)
        is_table, checks_quotes = width > 1, self._settings.quoting == "auto"
        kept: list[list[str]] = []
        for row in rows:
            number, first = first + 1, first + line_count(row)
            if not row or (is_table and len(row) == 1 and not row[0].strip()):
                self._findings.add_empty(len(kept), number)
                continue
            if is_table and row == header:
                self._findings.add_repeated(number)
                continue
            if checks_quotes and first > number and is_table:
                raw = lines.between(number - 1, first)
                if swallows(raw, self.dialect.separator, kept[-_OTHERS:] or rows, width):
                    raise self._swallowing(number, first)
            if len(row) != width:
                row = self._fitted(row, number, len(kept))
            kept.append(row)
        return kept

    def _fitted(self, row: list[str], number: int, index: int) -> list[str]:
        """A row without empty fields at its end that the header lacks, or with missing ones."""
        width = len(self.header.names)
        if len(row) < width:
            self._findings.add_short(index, number)
            return row + [""] * (width - len(row))
        if any(field.strip() for field in row[width:]):
            raise UserError(
                f"{len(row)} fields, more than the {width} of the "
                + ("header" if self.header.present else "first lines"),
                location=f"{self.path}, line {number}",
                remedy=self._wide_remedy(),
            )
        return row[:width]

    def _wide_remedy(self) -> str:
        separator = "tab" if self.dialect.separator == "\t" else self.dialect.separator
        if self.dialect.quotes == "none":
            return (
                f"leave the separator '{separator}' out of the texts, or remove the lines above "
                "the names of the columns; or, if fields are in quotes, -o data.quoting=double"
            )
        return (
            f"put fields that hold '{separator}' in double quotes, or remove the lines above the "
            "names of the columns; or, if each line is a single text, -o data.separator=tab"
        )

    def _swallowing(self, first: int, last: int) -> UserError:
        return UserError(
            f"a quoted field runs over line ends, from line {first} to line {last}, and the lines "
            "in it look like rows",
            location=f"{self.path}, line {first}",
            remedy="-o data.quoting=none if quotes are part of the texts, or "
            "-o data.quoting=double if these lines are one text",
        )

    def _broken(self, lines: KeptLines, first: int) -> UserError:
        """The error for the first record after a line whose quotes do not fit."""
        skipped = lines.start
        rest = chain.from_iterable(lines.kept_from(first + skipped))
        records = self.dialect.records(rest)
        start, cause = 0, ""
        try:
            while True:
                start = records.line_num
                next(records)
        except StopIteration:
            pass
        except csv.Error as error:
            cause = str(error)
        line, last = first + skipped + start + 1, first + skipped + records.line_num
        if "unexpected end" in cause:
            cause = "a quoted field does not end: its lines go on to the end of the file"
            cause += f", from line {line} to line {last}" if last > line else ""
        else:
            cause = "text follows the closing quote of a field"
            cause += f" that runs over line ends, from line {line} to line {last}" * (last > line)
        return UserError(
            cause,
            location=f"{self.path}, line {line}",
            remedy="-o data.quoting=none if quotes are part of the texts; or write each quote "
            "inside a quoted field twice",
        )

    def _check_end(self, lines: KeptLines) -> None:
        """Refuse a last quoted field without an end, which is accepted if not strict."""
        if self._settings.quoting in ("auto", "none"):
            return
        try:
            deque(self.dialect.records(chain.from_iterable(lines.kept_from(0))), maxlen=0)
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise self._broken(lines, lines.first_kept - lines.start) from None


_QUOTES = {
    "double": "fields may be in quotes, with quotes inside doubled",
    "backslash": "fields may be in quotes, with quotes inside after a backslash",
    "none": "part of the text",
}


def _without(missing: frozenset[str], column: Sequence[str]) -> Sequence[str | None]:
    """The cells, with None for those that are missing."""
    if missing.isdisjoint(column):
        return column
    return [None if cell in missing else cell for cell in column]


def _next_size(columns: Sequence[Sequence[str]]) -> int:
    """How many rows the next chunk may have, by the size of these."""
    rows, size = len(columns[0]), sum(sum(map(len, column)) for column in columns)
    return max(1, min(_ROWS, 4 * rows, _CHARACTERS * rows // max(size, 1)))
