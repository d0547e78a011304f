"""The last rows of each series as a split, and groups of rows that stay in one split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seqlab.data.decisions import Decision
from seqlab.data.split import SERIES_LENGTH, Split
from seqlab.types import Integers, Row


def split_in_order(
    splits: Mapping[str, Split],
    missing: Sequence[str],
    fractions: Sequence[float],
    *,
    smallest: int,
    time: Sequence[str] = (),
) -> tuple[dict[str, Split], list[Decision]]:
    """Take the last rows of each series of the training split for the missing splits.

    Each new split is linked to the one before it.

    Args:
        splits: The existing splits, with "train" among them.
        missing: The missing splits, in the order of time.
        fractions: The size of each as a fraction of the training rows.
        smallest: Rows that a series must have to give some to the missing splits.
        time: The columns of time, whose values are named.
    """
    train = splits["train"]
    series = train.positions // SERIES_LENGTH
    starts = np.flatnonzero(np.diff(series, prepend=-1))
    parts: list[list[Integers]] = [[] for _ in range(len(missing) + 1)]
    for rows in np.split(np.arange(len(train)), starts[1:]):
        sizes = [max(1, round(fraction * len(rows))) for fraction in fractions]
        if len(rows) < smallest and len(starts) > 1:
            sizes = [0] * len(sizes)
        edges = len(rows) - np.cumsum([0, *sizes[::-1]])[::-1]
        for part, chunk in zip(parts, np.split(rows, edges[:-1]), strict=True):
            part.append(chunk)
    chosen = [np.concatenate(part) for part in parts]
    result, decisions = dict(splits), list[Decision]()
    result["train"] = before = train.select(chosen[0], "train")
    for name, rows in zip(missing, chosen[1:], strict=True):
        result[name] = before = train.select(rows, name, before)
        choice = _described(train, rows, len(starts), time)
        decisions.append(Decision(name, choice, size_option(name)))
    return result, [*decisions, Decision("train", f"the {len(chosen[0])} rows before")]


def size_option(split: str) -> str:
    """The option that sets the size of a split."""
    return f"data.{split}_fraction"


def _described(train: Split, rows: Integers, series: int, time: Sequence[str]) -> str:
    if series > 1:
        return f"the last rows of each of {series:,} series, {len(rows):,} rows"
    text = f"rows {rows[0] + 1} to {rows[-1] + 1} of {len(train)}, in order"
    if not time:
        return text
    first, last = (_time_of(train[int(row)], time) for row in (rows[0], rows[-1]))
    return f"{text} of '{' and '.join(time)}' ({first} to {last})"


def _time_of(row: Row, time: Sequence[str]) -> str:
    return " ".join(str(row[name]) for name in time)


def draw_groups(
    groups: Integers, fractions: Sequence[float], generator: np.random.Generator
) -> list[Integers]:
    """Draw whole groups at random until each selection has its fraction of the rows.

    Args:
        groups: (N,) the group of each row.
        fractions: The size of each selection as a fraction of the rows.
        generator: Draws the groups.

    Returns:
        The rows of each selection, ascending; empty where the groups are too few.
    """
    numbers, counts = np.unique(groups, return_counts=True)
    order = generator.permutation(len(numbers))
    selections: list[Integers] = []
    at = 0
    for fraction in fractions:
        drawn: list[int] = []
        size = 0
        while size < fraction * len(groups) and at < len(order) - 1:  # one group is left
            step = int(counts[order[at]])
            if drawn and size + step - fraction * len(groups) > fraction * len(groups) - size:
                break
            drawn.append(int(numbers[order[at]]))
            size += step
            at += 1
        selections.append(np.flatnonzero(np.isin(groups, drawn)))
    return selections
