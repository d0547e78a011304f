"""The folders for files that are kept between runs, and for temporary files."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from seqlab.errors import UserError

_OFF = ("off", "0", "no", "none", "false")


def cache_folder() -> Path | None:
    """The folder of the cache: $SEQLAB_CACHE, or else `seqlab` in the cache folder of the user.

    Returns:
        The folder, or None if SEQLAB_CACHE is "off" or the user has no home folder.
    """
    variable = os.environ.get("SEQLAB_CACHE", "").strip()
    if variable.lower() in _OFF:
        return None
    if variable:
        return Path(variable).expanduser().absolute()
    caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not caches.is_absolute():  # the XDG specification ignores relative paths
        try:
            caches = Path.home() / ".cache"
        except RuntimeError:
            return None
    return caches / "seqlab"


def temporary_file() -> IO[bytes]:
    """Open a file without a name that is removed when the process ends.

    It is in the cache folder if possible, because the system's temporary folder may be in memory.
    """
    folder = cache_folder()
    if folder is not None:
        with suppress(OSError):  # use the system's folder if the cache cannot be written
            folder.mkdir(parents=True, exist_ok=True)
            return tempfile.TemporaryFile(dir=folder)
    return tempfile.TemporaryFile()


def temporary_folder() -> str:
    """The folder of temporary files, for messages."""
    return str(cache_folder() or tempfile.gettempdir())


def no_room(what: str, error: OSError) -> UserError:
    """The error for a temporary file that could not be written.

    Args:
        what: What it should hold, such as "the rows".
        error: Why it could not; Arrow writes the number of the error into its text.
    """
    number = re.search(r"\[errno (\d+)\]", str(error))
    reason = os.strerror(int(number.group(1))) if number else error.strerror or str(error)
    return UserError(
        f"there is no room for {what}: {reason}",
        location=temporary_folder(),
        remedy="set SEQLAB_CACHE to a folder on another disk",
    )
