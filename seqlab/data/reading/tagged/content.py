"""Whether a file holds sentences of tagged words, where its name does not tell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from seqlab.data.reading.tagged.layouts import (
    OUTSIDE,
    are_entities,
    find_layout,
    sample_sentences,
)
from seqlab.data.reading.tagged.lines import DOCUMENT, fields_of
from seqlab.data.text_files.lines import read_lines
from seqlab.errors import UserError

_LINES = 1000
"""Lines that are looked at."""

_MAX_LENGTH = 2000
"""Characters of the longest line; a word with its annotations has fewer."""

_SELF_NAMED = ("CoNLL-2012", "CoNLL-U Plus")


def holds_sentences(file: Path, encoding: str | None) -> bool:
    """Whether a file whose suffix is that of texts or tables holds sentences of tagged words.

    Args:
        file: The file.
        encoding: Its encoding; None finds it.
    """
    lines: list[str] = []
    try:
        for _, line in islice(read_lines(file, encoding), _LINES):
            if len(line) > _MAX_LENGTH:
                return False
            lines.append(line)
    except UserError:  # of the encoding; is reported when the file is read
        return False
    return looks_tagged(lines)


def refuse_webanno(file: Path, encoding: str | None) -> None:
    """Refuse a file in the format of WebAnno and INCEpTION, whose annotations refer to characters.

    Args:
        file: The file.
        encoding: Its encoding; None finds it.

    Raises:
        UserError: The file is in this format, or cannot be decoded.
    """
    _, first = next(read_lines(file, encoding), (1, ""))
    if first.startswith("#FORMAT=WebAnno"):
        raise UserError(
            f"{first.removeprefix('#FORMAT=')} cannot be read",
            location=f"{file}, line 1",
            remedy="export the document from WebAnno or INCEpTION as CoNLL 2002 or CoNLL-U; or "
            "write each word with its tag after a tab, and a blank line after each sentence",
        )


def looks_tagged(lines: Sequence[str]) -> bool:
    """Whether lines of a file whose name does not give the format hold sentences of tagged words.

    They do if the file names itself by a line of CoNLL, or if all lines between blank lines have
    the same number of columns, the last of which has tags of entities.

    Args:
        lines: The first lines of the file.
    """
    layout = find_layout(lines)
    if layout is None:
        return False
    if layout.name in _SELF_NAMED:
        return True
    if len(sample_sentences(lines)) < 2:
        return False
    if layout.name.startswith("CoNLL"):
        return True
    comment = "#" if layout.has_comments else "# "
    words = [fields_of(line) for line in lines if not line.startswith((comment, DOCUMENT))]
    words = [fields for fields in words if fields]
    is_even = all(len(fields) == layout.width for fields in words)
    tags = {fields[-1] for fields in words}
    return is_even and layout.width > 1 and (are_entities(tags) or tags == {OUTSIDE})
