"""Where the encoded data of one configuration are kept, if anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from seqlab.files.cache_folder import cache_folder
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import ResolvedData
from seqlab.prepare.cache.arrays import DamagedError
from seqlab.prepare.cache.content import entries_folder
from seqlab.prepare.cache.entry import discard, load, save
from seqlab.prepare.cache.key import key_of
from seqlab.prepare.encoded import Encoded, FittedColumns
from seqlab.task import Fitted


@dataclass
class CacheSlot:
    """The place of one entry of the cache.

    Args:
        resolved: The configuration, which decides the entry.
        plugins: Whose data sources count.
        path: Folder of the entry; None where the data cannot or shall not be kept.
    """

    resolved: ResolvedData
    plugins: Plugins
    path: Path | None
    damage: str = ""

    def load(self, saved: FittedColumns | None = None) -> Encoded | None:
        """The entry; None where there is none, or it is damaged.

        Args:
            saved: What an earlier run was fitted on: data that were encoded by anything else do not
                count.
        """
        if self.path is None:
            return None
        try:
            entry = self._read()
        except DamagedError as error:
            discard(self.path)
            self.damage = f"the cache of encoded data was damaged and is made again: {error}"
            return None
        if entry is None or not (saved is None or _is_of(entry, saved)):
            return None
        notice = "data: from the cache, as encoded before (-o data.cache=false reads them again)"
        return replace(entry, notices=[*entry.notices, notice])

    def keep(self, made: Encoded) -> Encoded:
        """Write an entry.

        Returns:
            The same, mapped from where it is kept now, so that it takes no memory of its own; with
            a notice of what went wrong.
        """
        if self.path is None:
            return made
        notices = [self.damage] if self.damage else []
        if key_of(self.resolved, self.plugins) != self.path.name:
            notices.append("the data changed while they were read: they are not kept in the cache")
        else:
            made, problem = self._write(made, self.path)
            notices += [problem] if problem else []
        return replace(made, notices=[*made.notices, *notices])

    def _read(self) -> Encoded | None:
        task, tokenizer = self.resolved.task, self.resolved.tokenizer
        assert self.path is not None
        return load(self.path, task.cls, tokenizer.cls if tokenizer else None)

    def _write(self, made: Encoded, path: Path) -> tuple[Encoded, str]:
        description = {"task": self.resolved.task.name, "source": made.source}
        if self.resolved.tokenizer is not None:
            description["tokenizer"] = self.resolved.tokenizer.name
        try:
            save(path, made, description)
            entry = self._read()
        except (OSError, TypeError, ValueError, DamagedError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            return made, f"encoded data are not kept in the cache: {reason}"
        if entry is None or not same_fitted(entry.fitted, made.fitted):
            discard(path)
            return made, "encoded data are not kept: what was fitted differs after to_json"
        return replace(entry, splits=made.splits), ""


@contextmanager
def cache_slot(
    resolved: ResolvedData, plugins: Plugins, *, exclusive: bool, from_python: bool
) -> Iterator[CacheSlot]:
    """Where the data of a configuration are kept.

    Args:
        resolved: Names the data, and the task and tokenizer that encode them.
        plugins: Whose data sources count.
        exclusive: Of processes that start the same run at once, one encodes and the others wait.
        from_python: The data are rows from Python, which are never kept.
    """
    folder = cache_folder()
    key = None
    if folder is not None and resolved.data.cache and not from_python:
        key = key_of(resolved, plugins)
    if folder is None or key is None:
        yield CacheSlot(resolved, plugins, None)
        return
    slot = CacheSlot(resolved, plugins, entries_folder(folder) / key)
    if not exclusive:
        yield slot
        return
    with _lock(folder, key):
        yield slot


def same_fitted(first: Fitted, second: Fitted) -> bool:
    """Whether both learned the same, tokenizers included."""
    return _state(first) == _state(second)


def _is_of(entry: Encoded, saved: FittedColumns) -> bool:
    """Whether encoded data are those that a run was fitted on."""
    return entry.columns == saved.columns and same_fitted(entry.fitted, saved.fitted)


def _state(fitted: Fitted) -> str:
    tokenizers = {name: tokenizer.to_json() for name, tokenizer in fitted.tokenizers.items()}
    return json.dumps([fitted.to_json(), tokenizers], sort_keys=True)


@contextmanager
def _lock(folder: Path, key: str) -> Iterator[None]:
    """Let one process at a time into the block.

    Where locks do not exist, each encodes: what they write is whole in any case.
    """
    try:
        import fcntl

        locks = folder / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        file = (locks / key).open("w")
    except (ImportError, OSError):
        yield
        return
    with file:  # closing it, also by the end of the process, frees the lock
        with suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
