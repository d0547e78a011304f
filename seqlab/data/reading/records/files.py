"""Rows of files in every format but delimited text, plain text, tagged sentences and Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from seqlab.config.data_settings import DataSettings
from seqlab.data.decisions import Decision
from seqlab.data.reading.delimited.header import looks_like_row, named_columns
from seqlab.data.reading.naming import SPLIT_NAMES, ordered
from seqlab.data.reading.records.arff import arff_rows
from seqlab.data.reading.records.fasttext import PREFIX, fasttext_rows
from seqlab.data.reading.records.json_rows import json_rows
from seqlab.data.reading.records.series_files import SeriesNotes, ts_rows
from seqlab.data.reading.records.table import table_of
from seqlab.data.reading.records.workbooks import Sheet, read_sheets
from seqlab.data.reading.same_columns import check_same_columns
from seqlab.data.split import Split
from seqlab.data.text_files.lines import read_lines
from seqlab.errors import UserError, listed
from seqlab.types import Row

ROW_FORMATS = ("json", "ts", "arff", "xlsx")
"""The formats that are read here."""

_BY_LINE = (".jsonl", ".ndjson")


def read_row_files(
    name: str, files: Sequence[Path], file_format: str, origin: str, settings: DataSettings
) -> tuple[Split, list[Decision]]:
    """Read files as one table.

    Args:
        name: Name of the split.
        files: At least one file.
        file_format: One of `ROW_FORMATS`, or "fasttext".
        origin: Where the files come from, for messages.
        settings: The options of the data.

    Raises:
        UserError: A file cannot be read, or has other columns than the first.
    """
    reader = _Reader(file_format, settings)
    split = table_of(name, reader.rows(files), origin)
    return split, reader.decisions()


def rows_of(path: Path, file_format: str, settings: DataSettings) -> Iterator[Row]:
    """The rows of one file, such as rows to predict.

    Raises:
        UserError: The file cannot be read.
    """
    return _Reader(file_format, settings).rows([path])


def sheets_by_split(path: Path, settings: DataSettings) -> dict[str, Split]:
    """The splits of a workbook whose sheets are named by splits; empty for others."""
    sheets = read_sheets(path, sorted(settings.missing_cells))
    named: dict[str, Sheet] = {}
    for sheet in sheets:
        if (split := SPLIT_NAMES.get(sheet.name.strip().lower())) is not None:
            named.setdefault(split, sheet)
    if len(named) < 2:
        return {}
    return {
        name: table_of(
            name, sheet_rows(named[name], path, settings), f"{path}, sheet '{named[name].name}'"
        )
        for name in ordered(named)
    }


class _Reader:
    """Reads files one after the other, and keeps what was decided.

    Args:
        file_format: One of `ROW_FORMATS`.
        settings: The options of the data.
    """

    def __init__(self, file_format: str, settings: DataSettings) -> None:
        self._format, self._settings = file_format, settings
        self._notes = SeriesNotes()
        self._decisions: list[Decision] = []

    def rows(self, files: Sequence[Path]) -> Iterator[Row]:
        """The rows of all files."""
        names: dict[str, None] = {}
        for file in files:
            known = dict.fromkeys(names)
            own: dict[str, None] = {}
            for row in self._rows(file):
                if len(files) > 1:
                    own.update(dict.fromkeys(row))
                yield row
            if known and own:
                check_same_columns(files[0], list(known), file, list(own))
            names.update(own)

    def decisions(self) -> list[Decision]:
        """What was decided, after all rows were read."""
        padded = self._notes.padded
        if padded:
            text = f"missing values at the end of {padded:,} series were taken off"
            return [*self._decisions, Decision("padding", text)]
        return self._decisions

    def _rows(self, file: Path) -> Iterator[Row]:
        if self._format == "xlsx":
            return self._sheet_rows(file)
        lines = read_lines(file, self._settings.encoding)
        if self._format == "ts":
            return ts_rows(lines, str(file), self._notes)
        if self._format == "fasttext":
            labels = Decision("labels", f"{PREFIX} at the start of the lines")
            self._decisions = [labels]
            return fasttext_rows(lines)
        if self._format == "arff":
            return arff_rows(lines, str(file), self._notes)
        by_line = any(suffix.lower() in _BY_LINE for suffix in file.suffixes[-2:])
        return json_rows(lines, str(file), by_line=by_line)

    def _sheet_rows(self, file: Path) -> Iterator[Row]:
        sheets = read_sheets(file, sorted(self._settings.missing_cells))
        if not sheets:
            return
        others = [f"'{sheet.name}'" for sheet in sheets[1:]]
        if others:
            text = f"'{sheets[0].name}', the first of {file.name}; left out: {listed(others, 5)}"
            self._decisions.append(Decision("sheet", text))
        yield from sheet_rows(sheets[0], file, self._settings)


def sheet_rows(sheet: Sheet, path: Path, settings: DataSettings) -> Iterator[Row]:
    """The rows of a sheet below its header.

    Raises:
        UserError: The header looks like a row, or two columns have the same name.
    """
    location = f"{path}, sheet '{sheet.name}', row {sheet.numbers[0]}"
    first, rows = sheet.rows[0], sheet.rows[1:]
    if settings.header is False:
        rows, header = sheet.rows, [""] * len(first)
    else:
        header = ["" if value is None else str(value).strip() for value in first]
        if settings.header is None:
            _check_header(header, rows, location)
    names = named_columns(header, location, chosen=settings.header)
    for row in rows:
        yield dict(zip(names, row, strict=True))


def _check_header(header: Sequence[str], rows: Sequence[Sequence[object]], location: str) -> None:
    texts = [["" if value is None else str(value) for value in row] for row in rows[:1000]]
    reason = looks_like_row(header, texts)
    unnamed = sum(not name for name in header)
    if reason is None and 2 * unnamed > len(header):
        reason = f"it names {len(header) - unnamed} of {len(header)} columns"
    if reason is not None:
        raise UserError(
            f"the header looks like a row: {reason}",
            location=location,
            remedy="-o data.header=false if it is a row, or -o data.header=true if it holds the "
            "names of the columns; remove rows above the names",
        )
