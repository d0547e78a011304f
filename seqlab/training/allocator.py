"""Keep freed memory for the next step.

By default glibc gives the large blocks of activations back to the system after each step and asks
for them again in the next, page by page. Keeping them makes training on a CPU up to 1.8 times
faster, for some hundred megabytes more.
"""

from __future__ import annotations

import ctypes
import platform
from functools import cache

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # the parameters' numbers in glibc's malloc.h


@cache
def keep_freed_memory() -> bool:
    """Tell glibc to keep freed memory; elsewhere do nothing.

    Returns:
        Whether it was told.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    try:
        libc = ctypes.CDLL(None)
        return bool(libc.mallopt(_MMAP_MAX, 0) and libc.mallopt(_TRIM_THRESHOLD, 2**31 - 1))
    except (OSError, AttributeError):
        return False
