"""Fingerprints of files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

SMALL = 64 << 20
"""Maximum size in bytes at which contents are hashed, which takes about 0.1 seconds."""

FEW = 1000
"""Maximum number of files whose contents are hashed."""


SAMPLES = 64
"""Blocks of large data whose contents are hashed, spread over the files and in each of them."""

_BLOCK = 1 << 16


def files_fingerprint(path: Path) -> str:
    """A hash of a file, or of all files below a folder.

    For small data it is a hash of the contents. For large data it is a hash of sizes, inodes and
    times, including the time of change (ctime), which a program cannot set, and of a sample of the
    contents, for file systems whose times are coarse or missing.

    Args:
        path: A file or a folder.
    """
    files = [(name, file, file.stat()) for name, file in _files(path)]
    small = len(files) <= FEW and sum(stat.st_size for *_, stat in files) <= SMALL
    digest = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape"))
    for name, file, stat in files:
        digest.update(f"\0{name}\0{stat.st_size}\0".encode("utf-8", "surrogateescape"))
        if small:
            with file.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
        else:
            digest.update(f"{stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}".encode())
    if not small:
        step = -(-len(files) // SAMPLES)
        for _, file, stat in files[::step]:
            for block in _sample(file, stat.st_size, -(-SAMPLES * step // len(files))):
                digest.update(block)
    return digest.hexdigest()


def _sample(file: Path, size: int, count: int) -> Iterator[bytes]:
    """Blocks of a file, evenly spread: its first and its last, and others between."""
    last = max(size - _BLOCK, 0)
    with file.open("rb") as opened:
        for index in range(count):
            opened.seek(last * index // max(count - 1, 1))
            yield opened.read(_BLOCK)


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    """All files with their names below the folder, in order; links are followed."""
    if not path.is_dir():
        yield "", path
        return
    visited: set[str] = set()  # links can form a loop
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
