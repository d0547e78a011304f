"""Fingerprints of files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

SMALL = 64 << 20
"""Bytes up to which contents are hashed, in about a tenth of a second; of more, size and times."""

FEW = 1000
"""Files up to which each is opened."""


def files_fingerprint(path: Path) -> str:
    """A hash that changes when a file, or a file below a folder, does.

    For small data it is a hash of the contents. For large data it is one of sizes, inodes and
    times; the time of change (ctime) is set by the system, whatever is done to the other times.

    Args:
        path: A file or a folder.
    """
    files = [(name, file, file.stat()) for name, file in _files(path)]
    small = len(files) <= FEW and sum(stat.st_size for *_, stat in files) <= SMALL
    digest = hashlib.sha256(str(path.resolve()).encode())
    for name, file, stat in files:
        digest.update(f"\0{name}\0{stat.st_size}\0".encode("utf-8", "surrogateescape"))
        if small:
            with file.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
        else:
            digest.update(f"{stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}".encode())
    return digest.hexdigest()


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    """Each file with its name below the folder, in order; links are followed."""
    if not path.is_dir():
        yield "", path
        return
    visited: set[str] = set()  # a link may lead back
    for root, folders, names in os.walk(path, followlinks=True):
        real = os.path.realpath(root)
        folders[:] = [] if real in visited else sorted(folders)
        if real not in visited:
            yield from (
                (os.path.relpath(file, path), file)
                for file in sorted(Path(root, name) for name in names)
                if file.is_file()
            )
        visited.add(real)
