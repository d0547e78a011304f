"""Fit a task to the training split, encode all splits, and cut them into examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from seqlab.data.checking.encoded import find_encoded
from seqlab.data.checking.findings import Finding, refuse
from seqlab.data.checking.hashing import RowHashes
from seqlab.data.checking.tokens import find_mixed_spellings, find_unknown, find_unspaced
from seqlab.data.columns.numerals import NumberFormat
from seqlab.data.columns.roles import formats_of
from seqlab.data.decisions import Decision
from seqlab.data.encoding.examples import Examples
from seqlab.data.encoding.workers import data_workers
from seqlab.data.split import Split
from seqlab.plugin.resolve import ResolvedData
from seqlab.prepare.splits import SMOKE_ROWS, OpenedSplits, SplitIndex
from seqlab.task import Fitted

SPLITS = ("train", "validation", "test")


class FittedColumns(NamedTuple):
    """A task fitted to the training split, and the columns that it reads.

    Args:
        fitted: The fitted task.
        columns: The column of each role.
        formats: How the numbers are written, as `formats_of` returns it.
    """

    fitted: Fitted
    columns: dict[str, str]
    formats: Mapping[str, NumberFormat] = {}


@dataclass(frozen=True)
class Encoded:
    """Encoded rows, before they are cut into examples. The cache stores them.

    Args:
        fitted: The fitted task.
        columns: The column of each role.
        formats: How the numbers are written, as `formats_of` returns it.
        examples: The encoded rows of each split.
        source: The source as recorded in a configuration.
        decisions: What was decided about the data.
        findings: Errors and unusual values in the data.
        index: The rows of the source in each split; None if a split has other rows.
        hashes: The hashes of the rows of each split.
        splits: The rows themselves; None if the data come from the cache.
    """

    fitted: Fitted
    columns: dict[str, str]
    formats: dict[str, NumberFormat]
    examples: dict[str, Examples]
    source: str
    decisions: list[Decision]
    findings: list[Finding]
    index: dict[str, SplitIndex] | None
    hashes: dict[str, RowHashes]
    splits: dict[str, Split] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, opened: OpenedSplits, fitted: Fitted, examples: dict[str, Examples]) -> Encoded:
        """Combine opened splits with their encoded rows."""
        return cls(
            fitted,
            opened.columns,
            formats_of(opened.splits["train"], opened.columns),
            examples,
            opened.source,
            opened.decisions,
            opened.findings,
            opened.index,
            opened.hashes,
            opened.splits,
        )


def learn(resolved: ResolvedData, opened: OpenedSplits) -> Encoded:
    """Fit the task to the training split, encode all splits and check the result.

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
        tokenizers = fitted.tokenizers
        findings += find_unknown(splits, examples, fitted.spec.inputs, tokenizers, columns)
        findings += find_mixed_spellings(splits, tokenizers, columns)
        if resolved.tokenizer:
            findings += find_unspaced(splits["train"], tokenizers, columns, resolved.tokenizer.name)
    for name, split in splits.items():
        findings += fitted.check(split, columns, examples[name])
    refuse(findings)
    return Encoded.of(opened, fitted, examples)


def encode_again(
    resolved: ResolvedData, opened: OpenedSplits, saved: FittedColumns, names: Sequence[str]
) -> Encoded:
    """Encode splits with the fitted task of an earlier run.

    Args:
        resolved: The configuration, which sets the number of processes.
        opened: The splits.
        saved: The fitted task of the run, and its columns.
        names: The splits to encode.

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
    """Cut encoded rows into what a model reads; a smoke run has only a few examples."""
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
    """Encode each split; splits with the same rows share their arrays."""
    examples: dict[str, Examples] = {}
    for name, split in splits.items():
        same = next((examples[other] for other in examples if splits[other].is_same(split)), None)
        examples[name] = fitted.encode(split, columns) if same is None else same
    return examples
