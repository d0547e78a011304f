"""What tells whether files have changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

SMALL = 64 << 20
"""Bytes that are hashed each time, in about a tenth of a second; of more, size and times tell."""

FEW = 1000
"""Files that are opened each time."""


def files_fingerprint(path: Path) -> str:
    """A hash that changes when a file, or a file below a folder, does.

    Of small data it is a hash of the contents. Of large data it is one of sizes, inodes and
    times; a file's time of change is set by the system, whatever is done to its other times.

    Args:
        path: A file or a folder.
    """
    found = [(name, file, file.stat()) for name, file in _files(path)]
    small = len(found) <= FEW and sum(stat.st_size for *_, stat in found) <= SMALL
    seen = hashlib.sha256(str(path.resolve()).encode())
    for name, file, stat in found:
        seen.update(f"\0{name}\0{stat.st_size}\0".encode("utf-8", "surrogateescape"))
        if small:
            with file.open("rb") as opened:
                seen.update(hashlib.file_digest(opened, "sha256").digest())
        else:
            seen.update(f"{stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}".encode())
    return seen.hexdigest()


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    """Each file with its name below the folder, in order; links are followed."""
    if not path.is_dir():
        yield "", path
        return
    seen: set[str] = set()  # a link may lead back
    for root, folders, names in os.walk(path, followlinks=True):
        real = os.path.realpath(root)
        folders[:] = [] if real in seen else sorted(folders)
        if real not in seen:
            yield from (
                (os.path.relpath(file, path), file)
                for file in sorted(Path(root, name) for name in names)
                if file.is_file()
            )
        seen.add(real)
