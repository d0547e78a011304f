"""Atomic writing: a file or folder is written under a temporary name and then renamed."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = ".writing-"
"""Prefix of temporary names. A killed process leaves such files and folders behind."""


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Write a file atomically.

    Args:
        path: The final path.

    Yields:
        A temporary path in the same folder. At the end of the block it is flushed to disk and
        renamed. If the block raises, it is removed, and an existing file at `path` is kept.
    """
    beside = _beside(path)
    try:
        yield beside
        flush(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def output_file(path: Path) -> Iterator[Path]:
    """Write a file that a user named: links are followed, and what is there stays what it is.

    Args:
        path: The path that was named.

    Yields:
        Where to write: a temporary path as of `atomic_file`, beside the file that a link points
        to. The mode of an existing file is kept. A device or a pipe, and a file whose folder
        cannot be written to, are written to directly.

    Raises:
        OSError: The file is protected against writing, or cannot be written.
    """
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    file = path if _is_special(path) else Path(os.path.realpath(path))
    if _is_special(path) or (file.exists() and not os.access(file.parent, os.W_OK)):
        yield file
        return
    with atomic_file(file) as beside:
        yield beside
        if file.exists():
            beside.chmod(stat.S_IMODE(file.stat().st_mode))


def _is_special(path: Path) -> bool:
    """Whether a path is a device, a pipe or a socket."""
    return path.exists() and not path.is_file() and not path.is_dir()


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Write a folder atomically.

    Args:
        path: The final path.

    Yields:
        A temporary folder beside it. At the end of the block it is renamed, and replaces an
        existing folder. If the block raises, the temporary folder is removed.
    """
    beside = _beside(path)
    beside.mkdir(parents=True)
    try:
        yield beside
        flush(beside)
        if path.exists():
            replaced = _beside(path)
            path.rename(replaced)
            beside.rename(path)
            shutil.rmtree(replaced, ignore_errors=True)
        else:
            beside.rename(path)
        flush(path.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a small UTF-8 file atomically."""
    with atomic_file(path) as beside:
        beside.write_text(text, encoding="utf-8")


def remove_unfinished(folder: Path) -> None:
    """Remove the unfinished files of a killed process from a folder."""
    for path in folder.glob(f"{UNFINISHED}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def seal(text: str) -> str:
    """Prepend a line with the SHA-256 of the text, by which damage is detected."""
    return f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}"


def unseal(sealed: str) -> str:
    """The text that was passed to `seal`.

    Raises:
        ValueError: The checksum is wrong.
    """
    digest, _, text = sealed.partition("\n")
    if hashlib.sha256(text.encode()).hexdigest() != digest:
        raise ValueError("it does not have its checksum")
    return text


def flush(path: Path) -> None:
    """Wait until a file or the entries of a folder are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _beside(path: Path) -> Path:
    """A temporary path in the same folder that no other process uses."""
    return path.with_name(f"{UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}-{path.name}")
