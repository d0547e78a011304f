"""The slot of a configuration in the cache of encoded data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from seqlab.data.decisions import Decision
from seqlab.files.cache_folder import cache_folder
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import ResolvedData
from seqlab.prepare.cache.arrays import DamagedError
from seqlab.prepare.cache.content import entries_folder
from seqlab.prepare.cache.entry import discard, load, save
from seqlab.prepare.cache.key import key_of
from seqlab.prepare.encoded import Encoded, FittedColumns
from seqlab.task import Fitted

SUBJECT = "cache of encoded data"


@dataclass
class CacheSlot:
    """Reads and writes the cached data of one configuration.

    Args:
        resolved: The configuration, which determines the entry.
        plugins: Provides the data sources.
        path: Folder of the entry; None if the data are not cached.
    """

    resolved: ResolvedData
    plugins: Plugins
    path: Path | None
    damage: str = ""

    def load(self, saved: FittedColumns | None = None) -> Encoded | None:
        """Read the entry; None if it does not exist or is damaged.

        Args:
            saved: The fitted task of an earlier run, and its columns. An entry with a different
                fitted task is ignored.
        """
        if self.path is None:
            return None
        try:
            entry = self._read()
        except DamagedError as error:
            discard(self.path)
            self.damage = f"was damaged and is created again: {error}"
            return None
        if entry is None or not (saved is None or _is_of(entry, saved)):
            return None
        choice = "read from the cache (-o data.cache=false encodes them again)"
        decision = Decision("data", choice, "data.cache")
        return replace(entry, decisions=[*entry.decisions, decision])

    def keep(self, made: Encoded) -> Encoded:
        """Write an entry.

        Returns:
            The same data, mapped from the entry so that they take no additional memory. If they
            could not be written, a decision gives the reason.
        """
        if self.path is None:
            return made
        problems = [self.damage] if self.damage else []
        if key_of(self.resolved, self.plugins) != self.path.name:
            problems.append("not used, because the data changed while they were read")
        else:
            made, problem = self._write(made, self.path)
            problems += [problem] if problem else []
        decisions = [Decision(SUBJECT, problem, "data.cache") for problem in problems]
        return replace(made, decisions=[*made.decisions, *decisions])

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
            return made, f"not written: {reason}"
        if entry is None or not same_fitted(entry.fitted, made.fitted):
            discard(path)
            return made, "not written: the fitted task differs after `to_json`"
        return replace(entry, splits=made.splits), ""


@contextmanager
def cache_slot(
    resolved: ResolvedData, plugins: Plugins, *, exclusive: bool, from_python: bool
) -> Iterator[CacheSlot]:
    """The slot of a configuration.

    Args:
        resolved: The configuration: the data, and the task and tokenizer that encode them.
        plugins: Provides the data sources.
        exclusive: Whether to lock the slot, so that only one of several processes encodes the data
            while the others wait.
        from_python: Whether the data are rows from Python, which are never cached.
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
    """Whether two fitted tasks are equal, including their tokenizers."""
    return _state(first) == _state(second)


def _is_of(entry: Encoded, saved: FittedColumns) -> bool:
    """Whether an entry has the fitted task and the columns of a run."""
    return entry.columns == saved.columns and same_fitted(entry.fitted, saved.fitted)


def _state(fitted: Fitted) -> str:
    tokenizers = {name: tokenizer.to_json() for name, tokenizer in fitted.tokenizers.items()}
    return json.dumps([fitted.to_json(), tokenizers], sort_keys=True)


@contextmanager
def _lock(folder: Path, key: str) -> Iterator[None]:
    """A context that one process at a time can enter.

    Without file locks, several processes may encode the same data, which is slower but correct.
    """
    try:
        import fcntl

        locks = folder / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        file = (locks / key).open("w")
    except (ImportError, OSError):
        yield
        return
    with file:  # the lock is released when the file is closed or the process ends
        with suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
