"""Numbers that may stand for missing values, such as -200 or 9999."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seqlab.data.checking.findings import Finding
from seqlab.data.split import Split
from seqlab.types import Floats, Integers

_MIN_COUNT = 3
"""How often a value must occur to be a placeholder."""

_MIN_OTHERS = 10
"""How many different other values are needed to tell that it is far from them."""


def find_placeholders(split: Split, column: str) -> Iterator[Finding]:
    """Find a repeated integer that is farther from all other numbers than these are apart.

    Args:
        split: The rows.
        column: A column of numbers; other values are ignored.
    """
    rows, values = _numbers(split, column)
    if len(values) < _MIN_COUNT + _MIN_OTHERS:
        return
    for extreme in (values.min(), values.max()):
        is_extreme = values == extreme
        others = values[~is_extreme]
        if is_extreme.sum() < _MIN_COUNT or len(np.unique(others)) < _MIN_OTHERS or extreme % 1:
            continue
        low, high = others.min(), others.max()
        if min(abs(low - extreme), abs(high - extreme)) > high - low:
            yield Finding.of_rows(
                split,
                "placeholder",
                "kept",
                f"hold{{s}} {extreme:g}, far from all other values ({low:g} to {high:g}): it may "
                "stand for a missing value",
                rows[is_extreme],
                remedy=f"-o data.missing={extreme:g} if it does",
                column=column,
                value=f"{extreme:g}",
            )


def _numbers(split: Split, column: str) -> tuple[Integers, Floats]:
    """The rows that hold a finite number, and these numbers."""
    values = np.fromiter(
        (
            float(value) if isinstance(value, int | float) else np.nan
            for value in split.column(column)
        ),
        np.float64,
        len(split),
    )
    rows = np.flatnonzero(np.isfinite(values))
    return rows, values[rows]
