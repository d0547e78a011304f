"""The text of a file, plain or compressed; what is wrong in it is found with its line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from seqlab.errors import UserError

BOM = "\ufeff"


def read_lines(path: Path, *, keep_mark: bool = False) -> Iterator[tuple[int, str]]:
    r"""Each line with its number from 1 on, without its end ("\n" or "\r\n").

    Args:
        path: A file; one that ends in ".gz" is unpacked.
        keep_mark: Whether a byte order mark at the start stays.

    Raises:
        UserError: A line that is not UTF-8, or a broken gzip.
    """
    number = 0
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, 1):
                text = line.decode("utf-8").rstrip("\r\n")
                yield number, text.removeprefix(BOM) if number == 1 and not keep_mark else text
    except UnicodeDecodeError as error:
        raise _not_utf8(error, path, number, error.start) from None
    except (OSError, EOFError, zlib.error) as error:
        raise _broken(error, path) from None


def read_whole(path: Path) -> str:
    """The whole text, with its line ends as they are.

    Raises:
        UserError: A text that is not UTF-8, or a broken gzip.
    """
    try:
        with _opened(path) as file:
            content = file.read()
        return content.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as error:
        line_start = content.rfind(b"\n", 0, error.start) + 1
        line = content.count(b"\n", 0, error.start) + 1
        raise _not_utf8(error, path, line, error.start - line_start) from None
    except (OSError, EOFError, zlib.error) as error:
        raise _broken(error, path) from None


def _opened(path: Path) -> IO[bytes] | gzip.GzipFile:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rb")
    return path.open("rb")


def _not_utf8(error: UnicodeDecodeError, path: Path, line: int, start: int) -> UserError:
    return UserError(
        f"the text is not UTF-8: byte {start + 1} of the line is 0x{error.object[error.start]:02x}",
        location=f"{path}, line {line}",
        remedy="save the file as UTF-8",
    )


def _broken(error: Exception, path: Path) -> UserError:
    shown = getattr(error, "strerror", None) or str(error)
    return UserError(
        f"the file cannot be read: {shown}",
        location=str(path),
        remedy="mend the file, or make it anew",
    )
