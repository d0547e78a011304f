"""Keep freed memory for the next step.

By default glibc returns the large blocks of activations to the operating system after each step
and requests them again in the next step, page by page. Keeping them makes training on a CPU up to
1.8 times faster, at the cost of some hundred megabytes of memory.
"""

from __future__ import annotations

import ctypes
import platform
from functools import cache

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # the numbers of these parameters in glibc's malloc.h


@cache
def keep_freed_memory() -> bool:
    """Configure glibc to keep freed memory; do nothing with another C library.

    Returns:
        Whether glibc accepted the setting.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    try:
        libc = ctypes.CDLL(None)
        return bool(libc.mallopt(_MMAP_MAX, 0) and libc.mallopt(_TRIM_THRESHOLD, 2**31 - 1))
    except (OSError, AttributeError):
        return False
