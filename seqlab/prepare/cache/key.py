"""All that decides what encoded data is: whatever of it changes, data is encoded anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqlab.data.contracts import DataSource
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import Resolved
from seqlab.prepare.cache.code import code_fingerprint, environment
from seqlab.prepare.cache.files import files_fingerprint

FORMAT = 3
"""Of an entry: another one is encoded anew."""

_NO_MATTER = ("cache", "source", "workers")
"""Options of section `data` that change nothing in the data; the source is looked at itself."""


def key_of(resolved: Resolved, plugins: Plugins) -> str | None:
    """The name of the entry for a configuration.

    Returns:
        None where it cannot be known whether the data will be the same the next time: rows or
        classes from Python, a set of the Hub, a data source that does not say.
    """
    try:
        found = _source(resolved, plugins)
        if found is None:
            return None
        fingerprint, source = found
        sections = resolved.config.sections
        decides = {
            "format": FORMAT,
            "task": sections["task"],
            "tokenizer": sections["tokenizer"],
            "data": {k: v for k, v in sections["data"].items() if k not in _NO_MATTER},
            "seed": resolved.config.seed,
            "smoke": resolved.config.smoke,
            "source": fingerprint,
            "files": _files_in_options(sections),
            "code": code_fingerprint(*_classes(resolved, plugins), *source),
            "environment": environment(),
        }
    except (LookupError, OSError):
        return None
    text = json.dumps(decides, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _source(
    resolved: Resolved, plugins: Plugins
) -> tuple[str, tuple[type[DataSource], ...]] | None:
    """What tells whether the source changed, and its class where it is a registered one."""
    name = resolved.data.source
    if name in plugins.data:
        kind = plugins.data.get(name).load()
        fingerprint = kind(**resolved.source_options()).fingerprint()
        return None if fingerprint is None else (f"{name} {fingerprint}", (kind,))
    path = Path(name).expanduser()
    return (files_fingerprint(path), ()) if path.exists() else None


def _classes(resolved: Resolved, plugins: Plugins) -> list[type]:
    """The classes that read and encode.

    Raises:
        LookupError: One was given from Python, where it may depend on anything.
    """
    task = plugins.tasks.get(str(resolved.config["task"]["name"]))
    if task.plugin == "python":
        raise LookupError(task.name)
    tokenizer = [] if resolved.tokenizer is None else [resolved.tokenizer]
    return [resolved.task, resolved.task.fitted, *tokenizer]


def _files_in_options(sections: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The files that options name, such as a vocabulary."""
    return {
        f"{section}.{name}": files_fingerprint(Path(value))
        for section in ("task", "tokenizer", "data")
        for name, value in sections[section].items()
        if isinstance(value, str) and 0 < len(value) < 4096 and Path(value).is_file()
    }
