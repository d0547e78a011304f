"""Where things are kept from one run to the next, and where as long as a process lasts."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

_OFF = ("off", "0", "no", "none", "false")


def cache_folder() -> Path | None:
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


def temporary_file() -> IO[bytes]:
    """A file without a name, which nobody else sees and which is gone with the process.

    It is on disk where the cache is, for temporary folders may be memory.
    """
    folder = cache_folder()
    if folder is not None:
        with suppress(OSError):  # then as if it were off
            folder.mkdir(parents=True, exist_ok=True)
            return tempfile.TemporaryFile(dir=folder)
    return tempfile.TemporaryFile()


def temporary_place() -> str:
    """Where temporary files are, for messages."""
    return str(cache_folder() or tempfile.gettempdir())
