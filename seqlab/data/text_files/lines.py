"""Reading of text files, with errors that name the line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seqlab.data.text_files.opening import open_text


def read_lines(path: Path, encoding: str | None = None) -> Iterator[tuple[int, str]]:
    """Yield the number of each line, from 1 on, and its text without the line end.

    Args:
        path: A text file, plain or compressed.
        encoding: As in `open_text`.

    Raises:
        UserError: The file cannot be read or decoded.
    """
    with open_text(path, encoding, newline=None) as file:
        for number, line in enumerate(file, 1):
            yield number, line.rstrip("\n")


def read_text(path: Path, encoding: str | None = None) -> str:
    """Return the whole text of a file, with its line ends unchanged.

    Raises:
        UserError: The file cannot be read or decoded.
    """
    with open_text(path, encoding) as file:
        return file.read()
