"""What is in the cache, and how it is emptied."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seqlab.errors import UserError
from seqlab.files.writing import unseal

HEADER = "entry.json"


@dataclass(frozen=True)
class CacheEntry:
    """One entry of the cache.

    Args:
        key: Its name.
        size: Bytes on disk.
        used: When it was last used, in seconds since 1970.
        what: Task, tokenizer and source that it was made for; empty for an unfinished one.
    """

    key: str
    size: int
    used: float
    what: dict[str, str]


def entries(folder: Path) -> Iterator[CacheEntry]:
    """What the cache holds, the most recently used first; also unfinished entries."""
    described = [_describe(entry) for entry in _folders(folder)]
    yield from sorted(described, key=lambda entry: -entry.used)


def clear(folder: Path) -> int:
    """Remove all entries; a process that uses one at this moment keeps it until it ends.

    Returns:
        Bytes that were freed.

    Raises:
        UserError: Something cannot be removed.
    """
    freed = 0
    for entry in _folders(folder):
        freed += _describe(entry).size
        try:
            shutil.rmtree(entry)
        except FileNotFoundError:  # another process was quicker
            continue
        except OSError as error:
            raise UserError(
                f"cannot remove '{entry}': {error.strerror}",
                location="seqlab data cache --clear",
                remedy="remove it as its owner",
            ) from None
    return freed


def entries_folder(folder: Path) -> Path:
    """Where the entries are, in the folder of the cache."""
    return folder / "encoded"


def _folders(folder: Path) -> list[Path]:
    try:
        return [path for path in entries_folder(folder).iterdir() if path.is_dir()]
    except OSError:
        return []


def _describe(entry: Path) -> CacheEntry:
    size = sum(file.stat().st_size for file in entry.rglob("*") if file.is_file())
    try:
        used = (entry / HEADER).stat().st_mtime
        document = json.loads(unseal((entry / HEADER).read_text(encoding="utf-8")))
        what = {str(name): str(value) for name, value in document["what"].items()}
    except (OSError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return CacheEntry(entry.name, size, 0.0, {})
    return CacheEntry(entry.name, size, used, what)
