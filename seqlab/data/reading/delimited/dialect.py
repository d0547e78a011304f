"""The dialect of a delimited text file, found in its first lines: separator, quoting and header."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, TypeAlias

from seqlab.config.data_settings import DataSettings
from seqlab.data.text_files.opening import open_text
from seqlab.errors import UserError

Quotes: TypeAlias = Literal["double", "backslash", "none"]

SEPARATORS = (",", ";", "\t", "|", "~", "^", "¦", "\x01")
"""Separators that are recognized, in order of preference."""

ONE_FIELD = "\x1f"
"""The separator of a file whose lines are one field each; no text holds it."""

_SAMPLE_LINES = 2000
_SAMPLE_CHARACTERS = 1 << 20
"""Size of the lines by which the dialect is found."""

_EVEN = 0.9
"""Share of the records that must have as many fields as the header."""

_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|"}
_ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\\"")
_BLANKS_AT_END = re.compile(r" +(?=[\r\n]*$)")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|\?|(?i:nan|na)")
_DECIMAL_COMMA = re.compile(r"\s*[-+]?[\d.  ']*\d?,\d+\s*%?\s*")


class Records(Protocol):
    """The records of a file, as `csv.reader` returns them."""

    @property
    def line_num(self) -> int:
        """The number of lines that were read."""

    def __iter__(self) -> Records:
        """The records themselves."""

    def __next__(self) -> list[str]:
        """The next record."""


@dataclass(frozen=True)
class Dialect:
    """How the records of a delimited text file are written.

    Args:
        separator: The character between fields.
        quotes: What stands for a quote inside a quoted field, or that no field is quoted.
        spaces: Whether blanks after a separator do not count.
        skipped: Number of lines before the first record.
    """

    separator: str
    quotes: Quotes = "double"
    spaces: bool = False
    skipped: int = 0

    def records(self, lines: Iterator[str], *, strict: bool = True) -> Records:
        """The records of lines with their line ends; an empty line is an empty record.

        Args:
            lines: The lines from the first record on.
            strict: Whether text after the closing quote of a field is an error.
        """
        csv.field_size_limit(sys.maxsize)  # a text may have any length
        if self.separator == " ":
            lines = (_BLANKS_AT_END.sub("", line) for line in lines)
        if self.quotes == "backslash":
            lines = (_ESCAPED.sub(r'\1""', line) for line in lines)
        return csv.reader(
            lines,
            delimiter=self.separator,
            quoting=csv.QUOTE_NONE if self.quotes == "none" else csv.QUOTE_MINIMAL,
            skipinitialspace=self.spaces,
            strict=strict,
        )


class Sample(NamedTuple):
    """The first lines of a file.

    Args:
        lines: The lines, with their line ends.
        complete: Whether these are all lines of the file.
    """

    lines: Sequence[str]
    complete: bool

    def records(self, dialect: Dialect, *, strict: bool = False) -> list[list[str]]:
        """The records of the sample that are not empty; the last one may be cut and is left out.

        Raises:
            csv.Error: If `strict`, text follows the closing quote of a field.
        """
        lines = iter(self.lines[dialect.skipped :])
        records = [record for record in dialect.records(lines, strict=strict) if record]
        return records if self.complete or len(records) < 2 else records[:-1]


def read_sample(path: Path, encoding: str | None) -> Sample:
    """Read the first lines of a file; the encoding is as in `open_text`."""
    lines: list[str] = []
    with open_text(path, encoding) as file:
        room = _SAMPLE_CHARACTERS
        for line in islice(file, _SAMPLE_LINES):
            lines.append(line)
            room -= len(line)
            if room <= 0:
                break
        return Sample(lines, complete=next(file, None) is None)


def chosen_separator(settings: DataSettings) -> str | None:
    """The separator of option `data.separator`, with names such as "tab" replaced.

    Raises:
        UserError: It is not one character.
    """
    if settings.separator is None:
        return None
    separator = _NAMES.get(settings.separator, settings.separator)
    if len(separator) != 1 or separator in '"\r\n':
        raise UserError(
            f"data.separator is one character, not {settings.separator!r}",
            location="data.separator",
            remedy="name one such as ; or tab, or leave the option out",
        )
    return separator


def find_dialect(sample: Sample, suffix_separator: str, settings: DataSettings) -> Dialect:
    """Find separator, quoting and the start of the records; the options come first.

    Quotes in a file separated by tabs are part of the text here: whether fields are quoted there
    is seen only in the whole file.

    Args:
        sample: The first lines.
        suffix_separator: The separator that the suffix of the file stands for.
        settings: The options of the data.

    Raises:
        UserError: An option is not valid.
    """
    skipped, declared = _preamble(sample.lines)
    separator = chosen_separator(settings) or declared
    if separator is None:
        separator = _separator(sample, suffix_separator, skipped)
    skipped += _comments(sample.lines[skipped:], separator)
    quotes: Quotes = "none" if separator == "\t" else "double"
    if separator == " ":  # several blanks are one separator
        quotes = "none" if settings.quoting == "none" else "double"
        return Dialect(separator, quotes, spaces=True, skipped=skipped)
    if settings.quoting != "auto":
        return _with_spaces(sample, Dialect(separator, settings.quoting, skipped=skipped))
    dialect = Dialect(separator, quotes, skipped=skipped)
    if quotes == "double" and _has_backslashes(sample, dialect):
        return Dialect(separator, "backslash", skipped=skipped)
    return _with_spaces(sample, dialect)


def _preamble(lines: Sequence[str]) -> tuple[int, str | None]:
    """The number of lines before the first record, and the separator that Excel's line names."""
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    text = lines[start].rstrip("\r\n") if lines else ""
    declared = re.fullmatch(r'"?sep=(.)"?', text)
    return (start + 1, declared.group(1)) if declared else (start, None)


