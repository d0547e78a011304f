"""Sentences with one word and its tags per line: CoNLL-U and the formats of the CoNLL shared tasks.

The columns are found by what is in the file, see `seqlab.data.reading.tagged.layouts`. A line with
too few or too many columns is an error that names it; the `conll` builder of `datasets` silently
pads short lines, and keeps multiword tokens and empty nodes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TypeAlias

from seqlab.data.decisions import Decision
from seqlab.data.reading.tagged.layouts import (
    CONLL_U,
    Layout,
    find_layout,
)
from seqlab.data.reading.tagged.lines import DOCUMENT, fields_of, line_error, names_columns
from seqlab.data.text_files.lines import read_lines
from seqlab.errors import UserError
from seqlab.types import Row

SentenceColumns: TypeAlias = dict[str, list[list[str | None]]]
"""Column → one list of strings per sentence; None where nothing is annotated."""

_Word: TypeAlias = tuple[int, str, list[str]]
"""The number of a line, its text and its fields; a line between sentences has no fields."""

_SAMPLE_LINES = 20_000
"""Lines by which the columns of a file are found."""
_LONG_SENTENCE = 200
"""Words from which on the only sentence of a file is told to the user."""
_NAMING_LINES = 100
"""Lines among which a file of CoNLL-U Plus names its columns."""


def read_sentences(
    files: Sequence[Path],
    encoding: str | None = None,
    *,
    conllu: bool = False,
    tagged: bool = True,
) -> tuple[SentenceColumns, list[Decision]]:
    """Read files with one word per line and a blank line after each sentence.

    Fields are separated by tabs where a line has one, else by spaces; other white space is a part
    of words. Of the formats with a number before each word, multiword tokens (ids such as 3-4) and
    empty nodes (8.1) are left out. See https://universaldependencies.org/format.html.

    Args:
        files: The files, which have the same columns.
        encoding: Their encoding; None finds it.
        conllu: Whether only the ten columns of CoNLL-U, or those of CoNLL-U Plus, are accepted.
        tagged: Whether a file that holds nothing but words is an error.

    Returns:
        The columns, and what was decided.

    Raises:
        UserError: The number of columns of a line differs, or a file cannot be read.
    """
    columns: SentenceColumns = {}
    layout: Layout | None = None
    comments = headers = 0
    for file in files:
        size = _NAMING_LINES if conllu else _SAMPLE_LINES
        sample = [line for _, line in islice(read_lines(file, encoding), size)]
        has_header = not conllu and names_columns(sample[0] if sample else "")
        layout = layout or find_layout(sample[has_header:], conllu=conllu)
        if layout is None:
            continue
        _check(layout, file)
        reader = _Reader(file, encoding, layout, _known_tags(sample, layout), tagged)
        columns = columns or {name: [] for name in layout.columns}
        headers += has_header
        for words in reader.sentences(skip=int(has_header)):
            for name, values in _values(words, layout, file).items():
                columns[name].append(values)
        comments += reader.comments
    if layout is None:
        return columns, []
    decisions = _decisions(layout, comments, headers)
    if len(columns["words"]) == 1 and (count := len(columns["words"][0])) >= _LONG_SENTENCE:
        choice = f"one of {count:,} words, for the file has no blank line after each sentence"
        decisions.append(Decision("sentences", choice))
    return columns, decisions


@dataclass
class _Reader:
    """Reads the lines of a file.

    Args:
        file: The file.
        encoding: Its encoding; None finds it.
        layout: Where it has its columns.
        tags: Tags that occur, by which words such as #1 are told from comments.
        needs_tags: Whether lines with a word alone are an error.
        comments: Number of comments so far.
    """

    file: Path
    encoding: str | None
    layout: Layout
    tags: set[str]
    needs_tags: bool
    comments: int = field(default=0)

    def sentences(self, skip: int = 0) -> Iterator[list[_Word]]:
        """Yield the words of each sentence, without the first lines."""
        sentence: list[_Word] = []
        width, has_comments = self.layout.width, self.layout.has_comments
        for number, line in islice(read_lines(self.file, self.encoding), skip, None):
            if has_comments and line.startswith("#"):
                self.comments += 1
                continue
            fields = fields_of(line)
            if not fields or fields[0] == DOCUMENT:
                if sentence:
                    yield self._checked(sentence)
                sentence = []
            elif line[0] == "#" and self._is_comment(line, fields, first=not sentence):
                self.comments += 1
            else:
                if len(fields) != width or (width == 1 and self.needs_tags):
                    self._check_width(number, line, fields)
                sentence.append((number, line, fields))
        if sentence:
            yield self._checked(sentence)

    def _is_comment(self, line: str, fields: list[str], *, first: bool) -> bool:
        """Whether a line that begins with # is a comment; else it is a word, such as a hashtag."""
        layout = self.layout
        if len(fields) != layout.width:
            return first or line.startswith("# ")
        tag = fields[layout.columns.get("tags", -1)]
        return first and layout.width > 1 and not (tag in self.tags or tag.isupper())

    def _check_width(self, number: int, line: str, fields: list[str]) -> None:
        layout = self.layout
        if layout.is_open and len(fields) > layout.width:
            return
        expected, remedy = f"instead of {layout.width}", ""
        if layout is CONLL_U:
            expected = "instead of the ten columns of CoNLL-U"
        elif layout.width < 2:
            expected = "instead of a word and its tag"
        elif len(fields) > layout.width and "\t" not in line:
            remedy = "fix the line; put tabs between the columns where a word holds a space"
        cause = f"{len(fields)} column{'s' * (len(fields) != 1)} {expected}"
        raise line_error(cause, self.file, number, line, remedy)

    def _checked(self, sentence: list[_Word]) -> list[_Word]:
        """The words of a sentence; those with a number such as 3-4 or 8.1 are left out."""
        if not self.layout.has_ids:
            return sentence
        position = self.layout.id_column
        words = []
        for word in sentence:
            if (text := word[2][position]).isdecimal():
                words.append(word)
            elif not _is_id(text):
                cause = f"'{text}' is not a word id of {self.layout.name}"
                raise line_error(cause, self.file, word[0], word[1])
        if not words:
            number, line, _ = sentence[0]
            cause = "the sentence has no word with a plain id"
            raise line_error(cause, self.file, number, line)
        return words


