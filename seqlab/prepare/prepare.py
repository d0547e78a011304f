"""From a resolved configuration to everything that training needs: data, encoding, model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqlab.data.checking.copies import find_copies
from seqlab.data.checking.encoded import find_encoded
from seqlab.data.checking.findings import Finding, refuse
from seqlab.data.checking.survey import Faulty, Survey, survey
from seqlab.data.checking.usable import usable_splits
from seqlab.data.columns import find_columns
from seqlab.data.contracts import Tokenizer
from seqlab.data.encoding.examples import Examples
from seqlab.data.encoding.workers import data_workers
from seqlab.data.reading.sources import open_data
from seqlab.data.split import Split
from seqlab.data.splitting import complete, cut_text, take
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import Resolved
from seqlab.prepare.cache.entry import Encoded
from seqlab.prepare.cache.store import cached, same_fitted, taken
from seqlab.task import Fitted, Task

SMOKE_ROWS = 64


class Opened(NamedTuple):
    """Parts before anything is learned from them.

    Args:
        splits: All three.
        columns: Which column fills each role.
        notices: What was decided, to be said.
        source: What the configuration records as the source.
        findings: What is odd about the rows.
    """

    splits: dict[str, Split]
    columns: dict[str, str]
    notices: list[str]
    source: str
    findings: list[Finding]


def open_splits(
    resolved: Resolved,
    plugins: Plugins,
    data: object | None = None,
    findings: list[Finding] | None = None,
) -> Opened:
    """The splits, whole, looked at and with their columns found.

    Args:
        resolved: The configuration.
        plugins: Whose data sources count.
        data: Rows from Python, instead of the configured source.
        findings: Takes what is found, also where an error ends the search.

    Raises:
        UserError: The data cannot be found, read or used.
    """
    findings = [] if findings is None else findings
    spec = resolved.data.source if data is None else data
    whole = resolved.data.whole
    opened = open_data(spec, plugins.data, resolved.source_options(), whole=whole)
    columns, chosen = find_columns(
        opened.splits["train"], resolved.task.columns, resolved.data.columns or {}
    )
    task = resolved.task(**resolved.options("task"))
    usable, unlabelled = usable_splits(opened.splits, columns, columns.get(task.target or ""))
    findings += unlabelled
    clean, surveys = _look_at(usable, columns, task, resolved.data.faulty, findings)
    splits, split = _split(clean, columns, task, resolved)
    if not task.ordered(columns):
        shown = next((name for role, name in columns.items() if role != task.target), "")
        findings += find_copies(splits, surveys, shown or next(iter(columns.values())))
        if resolved.config.smoke:  # a series is cut first, see `encode`
            splits = take(splits, SMOKE_ROWS)
    notices = [*opened.notices, *chosen, *split]
    return Opened(splits, columns, notices, opened.source, findings)


def _look_at(
    splits: Mapping[str, Split],
    columns: Mapping[str, str],
    task: Task,
    faulty: Faulty,
    findings: list[Finding],
) -> tuple[dict[str, Split], dict[Split, Survey]]:
    """The splits without rows that shall be dropped, and what was seen in each; adds findings."""
    surveys: dict[Split, Survey] = {}
    for split in splits.values():
        seen = survey(split, columns, task.columns, task.target, faulty)
        surveys[split] = seen
        findings += [*seen.findings, *task.check(split, columns)]
    refuse(findings)
    return {
        name: split.select(np.flatnonzero(~surveys[split].faulty))
        if surveys[split].faulty.any()
        else split
        for name, split in splits.items()
    }, surveys


def _split(
    usable: Mapping[str, Split], columns: Mapping[str, str], task: Task, resolved: Resolved
) -> tuple[dict[str, Split], list[str]]:
    """All three splits, and notices about those that were made of the training split."""
    said: list[str] = []
    if task.cut_within is not None and set(columns) == {task.cut_within}:
        shares = (resolved.data.validation_fraction, resolved.data.test_fraction)
        usable, said = cut_text(usable, columns[task.cut_within], *shares)
    splits, split = complete(
        usable,
        stratify=columns[task.stratify] if task.stratify else None,
        fraction=resolved.data.validation_fraction,
        test_fraction=resolved.data.test_fraction,
        seed=resolved.config.seed,
        ordered=task.ordered(columns),
    )
    return splits, [*said, *split]


def prepare(resolved: Resolved, plugins: Plugins, data: object | None = None) -> Encoded:
    """Open, look at, split, fit and encode; or take it from the cache; and cut.

    Raises:
        UserError: The data cannot be used.
    """

    def make() -> Encoded:
        return learn(resolved, open_splits(resolved, plugins, data))

    found = make() if data is not None else cached(resolved, plugins, make)
    return replace(found, examples=cut(found.fitted, found.examples, smoke=resolved.config.smoke))


def learn(resolved: Resolved, opened: Opened) -> Encoded:
    """Fit the task to the training split, encode all splits and look at what came out.

    Raises:
        UserError: The data cannot be used.
    """
    splits, columns, notices, source, findings = opened
    task: Task = resolved.task(**resolved.options("task"))
    tokenizer: Tokenizer | None = (
        resolved.tokenizer(**resolved.options("tokenizer")) if resolved.tokenizer else None
    )
    with data_workers(resolved.data.workers):
        fitted = task.fit(splits["train"], columns, tokenizer)
        examples = _encode_each(fitted, splits, columns)
    if not resolved.config.smoke:
        column, ordered = columns.get(task.target or ""), task.ordered(columns)
        whole = cut(fitted, examples)
        findings += find_encoded(splits, whole, fitted.presenter.labels, column, ordered=ordered)
    for name, split in splits.items():
        findings += fitted.check(split, columns, examples[name])
    refuse(findings)
    return Encoded(fitted, columns, examples, notices, source, findings)


def reopen(
    resolved: Resolved,
    plugins: Plugins,
    fitted: Fitted,
    columns: Mapping[str, str],
    data: object | None = None,
) -> dict[str, Examples]:
    """The splits again, encoded by what an earlier run was fitted on."""
    smoke = resolved.config.smoke
    found = taken(resolved, plugins) if data is None else None
    if found is not None and found.columns == columns and same_fitted(found.fitted, fitted):
        return cut(fitted, found.examples, smoke=smoke)
    splits = open_splits(resolved, plugins, data).splits
    with data_workers(resolved.data.workers):
        return encode(fitted, splits, columns, smoke=smoke)


def first_rows(
    resolved: Resolved, plugins: Plugins, data: object | None = None
) -> list[dict[str, Any]]:
    """The validation rows that are shown while training, as they stand in the data."""
    count = resolved.evaluate.show
    if count == 0:
        return []
    splits, *_ = open_splits(resolved, plugins, data)
    split = splits["validation"]
    return [split[row] for row in range(min(count, len(split)))]


def row_numbers(
    resolved: Resolved, plugins: Plugins, rows: NDArray[np.int64], data: object | None = None
) -> tuple[str, list[int]]:
    """Where rows of the training split were read, and what number each has there, from 1 on.

    Raises:
        UserError: The data cannot be opened any more.
    """
    split = open_splits(resolved, plugins, data).splits["train"]
    return split.origin, [split.number(int(row)) for row in rows]


def encode(
    fitted: Fitted, splits: Mapping[str, Split], columns: Mapping[str, str], *, smoke: bool = False
) -> dict[str, Examples]:
    """Each part as what a model reads, in training or in evaluation; a few of it for a trial."""
    return cut(fitted, _encode_each(fitted, splits, columns), smoke=smoke)


def _encode_each(
    fitted: Fitted, splits: Mapping[str, Split], columns: Mapping[str, str]
) -> dict[str, Examples]:
    """Each part; one with the rows of another shares its arrays."""
    found: dict[str, Examples] = {}
    for name, split in splits.items():
        same = next((found[other] for other in found if splits[other].is_same(split)), None)
        found[name] = fitted.encode(split, columns) if same is None else same
    return found


def cut(
    fitted: Fitted, encoded: Mapping[str, Examples], *, smoke: bool = False
) -> dict[str, Examples]:
    """Encoded parts as what a model reads, in training or in evaluation; a few for a trial."""
    examples = {n: fitted.cut(split, training=n == "train") for n, split in encoded.items()}
    if not smoke:
        return examples
    return {
        name: split.select(np.arange(min(len(split), SMOKE_ROWS)))
        for name, split in examples.items()
    }


def sizes(examples: Mapping[str, Examples]) -> dict[str, Any]:
    """Examples and steps of each split."""
    return {
        name: {"examples": split.count, "steps": int(split.lengths.sum())}
        for name, split in examples.items()
    }
