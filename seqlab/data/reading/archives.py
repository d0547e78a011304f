"""Archives (.zip, .tar and compressed .tar), unpacked to a temporary folder for the process."""

from __future__ import annotations

import atexit
import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from lzma import LZMAError
from pathlib import Path, PurePosixPath

from seqlab.errors import UserError
from seqlab.files.cache_folder import cache_folder, temporary_folder

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
"""The suffixes of archives."""

_MAX_FILES = 1_000_000
_MAX_RATIO = 200
"""Bytes per byte of the archive from which on it is not data but meant to fill the disk."""
_SMALL = 100 << 20
"""Size in bytes up to which the ratio does not matter."""

_PREFIX = "unpacked-"


def is_archive(path: Path) -> bool:
    """Whether a path names an archive."""
    return path.name.lower().endswith(SUFFIXES) and path.is_file()


def unpack(path: Path) -> Path:
    """Unpack an archive to a folder that is removed when the process ends.

    Raises:
        UserError: The archive is damaged or encrypted, leads out of its folder, is too large, or
            the disk is full.
    """
    folder = _new_folder()
    with _readable(path):
        if zipfile.is_zipfile(path):
            _unzip(path, folder)
        else:
            _untar(path, folder)
    return folder


def _unzip(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        _check(path, [member.file_size for member in members])
        for member in members:
            if member.flag_bits & 1:
                raise UserError(
                    "the archive is encrypted",
                    location=str(path),
                    remedy="unpack it with its password, and give the folder",
                )
            target = folder / _safe_name(member.filename, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file)  # zipfile reads no more than the declared size


def _untar(path: Path, folder: Path) -> None:
    with tarfile.open(path) as archive:
        members = list[tarfile.TarInfo]()
        for member in archive:
            members.append(member)
            _check(path, [entry.size for entry in members] if len(members) % 1000 == 0 else [])
        _check(path, [member.size for member in members])
        for member in members:
            if member.isfile():
                _safe_name(member.name, path)
                archive.extract(member, folder, filter="data")


def _safe_name(name: str, path: Path) -> str:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith(("/", "\\")) or ":" in name.split("/")[0]:
        raise UserError(
            f"the archive holds a file outside of its folder: '{name}'",
            location=str(path),
            remedy="do not use it: it could overwrite other files; get it from another place",
        )
    return name


def _check(path: Path, sizes: list[int]) -> None:
    total, limit = sum(sizes), max(_SMALL, _MAX_RATIO * path.stat().st_size)
    if len(sizes) > _MAX_FILES or total > limit:
        raise UserError(
            f"the archive would unpack to {len(sizes):,} files of {total:,} bytes",
            location=str(path),
            remedy="unpack it yourself if you trust it, and give the folder",
        )


def _new_folder() -> Path:
    caches = cache_folder()
    if caches is not None:
        with suppress(OSError):
            caches.mkdir(parents=True, exist_ok=True)
            _remove_left(caches)
    parent = caches if caches is not None and os.access(caches, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _remove_left(caches: Path) -> None:
    """Remove folders of processes that were killed."""
    for folder in caches.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdecimal() and not _is_alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Errors of the archive and the disk as errors that name the file."""
    try:
        yield
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, LZMAError, EOFError) as error:
        reason = str(error) or "it breaks off"
        raise _damaged(path, reason) from None
    except RuntimeError as error:  # a compression that zipfile does not know
        raise _damaged(path, str(error)) from None
    except OSError as error:
        if error.errno is None:  # gzip and bz2 report a damaged file without a number
            raise _damaged(path, str(error)) from None
        raise UserError(
            f"the archive cannot be unpacked: {error.strerror}",
            location=error.filename or temporary_folder(),
            remedy="set SEQLAB_CACHE to a folder on another disk, or unpack it and give the folder",
        ) from None


def _damaged(path: Path, reason: str) -> UserError:
    return UserError(
        f"the archive cannot be read: {reason}",
        location=str(path),
        remedy="download it again, or unpack it and give the folder",
    )
