"""Arrays that are mapped from a file."""

from __future__ import annotations

import mmap
from typing import Any

from numpy.typing import NDArray

AT_ONCE = 64 << 20
"""Bytes that may be read before their pages are given back."""


def release(array: NDArray[Any]) -> None:
    """Give back the pages that were read of an array; of one that is not mapped, nothing.

    They are read from the file again when they are needed: a pass over an array that is larger
    than memory shall not look as if all of it were in use.
    """
    root: Any = array
    while hasattr(root, "base"):
        root = root.base
    if isinstance(root, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        root.madvise(mmap.MADV_DONTNEED)
