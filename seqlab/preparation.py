"""From a resolved configuration to everything that training needs: data, encoding, model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqlab.cache.entry import Encoded
from seqlab.cache.store import cached, same_fitted, taken
from seqlab.data.columns import find_columns
from seqlab.data.examples import Examples
from seqlab.data.part import Part
from seqlab.data.sources import open_data
from seqlab.data.split import complete, cut_text, take
from seqlab.data.usable import usable_parts
from seqlab.interfaces import Fitted, Task, Tokenizer
from seqlab.plugins import Plugins
from seqlab.resolve import Resolved

SMOKE_ROWS = 64


@dataclass(frozen=True)
class Prepared:
    """Data ready for a model.

    Args:
        fitted: What the training part taught.
        columns: Which column fills each role.
        examples: Each part, encoded.
        notices: What was decided, to be said.
        source: What the configuration records as the source.
    """

    fitted: Fitted
    columns: dict[str, str]
    examples: dict[str, Examples]
    notices: list[str]
    source: str


def open_parts(
    resolved: Resolved, plugins: Plugins, data: object | None = None
) -> tuple[dict[str, Part], dict[str, str], list[str], str]:
    """The parts, whole and with their columns found.

    Args:
        resolved: The configuration.
        plugins: Whose data sources count.
        data: Rows from Python, instead of the configured source.

    Returns:
        Parts, columns, notices, and the source as the configuration records it.
    """
    spec = resolved.data.source if data is None else data
    whole = resolved.data.whole
    opened = open_data(spec, plugins.data, resolved.source_options(), whole=whole)
    columns, chosen = find_columns(
        opened.parts["train"], resolved.task.columns, resolved.data.columns or {}
    )
    role = resolved.task.stratify
    label = columns[role] if role else None
    usable, unlabelled = usable_parts(opened.parts, columns, label)
    ordered = resolved.task(**resolved.options("task")).ordered(columns)
    within = resolved.task.cut_within
    if within is not None and set(columns) == {within}:
        shares = (resolved.data.split, resolved.data.test_split)
        usable, cut = cut_text(usable, columns[within], *shares)
        chosen += cut
    parts, split = complete(
        usable,
        stratify=label,
        fraction=resolved.data.split,
        test_fraction=resolved.data.test_split,
        seed=resolved.config.seed,
        ordered=ordered,
    )
    if resolved.config.smoke and not ordered:  # a series is cut first, see `encode`
        parts = take(parts, SMOKE_ROWS)
    return parts, columns, [*opened.notices, *chosen, *unlabelled, *split], opened.source


def prepare(resolved: Resolved, plugins: Plugins, data: object | None = None) -> Prepared:
    """Open, split, fit and encode; or take it from the cache; and cut."""

    def make() -> Encoded:
        return _encoded(resolved, plugins, data)

    found = make() if data is not None else cached(resolved, plugins, make)
    smoke = resolved.config.smoke
    examples = _cut(found.fitted, found.examples, smoke=smoke)
    return Prepared(found.fitted, found.columns, examples, found.notices, found.source)


def _encoded(resolved: Resolved, plugins: Plugins, data: object | None) -> Encoded:
    parts, columns, notices, source = open_parts(resolved, plugins, data)
    task: Task = resolved.task(**resolved.options("task"))
    tokenizer: Tokenizer | None = (
        resolved.tokenizer(**resolved.options("tokenizer")) if resolved.tokenizer else None
    )
    fitted = task.fit(parts["train"], columns, tokenizer)
    examples = {name: fitted.encode(part, columns) for name, part in parts.items()}
    notices += unseen_labels(examples)
    return Encoded(fitted, columns, examples, notices, source)


def reopen(
    resolved: Resolved,
    plugins: Plugins,
    fitted: Fitted,
    columns: Mapping[str, str],
    data: object | None = None,
) -> dict[str, Examples]:
    """The parts again, encoded by what an earlier run was fitted on."""
    smoke = resolved.config.smoke
    found = taken(resolved, plugins) if data is None else None
    if found is not None and found.columns == columns and same_fitted(found.fitted, fitted):
        return _cut(fitted, found.examples, smoke=smoke)
    parts, _, _, _ = open_parts(resolved, plugins, data)
    return encode(fitted, parts, columns, smoke=smoke)


def first_rows(
    resolved: Resolved, plugins: Plugins, data: object | None = None
) -> list[dict[str, Any]]:
    """The validation rows that are shown while training, as they stand in the data."""
    count = resolved.evaluate.show
    if count == 0:
        return []
    parts, *_ = open_parts(resolved, plugins, data)
    part = parts["validation"]
    return [part[row] for row in range(min(count, len(part)))]


def encode(
    fitted: Fitted, parts: Mapping[str, Part], columns: Mapping[str, str], *, smoke: bool = False
) -> dict[str, Examples]:
    """Each part as what a model reads, in training or in evaluation; a few of it for a trial."""
    examples = {name: fitted.encode(part, columns) for name, part in parts.items()}
    return _cut(fitted, examples, smoke=smoke)


def _cut(fitted: Fitted, encoded: Mapping[str, Examples], *, smoke: bool) -> dict[str, Examples]:
    examples = {n: fitted.cut(part, training=n == "train") for n, part in encoded.items()}
    if not smoke:
        return examples
    return {
        name: part.select(np.arange(min(len(part), SMOKE_ROWS))) for name, part in examples.items()
    }


def unseen_labels(examples: Mapping[str, Examples]) -> list[str]:
    """A notice for each part with labels that training never had."""
    from seqlab.spec import UNSEEN

    notices = []
    for name, part in examples.items():
        if np.issubdtype(part.targets.dtype, np.integer):
            count = int((part.targets == UNSEEN).sum())
            if count:
                notices.append(f"{name}: {count} labels that training never had count as wrong")
    return notices


def sizes(examples: Mapping[str, Examples]) -> dict[str, Any]:
    """Examples and steps of each part."""
    return {
        name: {"examples": len(part), "steps": int(part.lengths.sum())}
        for name, part in examples.items()
    }
