"""Files that are one text each."""

from __future__ import annotations

from pathlib import Path

from seqlab.data.reading.formats import suffix_of
from seqlab.data.text_files.lines import read_text
from seqlab.data.text_files.long_text import LongText, open_long
from seqlab.data.text_files.opening import encoding_of

LONG_BYTES = 64 << 20
"""Size from which on a whole text is not kept in memory, in bytes."""


def read_whole(file: Path, encoding: str | None) -> str | LongText:
    """The text of a file, which stays on disk where it is too large for memory."""
    is_long = file.stat().st_size >= LONG_BYTES and suffix_of(file) == ".txt"
    is_long = is_long and encoding_of(file, encoding).startswith("utf-8")
    return open_long(file) if is_long else read_text(file, encoding)


def read_document(file: Path, encoding: str | None, *, whole: bool) -> str | LongText:
    r"""The text of a file that is one row.

    Args:
        file: The file.
        encoding: As in `open_text`.
        whole: Whether the text stays as it is, on disk where it is too large for memory; else all
            line ends become "\n", and those at its end are removed.

    Raises:
        UserError: The file cannot be read or decoded.
    """
    if whole:
        return read_whole(file, encoding)
    text = read_text(file, encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
