"""Arithmetic sequences and the numbers that follow them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Annotated

from seqlab import DataSource, Range, Split

_FIRST_NUMBERS, _STEPS = range(50), range(1, 10)
_MIN_LENGTH, _MAX_LENGTH = 3, 8


class Counting(DataSource):
    """Counting up in equal steps: [4, 7, 10, 13] and the next number, 16.

    Args:
        rows: Number of sequences over all splits.
        seed: The same seed gives the same sequences on every machine.
    """

    def __init__(self, rows: Annotated[int, Range(50, 2500)] = 2000, seed: int = 0) -> None:
        self.rows = rows
        self.seed = seed

    def fingerprint(self) -> str:
        """The options alone determine the rows."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """Generate 80 % train, 10 % validation, 10 % test.

        Sequences with the same first number and step are all in the same split.
        """
        rng = random.Random(self.seed)
        pairs = [(first, step) for first in _FIRST_NUMBERS for step in _STEPS]
        rng.shuffle(pairs)
        tenth = len(pairs) // 10
        bounds = {"train": (2 * tenth, len(pairs)), "validation": (0, tenth)}
        bounds["test"] = (tenth, 2 * tenth)
        sizes = dict.fromkeys(("validation", "test"), self.rows // 10)
        sizes["train"] = self.rows - sum(sizes.values())
        splits: dict[str, Split] = {}
        for name, (start, end) in bounds.items():
            candidates = [
                _row(first, step, length)
                for first, step in pairs[start:end]
                for length in range(_MIN_LENGTH, _MAX_LENGTH + 1)
            ]
            splits[name] = Split.from_rows(name, rng.sample(candidates, sizes[name]), "counting")
        return splits


class CountLast(DataSource):
    """[1, 2, 3] → 4 and [2, 3, 4] → 5: two rows, the same in every split."""

    def fingerprint(self) -> str:
        """The rows never change."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """Create three splits of the same two rows."""
        rows = [{"sequence": [1, 2, 3], "target": 4}, {"sequence": [2, 3, 4], "target": 5}]
        return _identical_splits(rows, "count-last")


class CountSteps(DataSource):
    """[1, 2, 3] → [4, 5, 6] and [2, 3, 4] → [5, 6, 7]: a target for each step."""

    def fingerprint(self) -> str:
        """The rows never change."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """Create three splits of the same two rows."""
        rows = [
            {"sequence": [1, 2, 3], "target": [4, 5, 6]},
            {"sequence": [2, 3, 4], "target": [5, 6, 7]},
        ]
        return _identical_splits(rows, "count-steps")


def _row(first: int, step: int, length: int) -> dict[str, object]:
    sequence = [first + step * index for index in range(length)]
    return {"sequence": sequence, "target": first + step * length}


def _identical_splits(rows: Sequence[Mapping[str, object]], origin: str) -> dict[str, Split]:
    return {name: Split.from_rows(name, rows, origin) for name in ("train", "validation", "test")}
