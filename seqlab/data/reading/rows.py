"""Rows of one file, one after the other: what is predicted is read as what is trained on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from seqlab.config.data_settings import DEFAULTS, DataSettings
from seqlab.data.checking.findings import Finding
from seqlab.data.reading.archives import is_archive
from seqlab.data.reading.delimited.file import SEPARATORS, DelimitedFile
from seqlab.data.reading.files import format_by_content, format_by_suffix, read_files
from seqlab.data.reading.formats import suffix_of
from seqlab.data.reading.records.files import rows_of
from seqlab.data.reading.sources import open_archive
from seqlab.data.reading.tagged.sentences import sentence_rows
from seqlab.data.text_files.lines import read_lines
from seqlab.data.text_files.opening import BOM
from seqlab.errors import UserError
from seqlab.types import Row

Input: TypeAlias = "str | Row"
"""A text or a row."""

STANDARD_INPUT = "-"

_ARCHIVE = "archive"
_STREAMED = ("json", "ts", "arff", "fasttext")
"""Formats of which few rows are in memory at a time."""


class WrittenRow(dict[str, object]):
    """A row of a text table with cells that are missing values, such as "nan".

    Args:
        cells: The cells as they stand in the file.
        missing: The cells that are missing values.

    Attributes:
        written: The columns that are None in the row → what stands in the file.
    """

    def __init__(self, cells: Row, missing: frozenset[str]) -> None:
        super().__init__(cells)
        self.written = {name: cell for name, cell in cells.items() if cell in missing}
        self.update(dict.fromkeys(self.written))


Report: TypeAlias = Callable[[Finding], object]


def format_of_rows(path: Path) -> str:
    """The format of a file of rows; a file without a suffix holds one text per line.

    Raises:
        UserError: The suffix is not supported.
    """
    if is_archive(path):
        return _ARCHIVE
    return format_by_suffix(path) if suffix_of(path) else "text"


def read_rows(
    source: str | Path, settings: DataSettings = DEFAULTS, report: Report | None = None
) -> Iterator[Input]:
    """The rows of a file, with few of them in memory at a time where the format allows it.

    Args:
        source: A file in any format that is trained on; a line of a .txt file is a text. "-" for
            one text per line on standard input.
        settings: The options of the data.
        report: Called with each finding on the rows, after the last row.

    Raises:
        UserError: The file cannot be read.
    """
    if source == STANDARD_INPUT:
        yield from _typed_lines()
        return
    path = Path(source)
    file_format = format_of_rows(path)
    if file_format != _ARCHIVE:
        file_format, _ = format_by_content(path, file_format, settings)
    if file_format in ("conll", "conllu"):
        yield from sentence_rows(path, settings.encoding, conllu=file_format == "conllu")
    elif file_format in SEPARATORS:
        yield from _delimited_rows(path, file_format, settings, report)
    elif file_format == "text":
        yield from (line for _, line in read_lines(path, settings.encoding))
    elif file_format in _STREAMED:
        yield from rows_of(path, file_format, settings)
    else:
        read = open_archive if file_format == _ARCHIVE else read_files
        splits, _, findings = read(path, settings)
        for split in splits.values():
            for batch in split.batches():
                yield from (
                    dict(zip(batch, values, strict=True))
                    for values in zip(*batch.values(), strict=True)
                )
        _report(findings, report)


def _typed_lines() -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            text = line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise UserError(
                f"the text is not UTF-8: {error.reason} at byte {error.start + 1} of the line",
                location=f"standard input, line {number}",
                remedy="write it as UTF-8, such as with `iconv -t utf-8`; or save it in a file, "
                "which -o data.encoding=NAME applies to",
            ) from None
        yield text.removeprefix(BOM) if number == 1 else text


def _delimited_rows(
    path: Path, file_format: str, settings: DataSettings, report: Report | None
) -> Iterator[Row]:
    file = DelimitedFile(path, file_format, replace(settings, missing=[]))
    missing = settings.missing_cells
    for chunk in file.chunks():
        names = list(chunk)
        for values in zip(*chunk.values(), strict=True):
            row = dict(zip(names, values, strict=True))
            yield row if missing.isdisjoint(values) else WrittenRow(row, missing)
    _report(file.findings(""), report)


def _report(findings: Iterable[Finding], report: Report | None) -> None:
    if report is not None:
        for finding in findings:
            report(finding)
