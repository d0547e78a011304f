"""Check data for a task, as at the start of a run, and more closely; nothing is trained."""

from __future__ import annotations

from collections.abc import Iterable

from seqlab.config.run_config import assemble
from seqlab.data.checking.copies import find_near_copies
from seqlab.data.checking.findings import DataError, Finding
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
    """Everything that a run would find wrong or odd about data, and what it would do about it.

    Beside what every run looks for, rows are found that differ only in case, spaces and
    punctuation from rows of another split, which takes longer.

    Args:
        spec: As for a run: a built-in name, a file, a folder, a Hub id or rows from Python; the
            default data of the task if None.
        task: A registered name.
        tokenizer: A registered name; the default of the task if None.
        options: Of the sections task, data and tokenizer, by full name or as `KEY=VALUE` each.
        seed: Which rows are split off depends on it, as in a run.
        plugins: Whose names count; all installed ones if None.

    Returns:
        `source`; `task`; `rows` of each split, as far as they could be read; `examples` and
        `steps`, as far as they could be encoded; `refused`: whether a run would be; `notices`;
        `findings`: kind, action, cause, location, remedy, split, count, rows and value each.

    Raises:
        UserError: An unknown name or option.
    """
    plugins = installed() if plugins is None else plugins
    source = spec if spec is None or isinstance(spec, str) else "python"
    flags = {"task.name": task, "tokenizer.name": tokenizer, "data.source": source, "seed": seed}
    resolved = resolve_data(assemble(None, flags, options), plugins)
    findings: list[Finding] = []
    record: JsonObject = {
        "source": resolved.data.source,
        "task": task,
        "rows": {},
        "examples": {},
        "notices": [],
    }
    try:
        data = from_python(spec) if source == "python" else None
        opened = open_splits(resolved, plugins, data, findings)
        record |= {"source": opened.source, "notices": opened.notices}
        record["rows"] = {name: len(split) for name, split in opened.splits.items()}
        findings += _near_copies(opened, resolved.task.cls.target)
        encoded = learn(resolved, opened)
        record["examples"] = sizes(cut(encoded.fitted, encoded.examples))
    except DataError:
        pass  # they are in `findings`
    except UserError as error:
        findings.append(Finding.of_error(error))
    refused = any(finding.action == "refused" for finding in findings)
    return {
        **record,
        "refused": refused,
        "findings": [finding.to_json() for finding in findings],
    }


def _near_copies(opened: OpenedSplits, target: str | None) -> Iterable[Finding]:
    """What takes too long for every run."""
    inputs = (column for role, column in opened.columns.items() if role != target)
    column = next(inputs, None)
    return find_near_copies(opened.splits, column) if column is not None else ()
