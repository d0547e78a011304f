"""Reading of UTF-8 text files, plain or compressed by gzip, with errors that name the line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from seqlab.errors import UserError

BOM = "\ufeff"


def read_lines(path: Path, *, keep_bom: bool = False) -> Iterator[tuple[int, str]]:
    r"""Yield the number of each line, from 1 on, and its text without "\n" or "\r\n".

    Args:
        path: A text file; a file that ends in ".gz" is decompressed.
        keep_bom: Whether to keep a byte order mark at the start of the file.

    Raises:
        UserError: A line is not UTF-8, or the gzip file is corrupt.
    """
    number = 0
    try:
        with _open(path) as file:
            for number, line in enumerate(file, 1):
                text = line.decode("utf-8").rstrip("\r\n")
                yield number, text.removeprefix(BOM) if number == 1 and not keep_bom else text
    except UnicodeDecodeError as error:
        raise _not_utf8(error, path, number, error.start) from None
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(error, path) from None


def read_text(path: Path) -> str:
    """Return the whole text of a file, with its line ends unchanged.

    Raises:
        UserError: The text is not UTF-8, or the gzip file is corrupt.
    """
    try:
        with _open(path) as file:
            content = file.read()
        return content.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as error:
        line_start = content.rfind(b"\n", 0, error.start) + 1
        line = content.count(b"\n", 0, error.start) + 1
        raise _not_utf8(error, path, line, error.start - line_start) from None
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(error, path) from None


def _open(path: Path) -> IO[bytes] | gzip.GzipFile:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rb")
    return path.open("rb")


def _not_utf8(error: UnicodeDecodeError, path: Path, line: int, start: int) -> UserError:
    return UserError(
        f"the text is not UTF-8: byte {start + 1} of the line is 0x{error.object[error.start]:02x}",
        location=f"{path}, line {line}",
        remedy="save the file as UTF-8",
    )


def _unreadable(error: Exception, path: Path) -> UserError:
    reason = getattr(error, "strerror", None) or str(error)
    return UserError(
        f"the file cannot be read: {reason}",
        location=str(path),
        remedy="fix the file, or create it again",
    )
