"""The name of an entry: a hash of everything that determines the encoded data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from seqlab.data.contracts import DataSource
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import ResolvedData
from seqlab.prepare.cache.code import code_fingerprint, environment
from seqlab.prepare.cache.files import files_fingerprint
from seqlab.types import Options

FORMAT = 5
"""Version of the entry format; data of other versions are encoded again."""

_WITHOUT_EFFECT = ("cache", "source", "workers")
"""Options of section `data` that are not hashed; the contents of the source are."""


def key_of(resolved: ResolvedData, plugins: Plugins) -> str | None:
    """The name of the entry for a configuration.

    Returns:
        The name, or None if changes of the data could not be detected: rows or classes from
        Python, data sets of the Hub, and data sources without a fingerprint.
    """
    try:
        source = _source(resolved, plugins)
        if source is None:
            return None
        fingerprint, source_classes = source
        sections = resolved.sections()
        decisive = {
            "format": FORMAT,
            "task": sections["task"],
            "tokenizer": sections["tokenizer"],
            "data": {k: v for k, v in sections["data"].items() if k not in _WITHOUT_EFFECT},
            "seed": resolved.seed,
            "smoke": resolved.smoke,
            "source": fingerprint,
            "files": _files_in_options(sections),
            "code": code_fingerprint(*_classes(resolved, plugins), *source_classes),
            "environment": environment(),
        }
    except (LookupError, OSError):
        return None
    text = json.dumps(decisive, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _source(
    resolved: ResolvedData, plugins: Plugins
) -> tuple[str, tuple[type[DataSource], ...]] | None:
    """A fingerprint of the source, and the class of a registered source."""
    name = resolved.data.source
    if name in plugins.data:
        cls = plugins.data.get(name).load()
        fingerprint = cls(**resolved.source_options).fingerprint()
        return None if fingerprint is None else (f"{name} {fingerprint}", (cls,))
    path = Path(name).expanduser()
    return (files_fingerprint(path), ()) if path.exists() else None


def _classes(resolved: ResolvedData, plugins: Plugins) -> list[type]:
    """The classes that read and encode the data.

    Raises:
        LookupError: A class was passed from Python, where it may depend on anything.
    """
    task = plugins.tasks.get(resolved.task.name)
    if task.plugin == "python":
        raise LookupError(task.name)
    tokenizer = [] if resolved.tokenizer is None else [resolved.tokenizer.cls]
    return [resolved.task.cls, resolved.task.cls.fitted, *tokenizer]


def _files_in_options(sections: Mapping[str, Options]) -> dict[str, str]:
    """A fingerprint of each file that an option names, such as a vocabulary."""
    return {
        f"{section}.{name}": files_fingerprint(Path(value))
        for section in ("task", "tokenizer", "data")
        for name, value in sections[section].items()
        if isinstance(value, str) and 0 < len(value) < 4096 and Path(value).is_file()
    }
