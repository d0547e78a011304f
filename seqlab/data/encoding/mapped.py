"""Memory-mapped arrays."""

from __future__ import annotations

import mmap

from seqlab.types import Array

MAX_RESIDENT = 64 << 20
"""Bytes of a mapped array that are read before their pages are released."""


def release(array: Array) -> None:
    """Release the pages of a memory-mapped array; does nothing for other arrays.

    The pages are read from the file again when they are needed. Without this, a pass over an array
    that is larger than memory looks as if all of it were in use.
    """
    root: object = array
    while hasattr(root, "base"):
        root = root.base
    if isinstance(root, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        root.madvise(mmap.MADV_DONTNEED)
