"""What is in the cache, and how it is emptied."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seqlab.errors import UserError

HEADER = "entry.json"


@dataclass(frozen=True)
class Kept:
    """One entry of the cache.

    Args:
        key: Its name.
        size: Bytes on disk.
        used: When it was last used, in seconds since 1970.
        what: Task, tokenizer and source that it was made for.
    """

    key: str
    size: int
    used: float
    what: dict[str, str]


def entries(folder: Path) -> Iterator[Kept]:
    """What the cache holds, the last used first; also what was left half written."""
    found = [_describe(each) for each in _folders(folder)]
    yield from sorted(found, key=lambda kept: -kept.used)


def clear(folder: Path) -> int:
    """Remove all entries; who uses one at this moment keeps it until it ends.

    Returns:
        Bytes that were freed.

    Raises:
        UserError: Something cannot be removed.
    """
    freed = 0
    for each in _folders(folder):
        freed += _describe(each).size
        try:
            shutil.rmtree(each)
        except FileNotFoundError:  # another process was quicker
            continue
        except OSError as error:
            raise UserError(
                f"cannot remove '{each}': {error.strerror}",
                location="seqlab data cache --clear",
                remedy="remove it as its owner",
            ) from None
    return freed


def encoded(folder: Path) -> Path:
    """Where entries are, in the folder of the cache."""
    return folder / "encoded"


def _folders(folder: Path) -> list[Path]:
    try:
        return [each for each in encoded(folder).iterdir() if each.is_dir()]
    except OSError:
        return []


def _describe(entry: Path) -> Kept:
    sizes = [file.stat().st_size for file in entry.rglob("*") if file.is_file()]
    try:
        used = (entry / HEADER).stat().st_mtime
        document = json.loads((entry / HEADER).read_text(encoding="utf-8").partition("\n")[2])
        what = {str(name): str(value) for name, value in document["what"].items()}
    except (OSError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return Kept(entry.name, sum(sizes), 0.0, {})
    return Kept(entry.name, sum(sizes), used, what)
