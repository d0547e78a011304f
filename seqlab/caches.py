"""Where things are kept from one run to the next."""

from __future__ import annotations

import os
from pathlib import Path

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
