"""Read files from an untrusted source: no links, limited size and depth, no code."""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from seqlab.errors import UserError

if TYPE_CHECKING:
    from seqlab.types import JsonObject

MIB = 1 << 20

MAX_TOML_BYTES = 4 * MIB

MAX_JSON_BYTES = 1024 * MIB
"""Much more than for TOML: a vocabulary can be large, a configuration cannot."""

MAX_DEPTH = 32
"""How deep tables and lists may be nested."""

_MAX_FILES = 10_000
"""Files in the folder of a run and its subfolders."""

_KEY = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_DEEP_KEY = re.compile(rf"""(?<![\w"'-])(?:{_KEY}[ \t]*+\.[ \t]*+){{{MAX_DEPTH + 1}}}""")
"""A dotted key such as a.b.c…: the parser's time grows with the square of its length."""


def check_folder(folder: Path) -> None:
    """Check that a folder contains only files and folders, and no link that leads out of it.

    Raises:
        UserError: There is anything else in it or in two levels of subfolders, or too many files.
    """
    root = folder.resolve()
    for count, path in enumerate(_entries(folder, 3)):
        if count == _MAX_FILES:
            raise _refused(f"more than {_MAX_FILES:,} files", folder, "give the folder of a run")
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            raise _refused(
                f"'{path.name}' is a link out of the folder",
                path,
                "replace the link by the file, if you trust the file",
            )
        if not stat.S_ISREG(mode := path.lstat().st_mode) and not (
            stat.S_ISDIR(mode) or stat.S_ISLNK(mode)
        ):
            raise _refused(f"'{path.name}' is not a regular file", path, "remove it")


def check_file(path: Path, max_bytes: int) -> None:
    """Check the type and the size of a file before it is read.

    Args:
        path: The file.
        max_bytes: The maximum size.

    Raises:
        UserError: It is too large.
        OSError: It does not exist or is not a regular file.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise IsADirectoryError(21, "Not a regular file", str(path))
    if status.st_size > max_bytes:
        raise _refused(
            f"the file has {status.st_size:,} bytes, but at most {max_bytes:,} are allowed",
            path,
            "restore the file",
        )


def read_text(path: Path, max_bytes: int) -> str:
    """Read a UTF-8 text file.

    Args:
        path: The file.
        max_bytes: The maximum size.

    Raises:
        UserError: It is too large or not UTF-8.
        OSError: It cannot be opened or is not a regular file.
    """
    check_file(path, max_bytes)
    try:
        return path.read_bytes()[:max_bytes].decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused(f"not UTF-8: {error}", path, "restore the file") from None


def read_toml(path: Path) -> JsonObject:
    """Read a TOML file.

    Raises:
        UserError: It is too large, not TOML, or nested too deeply.
        OSError: It cannot be opened or is not a regular file.
    """
    text = read_text(path, MAX_TOML_BYTES)
    try:
        if _DEEP_KEY.search(text):
            raise _too_deep(path)
        document = tomllib.loads(text)
    except RecursionError:
        raise _too_deep(path) from None
    except ValueError as error:
        raise _refused(f"not TOML: {error}", path, "fix the file") from None
    _check_depth(document, path)
    return document


def read_json(path: Path) -> JsonObject:
    """Read a JSON file that contains an object.

    Raises:
        UserError: It cannot be opened, is too large, not a JSON object, or nested too deeply.
    """
    try:
        text = read_text(path, MAX_JSON_BYTES)
    except OSError as error:
        reason = error.strerror or str(error)
        raise _refused(f"the file cannot be read: {reason}", path, "restore the file") from None
    return parse_json(text, path)


def parse_json(text: str, path: Path) -> JsonObject:
    """Parse the text of a JSON file that contains an object.

    Args:
        text: The text of the file.
        path: The file, for messages.

    Raises:
        UserError: It is not a JSON object, or nested too deeply.
    """
    try:
        document = json.loads(text)
    except RecursionError:
        raise _too_deep(path) from None
    except ValueError as error:
        raise _refused(f"the file cannot be read: {error}", path, "restore the file") from None
    if not isinstance(document, dict):
        raise _refused("the file does not contain a JSON object", path, "restore the file")
    _check_depth(document, path)
    return document


def _entries(folder: Path, levels: int) -> Iterator[Path]:
    """All entries of a folder and of its subfolders, down to this many levels."""
    with os.scandir(folder) as entries:
        for entry in entries:
            yield Path(entry.path)
            if levels > 1 and entry.is_dir(follow_symlinks=False):
                yield from _entries(Path(entry.path), levels - 1)


def _check_depth(document: JsonObject, path: Path) -> None:
    containers: list[JsonObject | list[object]] = [document]
    depth = 0
    while containers := [
        value
        for container in containers
        for value in (container.values() if isinstance(container, dict) else container)
        if isinstance(value, dict | list)
    ]:
        depth += 1
        if depth > MAX_DEPTH:
            raise _too_deep(path)


def _too_deep(path: Path) -> UserError:
    return _refused(
        f"tables and lists are nested more than {MAX_DEPTH} deep", path, "restore the file"
    )


def _refused(cause: str, path: Path, remedy: str) -> UserError:
    return UserError(cause, location=str(path), remedy=remedy)