def _values(words: list[_Word], layout: Layout, file: Path) -> dict[str, list[str | None]]:
    """The values of each column of a sentence."""
    columns: dict[str, list[str | None]] = {}
    rows = [fields for _, _, fields in words]
    for name, index in layout.columns.items():
        values: list[str | None] = list(map(sys.intern, map(itemgetter(index), rows)))
        if "" in values:
            values = _without_empty(values, words, index, name, file)
        if name in layout.gaps and "_" in values:
            values = [None if value == "_" else value for value in values]
            if name == "lemmas":  # an underscore is its own lemma
                forms = columns["words"]
                values = ["_" if form == "_" else v for form, v in zip(forms, values, strict=True)]
        columns[name] = values
    if layout.spans is not None:
        columns[layout.spans] = _from_brackets(columns[layout.spans])
    return columns


def _without_empty(
    values: list[str | None], words: list[_Word], index: int, name: str, file: Path
) -> list[str | None]:
    """The values, None where a field is empty; a word must not be."""
    if name == "words":
        number, line, _ = words[values.index("")]
        raise line_error(f"the word in column {index + 1} is empty", file, number, line)
    return [value or None for value in values]


def _from_brackets(values: list[str | None]) -> list[str | None]:
    """Tags such as B-PERSON, I-PERSON and O from (PERSON*, *) and *."""
    tags: list[str | None] = []
    kind = ""
    for value in values:
        text = value or "*"
        if "(" in text:
            kind = text.rpartition("(")[2].rstrip("*)")
            tags.append(f"B-{kind}")
        else:
            tags.append(f"I-{kind}" if kind else "O")
        kind = "" if ")" in text else kind
    return tags


def _is_id(text: str) -> bool:
    """Whether a field is an id such as 3, 3-4 or 8.1."""
    first, _, second = text.replace(".", "-", 1).partition("-")
    return first.isdecimal() and (second.isdecimal() or first == text)


def _known_tags(sample: Sequence[str], layout: Layout) -> set[str]:
    """The tags of the words in a sample whose lines do not begin with #."""
    index = layout.columns.get("tags", -1)
    lines = [fields_of(line) for line in sample if not line.startswith("#")]
    return {fields[index] for fields in lines if len(fields) == layout.width}


def _check(layout: Layout, file: Path) -> None:
    if "words" not in layout.columns:
        raise UserError(
            "no column of the file holds the words",
            location=f"{file}, line 1",
            remedy="name it FORM in the line '# global.columns ='",
        )


def _decisions(layout: Layout, comments: int, headers: int) -> list[Decision]:
    """Which columns were taken, and which lines hold no words."""
    places = [f"{name} {index + 1}" for name, index in layout.columns.items()]
    named = [place for place in places if not place.startswith("column")]
    columns = f"{', '.join(named)} of {layout.width}" + " or more" * layout.is_open
    prefix = f"{layout.name}: " if layout.name else ""
    decisions = [Decision("columns", f"{prefix}{columns}", "data.columns.tags", layout.is_guess)]
    if headers:
        decisions.append(Decision("names of columns", "the first line, which is left out"))
    if comments:
        lines = f"{comments:,} line{'s' * (comments > 1)} that begin{'s' * (comments == 1)} with #"
        decisions.append(Decision("comments", lines, notable=not layout.has_comments))
    return decisions


def sentence_rows(file: Path, encoding: str | None, *, conllu: bool) -> Iterator[Row]:
    """Rows to predict: one per sentence, with the columns of the file; it may hold words alone.

    Args:
        file: The file.
        encoding: As in `read_sentences`.
        conllu: As in `read_sentences`.

    Raises:
        UserError: As in `read_sentences`.
    """
    columns, _ = read_sentences([file], encoding, conllu=conllu, tagged=False)
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))
