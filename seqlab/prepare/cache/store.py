"""Take encoded data from the cache, or make it and keep it there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from seqlab.files.cache_folder import cache_folder
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import Resolved
from seqlab.prepare.cache.arrays import DamagedError
from seqlab.prepare.cache.content import encoded
from seqlab.prepare.cache.entry import Encoded, discard, load, save
from seqlab.prepare.cache.key import key_of
from seqlab.task import Fitted


def cached(resolved: Resolved, plugins: Plugins, make: Callable[[], Encoded]) -> Encoded:
    """The data of a configuration.

    Args:
        resolved: Names the data, and the task and tokenizer that encode it.
        plugins: Whose data sources count.
        make: Reads, fits and encodes.

    Returns:
        What `make` gave now or when the cache was filled; with a notice of which.
    """
    folder = cache_folder()
    key = key_of(resolved, plugins) if resolved.data.cache and folder is not None else None
    if folder is None or key is None:
        return make()
    entry = encoded(folder) / key
    with _alone(folder, key):
        found, said = _load(entry, resolved)
        if found is not None:
            return found
        made = make()
        if key_of(resolved, plugins) != key:
            said.append("the data changed while it was read: it is not kept in the cache")
        else:
            made, kept = _save(entry, made, resolved)
            said += kept
    return replace(made, notices=[*made.notices, *said])


def taken(resolved: Resolved, plugins: Plugins) -> Encoded | None:
    """The data of a configuration from the cache alone; None where it is not there."""
    folder = cache_folder()
    key = key_of(resolved, plugins) if resolved.data.cache and folder is not None else None
    if folder is None or key is None:
        return None
    return _load(encoded(folder) / key, resolved)[0]


def same_fitted(one: Fitted, other: Fitted) -> bool:
    """Whether both were taught the same, tokenizers included."""
    return _state(one) == _state(other)


def _state(fitted: Fitted) -> str:
    tokenizers = {name: each.to_json() for name, each in fitted.tokenizers.items()}
    return json.dumps([fitted.to_json(), tokenizers], sort_keys=True)


def _load(entry: Path, resolved: Resolved) -> tuple[Encoded | None, list[str]]:
    try:
        found = load(entry, resolved.task, resolved.tokenizer)
    except DamagedError as error:
        discard(entry)
        return None, [f"the cache of encoded data was damaged and is made anew: {error}"]
    if found is None:
        return None, []
    said = "data: from the cache, as it was encoded before (-o data.cache=false reads it anew)"
    return replace(found, notices=[*found.notices, said]), []


def _save(entry: Path, made: Encoded, resolved: Resolved) -> tuple[Encoded, list[str]]:
    """What was made, mapped from where it is kept now: it takes no memory of its own."""
    names = {section: resolved.config[section].get("name") for section in ("task", "tokenizer")}
    what = {name: str(value) for name, value in names.items() if value} | {"source": made.source}
    try:
        save(entry, made, what)
        found = load(entry, resolved.task, resolved.tokenizer)
    except (OSError, TypeError, ValueError, DamagedError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return made, [f"encoded data is not kept in the cache: {reason}"]
    if found is None or not same_fitted(found.fitted, made.fitted):
        discard(entry)
        return made, ["encoded data is not kept: what was fitted is another after to_json"]
    return found, []


@contextmanager
def _alone(folder: Path, key: str) -> Iterator[None]:
    """Of processes that start the same run at once, one encodes and the others wait for it.

    Where there is no such lock, each encodes: what they write is whole in any case.
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
