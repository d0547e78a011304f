"""List and remove the entries of the cache."""

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
        key: Name of the entry.
        size: Size on disk in bytes.
        used: Time of the last use, in seconds since 1970.
        what: Task, tokenizer and source of the data; empty for an unfinished entry.
    """

    key: str
    size: int
    used: float
    what: dict[str, str]


def entries(folder: Path) -> Iterator[CacheEntry]:
    """The entries of the cache, the most recently used first, and unfinished ones."""
    described = [_describe(entry) for entry in _folders(folder)]
    yield from sorted(described, key=lambda entry: -entry.used)


def clear(folder: Path) -> int:
    """Remove all entries. A process that has opened an entry can use it until the process ends.

    Returns:
        The number of bytes that were freed.

    Raises:
        UserError: An entry cannot be removed.
    """
    freed = 0
    for entry in _folders(folder):
        freed += _describe(entry).size
        try:
            shutil.rmtree(entry)
        except FileNotFoundError:  # another process has removed it
            continue
        except OSError as error:
            raise UserError(
                f"cannot remove '{entry}': {error.strerror}",
                location="seqlab data cache --clear",
                remedy="remove it as its owner",
            ) from None
    return freed


def entries_folder(folder: Path) -> Path:
    """The folder of the entries, in the folder of the cache."""
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
