"""The first record of a delimited text file: names of the columns, or a row without a header."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from seqlab.data.reading.delimited.dialect import Dialect, Sample
from seqlab.errors import UserError, shorten

_ROWS = 1000
"""Rows that are compared with the header."""

_MOST = 0.9
"""Share of the values of a column that must be like the first."""

_REPEATED = 3
"""How often the words of a small vocabulary occur on average."""

_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "।")

_NUMBER = re.compile(r"\s*[-+]?(\d[\d.,  ']*|\.\d+)([eE][-+]?\d+)?\s*%?\s*")
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")

REMEDY = (
    "-o data.header=false if it is a row, or -o data.header=true if it holds the names of the "
    "columns"
)


@dataclass(frozen=True)
class Header:
    """The columns of a delimited text file.

    Args:
        names: Their names.
        unnamed: Indices of the columns whose name is empty in the file.
        present: Whether the first record holds the names.
        row_names: Whether the rows have one field more than the header: the number of the row.
    """

    names: tuple[str, ...]
    unnamed: tuple[int, ...] = ()
    present: bool = True
    row_names: bool = False


def read_header(sample: Sample, dialect: Dialect, chosen: bool | None, location: str) -> Header:
    """Read the names of the columns.

    Args:
        sample: The first lines.
        dialect: How the records are written.
        chosen: Whether there is a header; None if there should be, unless it looks like a row.
        location: The file, for messages.

    Raises:
        UserError: The header looks like a row, or two columns have the same name.
    """
    records = sample.records(dialect)
    if not records:
        return Header((), present=chosen is not False)
    if chosen is False:
        width = max(map(len, records))
        return Header(named_columns([""] * width, location), present=False)
    line = f"{location}, line {dialect.skipped + 1}"
    first, rows = records[0], records[1 : 1 + _ROWS]
    names = [name.strip() for name in first]
    has_row_names = _has_row_names(names, rows)
    names = ["", *names] if has_row_names else names
    if chosen is None and not has_row_names and (reason := looks_like_row(first, rows)):
        raise UserError(f"the header looks like a row: {reason}", location=line, remedy=REMEDY)
    unnamed = tuple(index for index, name in enumerate(names) if not name)
    named = named_columns(names, line, chosen=chosen)
    return Header(named, unnamed, row_names=has_row_names)


def named_columns(
    names: Sequence[str], location: str, *, chosen: bool | None = True
) -> tuple[str, ...]:
    """The names, with `columnN` for column N where there is none.

    Args:
        names: The names in the file; "" for none.
        location: Where they are, for messages.
        chosen: Whether there is a header; None if the user has not chosen.

    Raises:
        UserError: Two columns have the same name.
    """
    if twice := [name for name in dict.fromkeys(names) if name and names.count(name) > 1]:
        raise UserError(
            f"{names.count(twice[0])} columns have the name {shorten(twice[0])}",
            location=location,
            remedy="give each column a name of its own in the first line"
            + ("" if chosen else "; -o data.header=false if that line is a row"),
        )
    named: list[str] = []
    for number, name in enumerate(names, 1):
        new = name or f"column{number}"
        while not name and new in names:
            new += "_"
        named.append(new)
    return tuple(named)


def _has_row_names(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows start with their number, for which the header has no field, as R writes it."""
    if len(rows) < 2 or any(len(row) != len(names) + 1 for row in rows):
        return False
    return are_row_numbers([row[0] for row in rows])


def are_row_numbers(values: Sequence[str]) -> bool:
    """Whether each value is the number after the one before it, such as the number of the row."""
    texts = [value.strip() for value in values]
    if not all(text.isascii() and text.isdecimal() for text in texts):
        return False
    return [int(text) - int(texts[0]) for text in texts] == list(range(len(texts)))


def looks_like_row(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str | None:
    """Why the names of a table look like one of its rows; None if they do not."""
    if len(header) > 1:  # tables joined to one file
        rows = [row for row in rows if list(row) != list(header)]
    if not rows:
        return None
    columns = [
        (name.strip(), [row[index].strip() for row in rows if index < len(row)])
        for index, name in enumerate(header)
    ]
    columns = [(name, [value for value in values if value]) for name, values in columns]
    columns = [(name, values) for name, values in columns if name and values]
    for name, values in columns:
        if not _is_number(name) and _is_frequent(name, values):
            count = values.count(name)
            return f"{shorten(name)} is also a value of {count:,} row{'s' * (count > 1)} below it"
    if any(_are_numbers(values) and not _is_number(name) for name, values in columns):
        return None  # a word above numbers is their name
    numbers = [name for name, values in columns if _is_number(name) and _are_numbers(values)]
    if numbers and not _are_years(numbers):
        return f"{shorten(numbers[0])} is a number, as the values below it are"
    words = [(name, values) for name, values in columns if not _is_number(name)]
    alike = [
        n for n, v in words if _has_shape_of(n, v) or _is_sentence(n, v) or _has_words_of(n, v)
    ]
    return f"{shorten(alike[0])} is written like the values below it" if alike else None


def _is_frequent(name: str, values: Sequence[str]) -> bool:
    """Whether a name is a value of a column in which values repeat."""
    count, repeats = values.count(name), 2 * len(set(values)) <= len(values)
    return (count > 1 and count >= 0.01 * len(values)) or (count > 0 and repeats)


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _are_numbers(values: Sequence[str]) -> bool:
    return sum(map(_is_number, values)) >= _MOST * len(values)


def _are_years(numbers: Sequence[str]) -> bool:
    """Whether names are years or other numbers in order, as in a table with a column for each."""
    if len(numbers) < 3 or not all(number.isdecimal() for number in numbers):
        return False
    values = [int(number) for number in numbers]
    return len({after - before for before, after in pairwise(values)}) == 1


def _has_shape_of(name: str, values: Sequence[str]) -> bool:
    """Whether a name with digits has the digits and words where nearly all values have them."""
    if not any(character.isdecimal() for character in name) or len(values) < 2:
        return False
    shape = _shape(name)
    return sum(_shape(value) == shape for value in values) >= _MOST * len(values)


def _is_sentence(name: str, values: Sequence[str]) -> bool:
    """Whether a name of several words ends with the mark of a sentence, as nearly all values do."""
    ends = sum(value.endswith(_SENTENCE_ENDS) for value in values)
    return len(name.split()) > 1 and name.endswith(_SENTENCE_ENDS) and ends >= _MOST * len(values)


def _has_words_of(name: str, values: Sequence[str]) -> bool:
    """Whether a name consists of the few words of which all values do, such as phonemes."""
    words = Counter(word for value in values for word in value.split())
    names = name.split()
    is_closed = words.total() >= _REPEATED * len(words)
    return len(names) > 1 and is_closed and all(word in words for word in names)


def _shape(text: str) -> str:
    return _LETTERS.sub(lambda match: match.group().lower(), _DIGITS.sub("0", text))
