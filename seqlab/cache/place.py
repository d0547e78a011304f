"""Where the cache is, what is in it, and how it is emptied."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seqlab.errors import UserError

_OFF = ("off", "0", "no", "none", "false")
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


def place() -> Path | None:
    """The folder of the cache: $SEQLAB_CACHE, else `seqlab` in the user's folder of caches.

    Returns:
        None where SEQLAB_CACHE is "off", or there is no such folder.
    """
    given = os.environ.get("SEQLAB_CACHE", "").strip()
    if given.lower() in _OFF:
        return None
    if given:
        return Path(given).expanduser().absolute()
    caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not caches.is_absolute():  # so the XDG specification wants it
        try:
            caches = Path.home() / ".cache"
        except RuntimeError:
            return None
    return caches / "seqlab"


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
                place="seqlab data cache --clear",
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
