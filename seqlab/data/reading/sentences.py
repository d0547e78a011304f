"""Tagged sentences: CoNLL-U, and files with one word and its tag per line.

The `conll` builder of `datasets` keeps multiword tokens and empty nodes, and silently pads short
lines; here a line with too few or too many columns is an error that names it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from seqlab.data.lines import read_lines
from seqlab.errors import UserError

_CONLLU = {"words": 1, "lemmas": 2, "upos": 3, "xpos": 4}
"""Names of the columns of CoNLL-U that are read, and their positions."""
_CONLLU_WIDTH = 10

SentenceColumns: TypeAlias = dict[str, list[list[str]]]
"""Column → one list of strings per sentence."""

_Line: TypeAlias = tuple[int, list[str]]
"""The number of a line and its fields; a line between sentences has no fields."""


def read_conllu(files: Sequence[Path], encoding: str | None = None) -> SentenceColumns:
    """Read words, lemmas, upos and xpos of CoNLL-U files, one list per sentence.

    Multiword tokens (ids such as 3-4) and empty nodes (8.1) are left out: a sentence consists of
    the words with plain ids. See https://universaldependencies.org/format.html.

    Raises:
        UserError: A line without ten columns or with an invalid id, or a file that cannot be read.
    """
    columns: SentenceColumns = {name: [] for name in _CONLLU}
    for file in files:
        for number, lines in _sentences(_conllu_lines(file, encoding)):
            words = [fields for fields in lines if fields[0].isdecimal()]
            if not words:
                raise _line_error("the sentence has no word with a plain id", file, number)
            for name, index in _CONLLU.items():
                columns[name].append([sys.intern(fields[index]) for fields in words])
    return columns


def read_tagged(files: Sequence[Path], encoding: str | None = None) -> SentenceColumns:
    """Read files with one word and its tag per line, and a blank line after each sentence.

    Fields are separated by tabs where a line has one, else by white space. Two columns are called
    "words" and "tags"; with more columns, the first is "words", the others "column2", "column3", …

    Raises:
        UserError: The number of columns of a line differs, or a file cannot be read.
    """
    columns: SentenceColumns = {}
    for file in files:
        for _, lines in _sentences(_tagged_lines(file, encoding, len(columns))):
            columns = columns or {name: [] for name in _column_names(len(lines[0]))}
            for values, fields in zip(columns.values(), zip(*lines, strict=True), strict=True):
                values.append([sys.intern(field) for field in fields])
    return columns


def _sentences(lines: Iterator[_Line]) -> Iterator[tuple[int, list[list[str]]]]:
    """Yield the number of the first line of each sentence, and the fields of its lines."""
    first, sentence = 0, list[list[str]]()
    for number, fields in lines:
        if fields:
            first = first if sentence else number
            sentence.append(fields)
        elif sentence:
            yield first, sentence
            sentence = []
    if sentence:
        yield first, sentence


def _conllu_lines(file: Path, encoding: str | None) -> Iterator[_Line]:
    for number, line in read_lines(file, encoding):
        if line.startswith("#"):
            continue
        fields = line.split("\t") if line.strip() else []
        if fields and len(fields) != _CONLLU_WIDTH:
            cause = f"{len(fields)} columns instead of the ten columns of CoNLL-U"
            raise _line_error(cause, file, number)
        if fields and not (fields[0].isdecimal() or _is_id(fields[0])):
            raise _line_error(f"'{fields[0]}' is not a word id of CoNLL-U", file, number)
        yield number, fields


def _is_id(field: str) -> bool:
    """Whether a field is an id such as 3, 3-4 or 8.1."""
    first, _, second = field.replace(".", "-", 1).partition("-")
    return first.isdecimal() and (second.isdecimal() or first == field)


def _tagged_lines(file: Path, encoding: str | None, width: int) -> Iterator[_Line]:
    for number, line in read_lines(file, encoding):
        if line.startswith("-DOCSTART-"):  # start of a document in CoNLL-2003
            continue
        fields = line.split("\t") if "\t" in line.strip() else line.split()
        width = width or len(fields)
        if fields and (len(fields) != width or width < 2):
            expected = f"instead of {width}" if width > 1 else "instead of a word and its tag"
            raise _line_error(f"{len(fields)} columns {expected}", file, number)
        yield number, fields


def _column_names(width: int) -> list[str]:
    if width == 2:
        return ["words", "tags"]
    return ["words", *(f"column{number}" for number in range(2, width + 1))]


def _line_error(cause: str, file: Path, line: int) -> UserError:
    remedy = "fix the line; columns are separated by tabs, sentences by a blank line"
    return UserError(cause, location=f"{file}, line {line}", remedy=remedy)