def _comments(lines: Sequence[str], separator: str) -> int:
    """The number of lines before the header that start with # and are not divided as the others."""
    count = next((n for n, line in enumerate(lines) if not line.startswith("#")), 0)
    if not count:
        return 0
    widths = [line.count(separator) for line in lines[: count + 20]]
    body = widths[count : count + 20]
    # the line with the names of the columns may start with #, too
    is_header = widths[count - 1] == body[0] and (body[0] > 0 or lines[count - 1][1:2] != " ")
    return count - is_header


def _separator(sample: Sample, preferred: str, skipped: int) -> str:
    """The separator that divides the first records evenly; that of the suffix comes first."""
    candidates = [preferred, *(each for each in SEPARATORS if each != preferred)]
    even = {}
    for separator in candidates:
        start = skipped + _comments(sample.lines[skipped:], separator)
        records = _divided(sample, separator, start)
        if (share := _evenness(records)) >= _EVEN:
            even[separator] = records, share
    if preferred in even:
        return next(
            (each for each in even if _is_rather(each, *even[each], *even[preferred])), preferred
        )
    if not even and _is_table_of_numbers(sample.lines[skipped:]):
        return " "
    if even:
        return max(even, key=lambda each: (even[each][1], len(even[each][0][0])))
    return ONE_FIELD if _is_one_field(sample, preferred, candidates, skipped) else preferred


def _is_table_of_numbers(lines: Sequence[str]) -> bool:
    """Whether blanks divide all lines into as many numbers each, below names or not."""
    rows = [line.split() for line in lines if line.strip()]
    is_even = len({len(row) for row in rows}) == 1 and len(rows) > 1 and len(rows[0]) > 1
    return is_even and all(_NUMBER.fullmatch(cell) for row in rows[1:] for cell in row)


def _divided(sample: Sample, separator: str, skipped: int) -> list[list[str]]:
    """The records under a separator, with the quoting that divides them more evenly."""
    records = sample.records(Dialect(separator, skipped=skipped))
    other: Quotes = "none" if separator == "\t" else "backslash"
    mark = '"' if separator == "\t" else '\\"'
    if not any(mark in line for line in sample.lines):
        return records
    return max(records, sample.records(Dialect(separator, other, skipped=skipped)), key=_evenness)


def _evenness(records: Sequence[Sequence[str]]) -> float:
    """The share of the records below the header with as many fields; 0 for a single field."""
    if not records or len(records[0]) < 2:
        return 0.0
    width = len(_trimmed(records[0]))
    fitting = sum(width <= len(record) and len(_trimmed(record)) <= width for record in records)
    return (fitting - 1) / (len(records) - 1) if len(records) > 1 else 1.0


def _trimmed(record: Sequence[str]) -> Sequence[str]:
    """A record without the empty fields at its end."""
    end = len(record)
    while end > 1 and not record[end - 1].strip():
        end -= 1
    return record[:end]


def _is_rather(
    separator: str,
    records: Sequence[Sequence[str]],
    share: float,
    preferred: Sequence[Sequence[str]],
    preferred_share: float,
) -> bool:
    """Whether the commas that divide a file as evenly are decimal marks."""
    if separator == "," or share < preferred_share or len(records[0]) < 2:
        return False
    cells = [cell for record in records[1:] for cell in record if "," in cell]
    return bool(cells) and all(map(_DECIMAL_COMMA.fullmatch, cells)) and preferred != records


def _is_one_field(sample: Sample, preferred: str, candidates: Sequence[str], skipped: int) -> bool:
    """Whether each line is a text of its own, in which separators are punctuation."""
    header = sample.lines[skipped] if len(sample.lines) > skipped else ""
    if any(separator in header for separator in candidates):
        return False
    widths = [len(record) for record in sample.records(Dialect(preferred, skipped=skipped))[1:]]
    most = max(map(widths.count, set(widths)), default=0)
    is_table = most >= _EVEN * len(widths)  # below a title, or with a single field anyway
    return bool(widths) and max(widths) > 1 and not is_table


def _has_backslashes(sample: Sample, dialect: Dialect) -> bool:
    """Whether quotes inside fields stand after a backslash."""
    if not any('\\"' in line for line in sample.lines):
        return False
    try:
        doubled = _evenness(sample.records(dialect, strict=True))
    except csv.Error:
        doubled = -1.0
    other = Dialect(dialect.separator, "backslash", skipped=dialect.skipped)
    try:
        return _evenness(sample.records(other, strict=True)) > doubled
    except csv.Error:
        return False


def _with_spaces(sample: Sample, dialect: Dialect) -> Dialect:
    """The dialect, in which blanks before a quoted field do not count if this divides evenly."""
    if dialect.quotes == "none" or dialect.separator.isspace():
        return dialect
    opening = dialect.separator + ' "'
    if not any(opening in line for line in sample.lines):
        return dialect
    if not any(field[:2] == ' "' for record in sample.records(dialect) for field in record):
        return dialect  # it is within a quoted field
    other = Dialect(dialect.separator, dialect.quotes, spaces=True, skipped=dialect.skipped)
    evenness = [_evenness(sample.records(each)) for each in (dialect, other)]
    return other if evenness[1] >= evenness[0] else dialect
