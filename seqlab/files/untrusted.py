"""Files that a stranger may have made: inside their folder, of bounded size and depth, no code."""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqlab.errors import UserError

MIB = 1 << 20
MOST_TOML = 4 * MIB
MOST_JSON = 1024 * MIB
"""Bytes of a file; vocabularies can be large, configurations cannot."""

DEEPEST = 32
"""Tables and lists in each other."""

_FILES = 10_000
"""Files in a run's folder and the folders in it."""

_PART = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_DEEP_KEY = re.compile(rf"""(?<![\w"'-])(?:{_PART}[ \t]*+\.[ \t]*+){{{DEEPEST + 1}}}""")
"""A key such as a.b.c…, for which the parser's time grows with the square of its length."""


def check_folder(folder: Path) -> None:
    """Refuse a folder with links out of it, or with what is neither a file nor a folder.

    Raises:
        UserError: There is such a thing in it, up to two folders deep; or far too much.
    """
    root = folder.resolve()
    for count, path in enumerate(_inside(folder, 3)):
        if count == _FILES:
            raise _refused(f"more than {_FILES:,} files", folder, "name the folder of a run")
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            raise _refused(
                f"'{path.name}' is a link out of the folder",
                path,
                "put the file itself into the folder, if you know what it is",
            )
        if not stat.S_ISREG(mode := path.lstat().st_mode) and not (
            stat.S_ISDIR(mode) or stat.S_ISLNK(mode)
        ):
            raise _refused(f"'{path.name}' is no file", path, "remove it")


def check_file(path: Path, most: int) -> None:
    """Refuse what is no file, or is too large, before anything of it is read.

    Args:
        path: The file.
        most: Bytes that it may have.

    Raises:
        UserError: Too large.
        OSError: No file.
    """
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        raise IsADirectoryError(21, "Is no file", str(path))
    if state.st_size > most:
        raise _refused(
            f"the file has {state.st_size:,} bytes, and at most {most:,} make sense",
            path,
            "restore the file",
        )


def read_text(path: Path, most: int) -> str:
    """A text file.

    Args:
        path: The file.
        most: Bytes that it may have.

    Raises:
        UserError: No file, too large, or not UTF-8.
        OSError: It cannot be opened.
    """
    check_file(path, most)
    try:
        return path.read_bytes()[:most].decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused(f"not UTF-8: {error}", path, "restore the file") from None


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file.

    Raises:
        UserError: Too large, not TOML, or too deep.
        OSError: It cannot be opened.
    """
    text = read_text(path, MOST_TOML)
    try:
        if _DEEP_KEY.search(text):
            raise _too_deep(path)
        document = tomllib.loads(text)
    except RecursionError:
        raise _too_deep(path) from None
    except ValueError as error:
        raise _refused(f"not TOML: {error}", path, "mend the file") from None
    _check_depth(document, path)
    return document


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file that holds an object.

    Raises:
        UserError: It cannot be opened; too large, not JSON, no object, or too deep.
    """
    try:
        text = read_text(path, MOST_JSON)
    except OSError as error:
        reason = error.strerror or str(error)
        raise _refused(f"the file cannot be read: {reason}", path, "restore the file") from None
    return parse_json(text, path)


def parse_json(text: str, path: Path) -> dict[str, Any]:
    """The object in a JSON text.

    Args:
        text: From `read_text`.
        path: Its file, for messages.

    Raises:
        UserError: Not JSON, no object, or too deep.
    """
    try:
        document = json.loads(text)
    except RecursionError:
        raise _too_deep(path) from None
    except ValueError as error:
        raise _refused(f"the file cannot be read: {error}", path, "restore the file") from None
    if not isinstance(document, dict):
        raise _refused("the file holds no object", path, "restore the file")
    _check_depth(document, path)
    return document


def _inside(folder: Path, levels: int) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            yield Path(entry.path)
            if levels > 1 and entry.is_dir(follow_symlinks=False):
                yield from _inside(Path(entry.path), levels - 1)


def _check_depth(document: Any, path: Path) -> None:
    level, depth = [document], 0
    while level := [
        inner
        for each in level
        for inner in (each.values() if isinstance(each, dict) else each)
        if isinstance(inner, dict | list)
    ]:
        depth += 1
        if depth > DEEPEST:
            raise _too_deep(path)


def _too_deep(path: Path) -> UserError:
    return _refused(f"tables and lists more than {DEEPEST} deep", path, "restore the file")


def _refused(cause: str, path: Path, remedy: str) -> UserError:
    return UserError(cause, location=str(path), remedy=remedy)
