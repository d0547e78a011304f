"""Data looked at for a task, as at the start of a run, and more closely; nothing is trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from seqlab.config.run_config import assemble
from seqlab.data.checking.copies import find_near_copies
from seqlab.data.checking.findings import DataError, Finding
from seqlab.errors import UserError
from seqlab.plugin.manager import Plugins, installed
from seqlab.plugin.resolve import resolve
from seqlab.prepare.cache.entry import Encoded
from seqlab.prepare.prepare import Opened, cut, learn, open_splits, sizes


def check_data(
    spec: object | None = None,
    *,
    task: str,
    tokenizer: str | None = None,
    options: Mapping[str, Any] | Iterable[str] = (),
    seed: int | None = None,
    plugins: Plugins | None = None,
) -> dict[str, Any]:
    """Everything that a run would find wrong or odd about data, and what it would do about it.

    Beside what every run looks for, rows that differ only in case, spaces and marks from rows of
    another part are found, which takes longer.

    Args:
        spec: As for a run: a built-in name, a file, a folder, a Hub id or rows from Python; the
            task's own data if None.
        task: A registered name.
        tokenizer: A registered name; the task's own if None.
        options: Of the sections task, data and tokenizer, by full name or as `KEY=VALUE` each.
        seed: With which splits are split off, as in a run.
        plugins: Whose names count; all installed ones if None.

    Returns:
        `source`; `task`; `rows`: of each split, as far as they could be read; `examples` and
        `steps`, as far as they could be encoded; `refused`: whether a run would be; `notices`;
        `findings`: kind, action, cause, place, remedy, part, count, rows and value each.

    Raises:
        UserError: An unknown name or option.
    """
    plugins = installed() if plugins is None else plugins
    given = spec if spec is None or isinstance(spec, str) else "python"
    named = {"task.name": task, "tokenizer.name": tokenizer, "data.source": given, "seed": seed}
    resolved = resolve(assemble(None, named, options), plugins, data_only=True)
    found: list[Finding] = []
    record: dict[str, Any] = {
        "source": resolved.data.source,
        "task": task,
        "rows": {},
        "examples": {},
        "notices": [],
    }
    try:
        opened = open_splits(resolved, plugins, None if isinstance(spec, str) else spec, found)
        record |= {"source": opened.source, "notices": opened.notices}
        record["rows"] = {name: len(split) for name, split in opened.splits.items()}
        found += _closer(opened, resolved.task.target)
        record["examples"] = _sizes(learn(resolved, opened))
    except DataError:
        pass  # they are in `found`
    except UserError as error:
        found.append(Finding.of_error(error))
    refused = any(each.action == "refused" for each in found)
    return {**record, "refused": refused, "findings": [each.to_json() for each in found]}


def _sizes(encoded: Encoded) -> dict[str, Any]:
    return sizes(cut(encoded.fitted, encoded.examples))


def _closer(opened: Opened, target: str | None) -> Iterable[Finding]:
    """What takes too long for every run."""
    column = next((name for role, name in opened.columns.items() if role != target), None)
    return find_near_copies(opened.splits, column) if column is not None else ()
