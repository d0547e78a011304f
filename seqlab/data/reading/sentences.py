"""Sentences with a tag for each word: CoNLL-U, and files with a word and its tag a line.

The `conll` builder of `datasets` keeps multiword tokens and empty nodes, and pads short lines
without a word; here a line with too few or too many columns is an error that names it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from seqlab.data.lines import read_lines
from seqlab.errors import UserError

_CONLLU = {"words": 1, "lemmas": 2, "upos": 3, "xpos": 4}
"""Our names of the columns of CoNLL-U that are kept, and where they stand."""
_CONLLU_WIDTH = 10

Columns = dict[str, list[list[str]]]
Sentence = tuple[int, list[list[str]]]
"""The number of its first line, and the fields of each of its lines."""


def read_conllu(files: Sequence[Path]) -> Columns:
    """The sentences of CoNLL-U files: words, lemmas, upos and xpos, a list a sentence.

    Multiword tokens (ids like 3-4) and empty nodes (8.1) are left out: the words with plain ids
    are the sentence. See https://universaldependencies.org/format.html.

    Raises:
        UserError: A line without ten columns or with a wrong id, or a file that cannot be read.
    """
    columns: Columns = {name: [] for name in _CONLLU}
    for file in files:
        for start, lines in _sentences(_conllu_lines(file)):
            words = [fields for fields in lines if fields[0].isdecimal()]
            if not words:
                raise _wrong("the sentence has no word with a plain id", file, start)
            for name, place in _CONLLU.items():
                columns[name].append([sys.intern(fields[place]) for fields in words])
    return columns


def read_tagged(files: Sequence[Path]) -> Columns:
    """The sentences of files with a word and its tag a line, and a blank line after a sentence.

    Words and tags are parted by a tab where a line has one, else by white space. Two columns are
    "words" and "tags"; of more, the first is "words" and the others "column2", "column3", ….

    Raises:
        UserError: A line with another number of columns, or a file that cannot be read.
    """
    columns: Columns = {}
    for file in files:
        for _, lines in _sentences(_tagged_lines(file, len(columns))):
            columns = columns or {name: [] for name in _names(len(lines[0]))}
            for values, fields in zip(columns.values(), zip(*lines, strict=True), strict=True):
                values.append([sys.intern(field) for field in fields])
    return columns


def _sentences(lines: Iterator[tuple[int, list[str]]]) -> Iterator[Sentence]:
    """Lines up to the next one without fields."""
    start, sentence = 0, list[list[str]]()
    for number, fields in lines:
        if fields:
            start = start if sentence else number
            sentence.append(fields)
        elif sentence:
            yield start, sentence
            sentence = []
    if sentence:
        yield start, sentence


def _conllu_lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    for number, line in read_lines(file):
        if line.startswith("#"):
            continue
        fields = line.split("\t") if line.strip() else []
        if fields and len(fields) != _CONLLU_WIDTH:
            raise _wrong(f"{len(fields)} columns instead of CoNLL-U's ten", file, number)
        if fields and not (fields[0].isdecimal() or _is_id(fields[0])):
            raise _wrong(f"'{fields[0]}' is no id of a word in CoNLL-U", file, number)
        yield number, fields


def _is_id(field: str) -> bool:
    """Whether it is like 3, 3-4 or 8.1."""
    first, _, second = field.replace(".", "-", 1).partition("-")
    return first.isdecimal() and (second.isdecimal() or first == field)


def _tagged_lines(file: Path, width: int) -> Iterator[tuple[int, list[str]]]:
    for number, line in read_lines(file):
        if line.startswith("-DOCSTART-"):  # of CoNLL-2003: where a document begins
            continue
        fields = line.split("\t") if "\t" in line.strip() else line.split()
        width = width or len(fields)
        if fields and (len(fields) != width or width < 2):
            expected = f"instead of {width}" if width > 1 else "where a word and its tag belong"
            raise _wrong(f"{len(fields)} columns {expected}", file, number)
        yield number, fields


def _names(width: int) -> list[str]:
    return (
        ["words", "tags"] if width == 2 else ["words", *(f"column{n + 1}" for n in range(1, width))]
    )


def _wrong(cause: str, file: Path, line: int) -> UserError:
    remedy = "mend the line; the columns are parted by tabs, sentences by a blank line"
    return UserError(cause, location=f"{file}, line {line}", remedy=remedy)
