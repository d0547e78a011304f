"""Rows and texts that a model was trained on, found in other data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from seqlab.data.checking.findings import Finding
from seqlab.data.checking.hashing import Hashes, RowHashes
from seqlab.data.checking.identity import KeptRows, count_rows
from seqlab.errors import listed_numbers
from seqlab.types import Booleans, Integers

Locate: TypeAlias = Callable[[Integers], tuple[str, list[int]]]

_MAX_ROWS = 5
"""How many row numbers a finding lists."""

_SERIES_ROWS = 16
"""Consecutive rows of a series by which it is recognised: one value occurs anywhere."""

_MAX_CHANCE = 0.01
"""Share of the pieces of a text that may occur in another one, such as quotations."""


def find_trained(
    name: str,
    hashes: RowHashes,
    kept: KeptRows | None,
    locate: Locate,
    *,
    ordered: bool,
    by: str = "the run",
) -> Iterator[Finding]:
    """Find rows that a model was trained on, by their inputs.

    Args:
        name: The split on which it is evaluated.
        hashes: The hashes of its rows.
        kept: The rows of the run that trained it; None if the run does not keep them.
        locate: Returns where rows come from, and their numbers there.
        ordered: Whether the rows are a series, which is compared by many rows at a time.
        by: What trained the model, for the message.
    """
    if kept is None:
        yield _not_comparable(name, locate, by)
        return
    if len(hashes) == 1 and len(kept.splits["train"].pieces):
        yield from _find_trained_text(name, hashes, kept, locate, by)
        return
    trained, selected = _trained_and_selected(hashes.inputs, kept, ordered=ordered)
    if not trained.any():
        return
    rows = np.flatnonzero(trained)
    location, numbers = locate(rows[:_MAX_ROWS])
    listed = listed_numbers(numbers, len(rows))
    epoch = f"; {selected.sum():,} selected its best epoch" if selected.any() else ""
    yield Finding(
        "trained on",
        "kept",
        f"{len(rows):,} of {count_rows(len(hashes))} {'was' if len(rows) == 1 else 'were'} trained "
        f"on by {by}: row{'s' * (len(rows) > 1)} {listed}{epoch}",
        location,
        f"leave them out: they bias the metrics of the {name} split",
        name,
        len(rows),
        tuple(numbers),
    )


def _not_comparable(name: str, locate: Locate, by: str) -> Finding:
    return Finding(
        "not comparable",
        "kept",
        f"it cannot be said whether {by} was trained on these rows: its folder does not keep which "
        "rows those were",
        locate(np.zeros(0, np.int64))[0],
        "train the run again with this version of seqlab",
        name,
    )


def _find_trained_text(
    name: str, hashes: RowHashes, kept: KeptRows, locate: Locate, by: str
) -> Iterator[Finding]:
    """Find out how much of a single text a model was trained on, by pieces of it."""
    shared = np.isin(hashes.pieces, kept.splits["train"].pieces)
    if shared.sum() > _MAX_CHANCE * len(shared):
        yield Finding(
            "trained on",
            "kept",
            f"about {100 * shared.mean():.0f} % of the text was trained on by {by}",
            locate(np.zeros(1, np.int64))[0],
            f"leave these passages out: they bias the metrics of the {name} split",
            name,
            1,
        )


def _trained_and_selected(
    rows: Hashes, kept: KeptRows, *, ordered: bool
) -> tuple[Booleans, Booleans]:
    """(N,) masks of the rows that were trained on, and of those that selected the epoch."""
    if not ordered:
        trained = np.isin(rows, kept.trained)
        return trained, np.isin(rows, kept.splits["validation"].inputs) & ~trained
    positions = _positions(rows, np.concatenate([s.inputs for s in kept.splits.values()]))
    edges = np.cumsum([len(split) for split in kept.splits.values()])
    trained = (positions >= 0) & (positions < edges[0])
    return trained, (positions >= edges[0]) & (positions < edges[1])


def _positions(rows: Hashes, known: Hashes) -> Integers:
    """(N,) the position of each row in a known series; -1 where its surroundings are others."""
    size = min(_SERIES_ROWS, len(rows))
    positions = np.full(len(rows), -1, np.int64)
    if not 0 < size <= len(known):
        return positions
    windows, first = np.unique(_windows(known, size), return_index=True)
    wanted = _windows(rows, size)
    nearest = np.minimum(np.searchsorted(windows, wanted), len(windows) - 1)
    starts = np.flatnonzero(windows[nearest] == wanted)
    for offset in range(size):
        positions[starts + offset] = first[nearest[starts]] + offset
    return positions


def _windows(hashes: Hashes, size: int) -> Hashes:
    """(N - size + 1,) one hash of each `size` consecutive rows."""
    combined = np.zeros(len(hashes) - size + 1, np.uint64)
    for offset in range(size):
        combined = combined * np.uint64(0x9E37_79B9_7F4A_7C15)
        combined += hashes[offset : offset + len(combined)]
    return combined
