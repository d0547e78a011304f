"""Fit a task to the training split, encode all splits, and cut them into examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from seqlab.data.checking.encoded import find_encoded
from seqlab.data.checking.findings import Finding, refuse
from seqlab.data.encoding.examples import Examples
from seqlab.data.encoding.workers import data_workers
from seqlab.data.split import Split
from seqlab.plugin.resolve import ResolvedData
from seqlab.prepare.splits import SMOKE_ROWS, OpenedSplits, SplitIndex
from seqlab.task import Fitted

SPLITS = ("train", "validation", "test")


class FittedColumns(NamedTuple):
    """What the training split taught.

    Args:
        fitted: The fitted task.
        columns: Which column fills each role.
    """

    fitted: Fitted
    columns: dict[str, str]


@dataclass(frozen=True)
class Encoded:
    """Data as a task encoded them, not cut into examples yet: what the cache keeps.

    Args:
        fitted: What the training split taught.
        columns: Which column fills each role.
        examples: Each split.
        source: What a configuration records as the source.
        notices: What was decided, for the user.
        findings: What is wrong or odd about the data.
        index: Which rows of the source each split has; None where they are not such rows.
        splits: The rows themselves; None where they come from the cache.
    """

    fitted: Fitted
    columns: dict[str, str]
    examples: dict[str, Examples]
    source: str
    notices: list[str]
    findings: list[Finding]
    index: dict[str, SplitIndex] | None
    splits: dict[str, Split] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, opened: OpenedSplits, fitted: Fitted, examples: dict[str, Examples]) -> Encoded:
        """Splits with what they were encoded to."""
        return cls(
            fitted,
            opened.columns,
            examples,
            opened.source,
            opened.notices,
            opened.findings,
            opened.index,
            opened.splits,
        )


def learn(resolved: ResolvedData, opened: OpenedSplits) -> Encoded:
    """Fit the task to the training split, encode all splits and check what came out.

    Raises:
        UserError: The data cannot be used.
    """
    splits, columns, findings = opened.splits, opened.columns, opened.findings
    task = resolved.task.build()
    tokenizer = resolved.tokenizer.build() if resolved.tokenizer else None
    with data_workers(resolved.data.workers):
        fitted = task.fit(splits["train"], columns, tokenizer)
        examples = _encode(fitted, splits, columns)
    if not resolved.smoke:
        column, ordered = columns.get(task.target or ""), task.ordered(columns)
        whole = cut(fitted, examples)
        labels = fitted.presenter.labels
        findings += find_encoded(splits, whole, labels, column, ordered=ordered)
    for name, split in splits.items():
        findings += fitted.check(split, columns, examples[name])
    refuse(findings)
    return Encoded.of(opened, fitted, examples)


def encode_again(
    resolved: ResolvedData, opened: OpenedSplits, saved: FittedColumns, names: Sequence[str]
) -> Encoded:
    """Splits encoded by what an earlier run was fitted on.

    Args:
        resolved: Says how many processes encode.
        opened: The splits.
        saved: What the run was fitted on.
        names: Which splits are needed.

    Raises:
        UserError: There is no such split.
    """
    needed = {name: opened.splits[name] for name in names}
    with data_workers(resolved.data.workers):
        examples = _encode(saved.fitted, needed, saved.columns)
    return Encoded.of(opened, saved.fitted, examples)


def cut(
    fitted: Fitted, encoded: Mapping[str, Examples], *, smoke: bool = False
) -> dict[str, Examples]:
    """Encoded splits as what a model reads, in training or in evaluation; few in a smoke run."""
    examples = {n: fitted.cut(split, training=n == "train") for n, split in encoded.items()}
    if not smoke:
        return examples
    return {
        name: split.select(np.arange(min(len(split), SMOKE_ROWS)))
        for name, split in examples.items()
    }


def _encode(
    fitted: Fitted, splits: Mapping[str, Split], columns: Mapping[str, str]
) -> dict[str, Examples]:
    """Each split; one with the rows of another shares its arrays."""
    examples: dict[str, Examples] = {}
    for name, split in splits.items():
        same = next((examples[other] for other in examples if splits[other].is_same(split)), None)
        examples[name] = fitted.encode(split, columns) if same is None else same
    return examples
