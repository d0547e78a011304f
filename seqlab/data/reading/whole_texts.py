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
