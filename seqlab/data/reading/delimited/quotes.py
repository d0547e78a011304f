"""Quotes in delimited text files: which are part of the text, and which enclose a field."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from seqlab.data.reading.delimited.dialect import Dialect
from seqlab.data.text_files.opening import open_text

_MOST_LINES = 1000
"""Lines of a field over line ends that are compared with rows."""

_LABEL = 40
"""Most characters of a value that repeats as a label does."""

_NUMBER = re.compile(r"\s*[-+]?(\d[\d., ']*|\.\d+)([eE][-+]?\d+)?\s*")
_LINE_END = re.compile(r"\r\n|\r|\n")


def line_count(record: Sequence[str]) -> int:
    """The number of lines of a record; an empty record is an empty line."""
    return 1 + sum(len(_LINE_END.findall(text)) for text in record if "\n" in text or "\r" in text)


def swallows(
    lines: Sequence[str], separator: str, others: Sequence[Sequence[str]], width: int
) -> bool:
    """Whether the lines of a record look like records: quotes are part of the text.

    At least two lines, and half of all, must have as many separators as a row, and in one column
    numbers, values of other rows or values that repeat.

    Args:
        lines: The lines of a record with a quoted field over line ends.
        separator: The separator.
        others: Some other rows.
        width: Number of columns.
    """
    lines = lines[:_MOST_LINES]
    rows = [line.rstrip("\r\n").split(separator) for line in lines]
    rows = [row for row in rows if len(row) == width]
    if len(rows) < 2 or 2 * len(rows) < len(lines):
        return False
    others = [row for row in others if len(row) == width and not any("\n" in f for f in row)]
    for index in range(width):
        cells = [row[index].strip('"').strip() for row in rows]
        known = [row[index].strip() for row in others]
        if all(cells) and _fit(cells, known):
            return True
    return False


def _fit(cells: Sequence[str], known: Sequence[str]) -> bool:
    """Whether values of lines are like those of a column."""
    if all(map(_NUMBER.fullmatch, cells)):
        return all(map(_NUMBER.fullmatch, known))
    if set(cells) <= set(known):
        return True
    repeats = 2 * len(set(cells)) <= len(cells)
    return repeats and all(len(cell) <= _LABEL for cell in cells)


@dataclass
class _Marks:
    """What the lines of a file separated by tabs say about its quotes.

    Args:
        lines: Number of lines that are not empty.
        plain: Lines with a field that starts with a quote and is not enclosed by quotes.
        needed: Lines with a field that needs quotes: it holds a doubled quote or a tab.
        uneven: Lines with fewer or more tabs than the first.
        enclosed: Per column, the number of fields enclosed by quotes.
    """

    lines: int = 0
    plain: int = 0
    needed: int = 0
    uneven: int = 0
    enclosed: Counter[int] = field(default_factory=Counter)

    def add(self, fields: Sequence[str], line: str, width: int) -> None:
        """Count a line with quotes."""
        if len(fields) != width:
            self.needed += _quoted_width(line) == width
            return
        for index, text in enumerate(fields):
            if not text.startswith('"'):
                continue
            inner = text[1:-1]
            if len(text) < 2 or text[-1] != '"' or '"' in inner.replace('""', ""):
                self.plain += 1
            else:
                self.enclosed[index] += 1
                self.needed += '""' in inner

    @property
    def are_quotes(self) -> bool:
        """Whether quotes enclose fields."""
        if self.plain:
            return False if not self.uneven else self.needed > self.plain
        whole = self.lines > 2 and max(self.enclosed.values(), default=0) >= self.lines - 1
        return whole or self.needed > 0 or (self.uneven > 0 and sum(self.enclosed.values()) > 0)


def quotes_of_tsv(path: Path, encoding: str | None, dialect: Dialect) -> Dialect:
    """The dialect of a file separated by tabs, after a look at all lines with quotes.

    Its fields are quoted only if they are enclosed whole, and if a column is enclosed throughout or
    a field needs quotes.

    Args:
        path: The file.
        encoding: As in `open_text`.
        dialect: The dialect, in which quotes are part of the text.
    """
    marks, width, opened, names_enclosed = _Marks(), 0, 0, False
    with open_text(path, encoding) as file:
        for number, line in enumerate(file):
            if number < dialect.skipped or line.isspace():
                continue
            count = line.count("\t") + 1
            width = width or count
            marks.lines += 1
            marks.uneven += count != width
            if '"' in line:
                fields = line.rstrip("\r\n").split("\t")
                opened += len(fields) <= width and fields[-1].count('"') % 2
                marks.add(fields, line, width)
                names_enclosed |= marks.lines == 1 and sum(marks.enclosed.values()) == width
    doubled = replace(dialect, quotes="double")
    may_run_on = names_enclosed or (marks.uneven and opened)
    if marks.are_quotes or (may_run_on and _is_even(path, encoding, doubled, width)):
        return doubled
    return dialect


def _quoted_width(line: str) -> int:
    """The number of fields of a line if quotes enclose fields; 0 if they do not fit."""
    try:
        return len(next(csv.reader([line], delimiter="\t", strict=True), []))
    except csv.Error:
        return 0


def _is_even(path: Path, encoding: str | None, dialect: Dialect, width: int) -> bool:
    """Whether all records have the same number of fields if quotes enclose fields."""
    with open_text(path, encoding) as file:
        for _ in range(dialect.skipped):
            next(file, None)
        try:
            return all(not row or len(row) == width for row in dialect.records(file))
        except csv.Error:
            return False
