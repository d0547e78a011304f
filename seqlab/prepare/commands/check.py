"""Check data for a task like a run does at its start, and more thoroughly, without training."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seqlab.config.run_config import assemble
from seqlab.data.checking.copies import find_near_copies
from seqlab.data.checking.findings import DataError, Finding
from seqlab.data.decisions import Decision
from seqlab.data.reading.sources import from_python
from seqlab.errors import UserError
from seqlab.plugin.manager import Plugins, installed
from seqlab.plugin.resolve import resolve_data
from seqlab.prepare.encoded import cut, learn
from seqlab.prepare.prepare import sizes
from seqlab.prepare.splits import OpenedSplits, open_splits
from seqlab.types import JsonObject, Options


def check_data(
    spec: object | None = None,
    *,
    task: str,
    tokenizer: str | None = None,
    options: Options | Iterable[str] = (),
    seed: int | None = None,
    plugins: Plugins | None = None,
) -> JsonObject:
    """Find the errors and unusual values in data that a run would report.

    It also finds rows that differ from rows of another split only in case, spaces and punctuation,
    which would take too long at the start of every run.

    Args:
        spec: A built-in name, a file, a folder, a Hub id or rows from Python, as for a run; the
            default data of the task if None.
        task: A registered name.
        tokenizer: A registered name; the default of the task if None.
        options: Options of the sections task, data and tokenizer, by full name or as strings
            `SECTION.KEY=VALUE`.
        seed: The random seed, by which missing splits are split off.
        plugins: Provides the registered names; all installed plugins if None.

    Returns:
        `source`; `task`; `rows` per split, as far as they could be read; `examples` and `steps`
        per split, as far as they could be encoded; `refused`: whether a run would be refused;
        `decisions`: records with subject, choice, option and notable; `findings`: records with
        kind, action, cause, location, remedy, split, count, rows and value.

    Raises:
        UserError: A name or option is unknown.
    """
    plugins = installed() if plugins is None else plugins
    spec = str(spec) if isinstance(spec, Path) else spec
    source = spec if spec is None or isinstance(spec, str) else "python"
    flags = {"task.name": task, "tokenizer.name": tokenizer, "data.source": source, "seed": seed}
    resolved = resolve_data(assemble(None, flags, options), plugins)
    record: JsonObject = {"source": resolved.data.source, "task": task, "rows": {}, "examples": {}}
    findings, decisions = list[Finding](), list[Decision]()
    try:
        data = from_python(spec) if source == "python" else None
        opened = open_splits(resolved, plugins, data, findings, decisions)
        record["source"] = opened.source
        record["rows"] = {name: len(split) for name, split in opened.splits.items()}
        findings += _near_copies(opened, resolved.task.cls.target)
        encoded = learn(resolved, opened)
        record["examples"] = sizes(cut(encoded.fitted, encoded.examples))
    except DataError as error:
        findings += [finding for finding in error.findings if finding not in findings]
    except UserError as error:
        findings.append(Finding.of_error(error))
    refused = any(finding.action == "refused" for finding in findings)
    return {
        **record,
        "refused": refused,
        "decisions": [decision.to_json() for decision in decisions],
        "findings": [finding.to_json() for finding in findings],
    }


def _near_copies(opened: OpenedSplits, target: str | None) -> Iterable[Finding]:
    """Rows that nearly duplicate a row of another split; too slow for every run."""
    inputs = (column for role, column in opened.columns.items() if role != target)
    column = next(inputs, None)
    return find_near_copies(opened.splits, column) if column is not None else ()
