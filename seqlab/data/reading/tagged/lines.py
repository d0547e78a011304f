"""Lines of files with one word per line: their fields, and characters that nobody sees."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from seqlab.errors import UserError, listed

BLANK = " \t\r\n\f\v"
"""White space between fields and between sentences. That of Unicode, such as a no-break space, is
a part of words."""

DOCUMENT = "-DOCSTART-"
"""The first field of a line that begins a document."""

_WORD_NAMES = frozenset({"word", "words", "token", "tokens", "form"})
_TAG_NAMES = frozenset({"tag", "tags", "label", "labels", "ner", "ner_tag", "ner_tags", "entity"})
_TAG_NAMES |= {"bio", "iob", "pos", "pos_tag", "upos", "xpos"}

_INVISIBLE = ("Zs", "Zl", "Zp", "Cf", "Cc")
_MAX_SHOWN = 3


def fields_of(line: str) -> list[str]:
    """The fields of a line: between tabs where it has one, else between spaces.

    Spaces at the ends of a field do not belong to it. A blank line has no fields.
    """
    fields = line.split("\t")
    if len(fields) < 3:  # a tab may be at an end of the line
        inner = line.strip(BLANK)
        if "\t" not in inner:
            return [field for field in inner.split(" ") if field]
    elif not fields[0] and not line.strip(BLANK):
        return []
    if "\t " in line or " \t" in line or line[0] == " " or line[-1] == " ":
        fields = [field.strip(" ") or field for field in fields]
    return fields


def names_columns(line: str) -> bool:
    """Whether a line, the first of a file, holds the names of the columns, such as "word tag"."""
    fields = [field.lower() for field in fields_of(line)]
    return len(fields) > 1 and fields[0] in _WORD_NAMES and fields[-1] in _TAG_NAMES


def line_error(cause: str, file: Path, number: int, line: str, remedy: str = "") -> UserError:
    """The error about a line, which names the characters in it that nobody sees.

    Args:
        cause: What is wrong.
        file: The file.
        number: The number of the line.
        line: Its text.
        remedy: How to fix it; the general remedy if empty.
    """
    hidden = hidden_characters(line)
    if hidden:
        cause += f"; the line holds {hidden}"
        remedy = "put tabs between the columns, or another character in the word"
    elif not remedy:
        remedy = "fix the line; columns are separated by tabs or spaces, sentences by a blank line"
    return UserError(cause, location=f"{file}, line {number}", remedy=remedy)


def hidden_characters(line: str) -> str:
    """The characters of a line that look like a space or like nothing, with their positions."""
    if line.isascii() and line.isprintable():
        return ""
    places = [
        f"U+{ord(character):04X}{_name(character)} at character {position}"
        for position, character in enumerate(line, 1)
        if character not in " \t" and unicodedata.category(character) in _INVISIBLE
    ]
    return listed(places, _MAX_SHOWN)


def _name(character: str) -> str:
    name = unicodedata.name(character, "").lower()
    return f" ({name})" if name else ""
