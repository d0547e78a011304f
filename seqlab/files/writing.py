"""Files and folders that are there whole or not at all: written beside their path, then renamed."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = ".writing-"
"""How the names of files and folders begin that are being written; a killed process leaves them."""


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Write a file through another path beside it.

    Yields:
        The path to write to. At the end of the block the file is flushed to disk and renamed; if
        the block raises, it is removed and a file that was there before stays.
    """
    beside = _beside(path)
    try:
        yield beside
        flush(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Write a folder through another path beside it.

    Yields:
        The new folder to write to. At the end of the block it is renamed; a folder that was there
        before is replaced. If the block raises, the new one is removed.
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
    """Write a small UTF-8 file whole or not at all."""
    with atomic_file(path) as beside:
        beside.write_text(text, encoding="utf-8")


def remove_unfinished(folder: Path) -> None:
    """Remove what a process was writing in a folder when it was killed."""
    for path in folder.glob(f"{UNFINISHED}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def seal(text: str) -> str:
    """A text under a first line with its SHA-256, so that damage is noticed."""
    return f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}"


def unseal(sealed: str) -> str:
    """The text that `seal` took.

    Raises:
        ValueError: It does not have its checksum.
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
    """A path in the same folder that no other process uses."""
    return path.with_name(f"{UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}-{path.name}")
