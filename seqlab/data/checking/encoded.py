"""What is odd about data once they are encoded: labels, sizes, lengths, rows that are left out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab.data.checking.findings import Finding, shown
from seqlab.data.encoding.examples import Examples
from seqlab.data.encoding.mapped import release
from seqlab.data.split import Split

FEW = 100
"""With fewer independent cases, the 95 % interval of a share of 80 % spans over 15 points."""

RARE = 20
"""Times that the most frequent class may be as frequent as the rarest."""

_AT_ONCE = 1 << 22
"""Targets that are looked at together."""

_READ = 1000
"""Targets that are looked up to say what they are."""

ODD_LENGTH = 1000
FAR = 20
"""An example with so many steps, and so many times the steps of the 95 % quantile, is odd."""


def find_encoded(
    splits: Mapping[str, Split],
    examples: Mapping[str, Examples],
    labels: Sequence[str],
    column: str | None,
    *,
    ordered: bool,
) -> Iterator[Finding]:
    """What examples say about their rows.

    Args:
        splits: The rows.
        examples: The same, encoded and cut.
        labels: Of the classes, in the order of their ids, where they have names.
        column: Where the targets are, if a column holds them.
        ordered: The rows are one series.
    """
    if labels:
        yield from _imbalance(splits["train"], examples["train"], labels, column or "")
    for name, own in examples.items():
        if name != "train":
            yield from _unseen(splits[name], own, column)
            yield from _few(splits[name], own)
        if not ordered:
            yield from _left_out(splits[name], own)
        yield from _long(splits[name], own)


def _imbalance(
    train: Split, examples: Examples, labels: Sequence[str], column: str
) -> Iterator[Finding]:
    """Classes of which one is far more frequent than another."""
    counts = np.zeros(len(labels), np.int64)
    for _, some in _targets(examples):
        counts += np.bincount(some[~examples.unseen(some)], minlength=len(labels))
    most, least = int(counts.argmax()), int(counts.argmin())
    if counts[most] > RARE * counts[least]:
        share = 100 * counts[most] / counts.sum()
        yield Finding(
            "imbalance",
            "kept",
            f"{share:.0f} % of the training targets are {labels[most]!r}, "
            f"{counts[least]:,} of {counts.sum():,} {labels[least]!r}",
            f"{train.origin}, train" + (f", column '{column}'" if column else ""),
            "hold a share of right answers against the baseline's, and look at metrics that count "
            "all classes alike",
            "train",
        )


def _unseen(split: Split, examples: Examples, column: str | None) -> Iterator[Finding]:
    """Labels that training never had; a part with no other ones is refused."""
    if not np.issubdtype(examples.targets.dtype, np.integer):
        return
    wrong = _places(examples)
    if not len(wrong):
        return
    rows, steps = _where(examples, wrong)
    some = zip(rows[:_READ], steps[:_READ], strict=True)
    values = Counter(_value(split, column, int(row), int(step)) for row, step in some)
    several = len(values) > 1 and column is not None
    named = ", ".join(value for value, _ in values.most_common(5)) if several else ""
    none_left = len(wrong) == len(examples.targets)
    distinct = np.unique(rows)
    yield Finding.of_rows(
        split,
        "no label shared" if none_left else "unseen label",
        "refused" if none_left else "counted wrong",
        f"hold{{s}} {len(wrong):,} labels that training never had" + f" ({named})" * bool(named),
        distinct,
        remedy="write labels alike in all splits, or give training rows with these labels",
        column=column or "",
        value=_held(split, column, int(rows[0]), int(steps[0])),
    )


def _places(examples: Examples) -> NDArray[np.int64]:
    """Which targets are labels that training never had."""
    found = [start + np.flatnonzero(examples.unseen(some)) for start, some in _targets(examples)]
    return np.concatenate([np.empty(0, np.int64), *found])


def _targets(examples: Examples) -> Iterator[tuple[int, NDArray[Any]]]:
    """Some targets at a time, and where they begin: all may be more than memory holds."""
    for start in range(0, len(examples.targets), _AT_ONCE):
        some = examples.targets[start : start + _AT_ONCE]
        yield start, some
        release(some)


def _where(
    examples: Examples, places: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The row of each target and the step in it; −1 for a whole row's target."""
    if examples.per == "sequence":
        return examples.rows[places], np.full(len(places), -1)
    order = np.argsort(examples.starts, kind="stable")
    starts, owners = examples.starts[order], examples.rows[order]
    rows = owners[np.searchsorted(starts, places, "right") - 1]
    known, first = np.unique(owners, return_index=True)
    return rows, places - starts[first][np.searchsorted(known, rows)]


def _held(split: Split, column: str | None, row: int, step: int) -> Any:
    """The target as it was given, as far as it can be told."""
    value = split[row].get(column) if column else None
    return value[step] if isinstance(value, list | tuple) and 0 <= step < len(value) else value


def _value(split: Split, column: str | None, row: int, step: int) -> str:
    return shown(_held(split, column, row, step))


def _few(split: Split, examples: Examples) -> Iterator[Finding]:
    count = len(examples)
    if count >= FEW:
        return
    half = 196 * math.sqrt(0.8 * 0.2 / count)
    yield Finding(
        "few rows",
        "kept",
        f"the {split.name} split has {count} {examples.unit}{'s' * (count > 1)}: a share of 80 % "
        f"would have a 95 % interval of ± {half:.0f} points",
        f"{split.origin}, {split.name}",
        f"give {FEW} or more, or take no difference within the interval for one",
        split.name,
        count,
    )


def _left_out(split: Split, examples: Examples) -> Iterator[Finding]:
    gone = np.setdiff1d(np.arange(len(split)), examples.rows)
    if len(gone):
        yield Finding.of_rows(
            split,
            "nothing to predict",
            "dropped",
            "{are} left out: there is nothing in it to predict".replace(
                "it", "it" if len(gone) == 1 else "them"
            ),
            gone,
            remedy="leave them out yourself, or fill them in, if this is not meant",
            value=next(iter(split[int(gone[0])].values()), None),
        )


def _long(split: Split, examples: Examples) -> Iterator[Finding]:
    # whole texts that are read piece by piece are never side by side
    lengths = np.minimum(examples.lengths, examples.chunk_length or np.inf).astype(np.int64)
    longest, usual = int(lengths.max()), int(np.quantile(lengths, 0.95, method="lower"))
    if longest < max(ODD_LENGTH, math.ceil(FAR * usual)):
        return
    rows = np.unique(examples.rows[lengths >= max(ODD_LENGTH, FAR * usual)])
    yield Finding.of_rows(
        split,
        "over-long",
        "kept",
        f"{{are}} far longer than the others: up to {longest:,} steps, 95 % have no more than "
        f"{usual:,}",
        rows,
        remedy="cut or split them: such a one takes time and memory for its whole batch",
    )
