"""Findings about encoded data: labels, sizes, lengths and rows that are left out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from seqlab.data.checking.findings import Finding
from seqlab.data.encoding.examples import Examples
from seqlab.data.encoding.mapped import release
from seqlab.data.split import Split
from seqlab.errors import listed, shorten
from seqlab.spec import NO_TARGET
from seqlab.types import Array, Integers

MIN_COUNT = 100
"""With fewer independent observations, the 95 % interval of an accuracy of 80 % is wider than 15
points."""

MAX_IMBALANCE = 20
"""How many times as frequent as the rarest class the most frequent one may be."""

LONG = 1000
MAX_LENGTH_RATIO = 20
"""An example is over-long with `LONG` steps or more, if these are also this many times the 95 %
quantile."""

_BLOCK = 1 << 22
"""Targets that are in memory at a time."""

_MAX_NAMED = 1000
"""Unseen targets whose values are looked up."""


def find_encoded(
    splits: Mapping[str, Split],
    examples: Mapping[str, Examples],
    labels: Sequence[str],
    column: str | None,
    *,
    ordered: bool,
) -> Iterator[Finding]:
    """Check encoded examples, and report the rows that they come from.

    Args:
        splits: The rows.
        examples: The same splits, encoded and cut.
        labels: The names of the classes, in the order of their ids, if they have names.
        column: The column with the targets, if there is one.
        ordered: Whether the rows are one series.
    """
    if labels:
        yield from _imbalance(splits["train"], examples["train"], labels, column)
    for name, split_examples in examples.items():
        if name != "train":
            yield from _few(splits[name], split_examples)
        yield from find_not_evaluated(
            splits[name], split_examples, column, ordered=ordered, labels=labels
        )
        yield from _over_long(splits[name], split_examples)


def find_not_evaluated(
    split: Split,
    examples: Examples,
    column: str | None,
    *,
    ordered: bool,
    labels: Sequence[str] = (),
) -> Iterator[Finding]:
    """Check for labels that cannot be predicted, and for rows that are left out.

    Args:
        split: The rows.
        examples: The rows, encoded and cut.
        column: The column with the targets, if there is one.
        ordered: Whether the rows are one series.
        labels: The names of the classes, if they have names.
    """
    yield from _unseen(split, examples, column, labels)
    if not ordered:
        yield from _left_out(split, examples)


def _imbalance(
    train: Split, examples: Examples, labels: Sequence[str], column: str | None
) -> Iterator[Finding]:
    """A class that is far more frequent than another."""
    counts = np.zeros(len(labels), np.int64)
    for _, targets in _target_blocks(examples):
        known = targets[~examples.unseen(targets) & (targets != NO_TARGET)]
        counts += np.bincount(known, minlength=len(labels))
    most, least = int(counts.argmax()), int(counts.argmin())
    if counts[most] > MAX_IMBALANCE * counts[least]:
        percent = 100 * counts[most] / counts.sum()
        yield Finding(
            "imbalance",
            "kept",
            f"{percent:.0f} % of the training targets are {labels[most]!r}, "
            f"{counts[least]:,} of {counts.sum():,} {labels[least]!r}",
            train.location(column),
            "compare the accuracy with the baseline's, and look at metrics that weight all classes "
            "equally",
            "train",
        )


def _unseen(
    split: Split, examples: Examples, column: str | None, labels: Sequence[str]
) -> Iterator[Finding]:
    """Labels that the training split does not have; a split with no other labels is refused."""
    if not np.issubdtype(examples.targets.dtype, np.integer):
        return
    indices = _unseen_targets(examples)
    if not len(indices):
        return
    rows, steps = _rows_and_steps(examples, indices)
    first = zip(rows[:_MAX_NAMED].tolist(), steps[:_MAX_NAMED].tolist(), strict=True)
    values = Counter(_label(split, column, row, step) for row, step in first)
    is_listed = len(values) > 1 and column is not None
    shown = ", ".join(value for value, _ in values.most_common(5)) if is_listed else ""
    gaps = int((examples.targets == NO_TARGET).sum()) if examples.has_gaps else 0
    none_left = len(indices) == len(examples.targets) - gaps
    yield Finding.of_rows(
        split,
        "no label shared" if none_left else "unseen label",
        "refused" if none_left else "counted wrong",
        f"hold{{s}} {len(indices):,} labels that the training split does not have"
        + f" ({shown})" * is_listed
        + f"; it has {listed(map(repr, labels), 5)}" * (none_left and bool(labels)),
        np.unique(rows),
        remedy="spell labels alike in all splits, or add training rows with these labels",
        column=column or "",
        value=_target(split, column, int(rows[0]), int(steps[0])),
    )


def _unseen_targets(examples: Examples) -> Integers:
    """The indices of targets whose label the training split does not have."""
    blocks = [
        start + np.flatnonzero(examples.unseen(targets))
        for start, targets in _target_blocks(examples)
    ]
    return np.concatenate([np.empty(0, np.int64), *blocks])


def _target_blocks(examples: Examples) -> Iterator[tuple[int, Array]]:
    """Blocks of targets with the index of their first one: all may not fit into memory."""
    for start in range(0, len(examples.targets), _BLOCK):
        targets = examples.targets[start : start + _BLOCK]
        yield start, targets
        release(targets)


def _rows_and_steps(examples: Examples, indices: Integers) -> tuple[Integers, Integers]:
    """The row of each target and the step in the row; −1 for the target of a whole row."""
    if examples.per == "sequence":
        return examples.rows[indices], np.full(len(indices), -1)
    order = np.argsort(examples.starts, kind="stable")
    starts, example_rows = examples.starts[order], examples.rows[order]
    rows = example_rows[np.searchsorted(starts, indices, "right") - 1]
    # a row may have several examples: its first step is that of the first of them
    distinct, first = np.unique(example_rows, return_index=True)
    return rows, indices - starts[first][np.searchsorted(distinct, rows)]


def _target(split: Split, column: str | None, row: int, step: int) -> object:
    """The target as it is in the data; the target of the whole row if the step is not known."""
    value = split[row].get(column) if column else None
    return value[step] if isinstance(value, list | tuple) and 0 <= step < len(value) else value


def _label(split: Split, column: str | None, row: int, step: int) -> str:
    value = _target(split, column, row, step)
    return "" if value is None else shorten(value)


def _few(split: Split, examples: Examples) -> Iterator[Finding]:
    count = len(examples)
    if count >= MIN_COUNT:
        return
    half_width = 100 * _half_width(0.8, count)
    yield Finding(
        "few rows",
        "kept",
        f"the {split.name} split has {count} {examples.unit}{'s' * (count > 1)}: a share of 80 % "
        f"would have a 95 % interval of ± {half_width:.0f} points",
        split.location(),
        f"use {MIN_COUNT} or more, or do not rely on differences within the interval",
        split.name,
        count,
    )


def _half_width(proportion: float, count: int) -> float:
    """Half the width of Wilson's 95 % interval of a proportion."""
    square = 1.96**2 / count
    variance = proportion * (1 - proportion) / count + square / (4 * count)
    return 1.96 * math.sqrt(variance) / (1 + square)


def _left_out(split: Split, examples: Examples) -> Iterator[Finding]:
    rows = np.setdiff1d(np.arange(len(split)), examples.rows)
    if len(rows):
        yield Finding.of_rows(
            split,
            "nothing to predict",
            "dropped",
            "{are} left out, without anything to predict",
            rows,
            remedy="fill them in, unless they are meant to be left out",
            value=next(iter(split[int(rows[0])].values()), None),
        )


def _over_long(split: Split, examples: Examples) -> Iterator[Finding]:
    # whole texts that are read in chunks take no more memory in a batch than a chunk
    lengths = np.minimum(examples.lengths, examples.chunk_length or np.inf).astype(np.int64)
    longest, usual = int(lengths.max()), int(np.quantile(lengths, 0.95, method="lower"))
    if longest < max(LONG, math.ceil(MAX_LENGTH_RATIO * usual)):
        return
    rows = np.unique(examples.rows[lengths >= max(LONG, MAX_LENGTH_RATIO * usual)])
    yield Finding.of_rows(
        split,
        "over-long",
        "kept",
        f"{{are}} far longer than the others: up to {longest:,} steps, 95 % have no more than "
        f"{usual:,}",
        rows,
        remedy="cut or split them: each one takes time and memory for its whole batch",
    )
