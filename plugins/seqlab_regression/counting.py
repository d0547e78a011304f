"""Sequences that count up, and what comes next."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Annotated, Any

from seqlab import DataSource, Range, Split

_STARTS, _STEPS = range(50), range(1, 10)
_SHORTEST, _LONGEST = 3, 8


class Counting(DataSource):
    """Counting up in equal steps: [4, 7, 10, 13] and the next number, 16.

    Args:
        rows: How many sequences, over all splits.
        seed: The same seed writes the same sequences on every machine.
    """

    def __init__(self, rows: Annotated[int, Range(50, 2500)] = 2000, seed: int = 0) -> None:
        self.rows = rows
        self.seed = seed

    def fingerprint(self) -> str:
        """The options say it all."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """80 % train, 10 % validation, 10 % test; no start and step is in two splits."""
        rng = random.Random(self.seed)
        pairs = [(start, step) for start in _STARTS for step in _STEPS]
        rng.shuffle(pairs)
        tenth = len(pairs) // 10
        bounds = {"train": (2 * tenth, len(pairs)), "validation": (0, tenth)}
        bounds["test"] = (tenth, 2 * tenth)
        sizes = dict.fromkeys(("validation", "test"), self.rows // 10)
        sizes["train"] = self.rows - sum(sizes.values())
        splits: dict[str, Split] = {}
        for name, (first, end) in bounds.items():
            every = [
                _row(start, step, length)
                for start, step in pairs[first:end]
                for length in range(_SHORTEST, _LONGEST + 1)
            ]
            splits[name] = Split.from_rows(name, rng.sample(every, sizes[name]), "counting")
        return splits


class CountLast(DataSource):
    """[1, 2, 3] → 4 and [2, 3, 4] → 5: two rows, the same in every split."""

    def fingerprint(self) -> str:
        """The options say it all."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """Train, validation and test."""
        rows = [{"sequence": [1, 2, 3], "target": 4}, {"sequence": [2, 3, 4], "target": 5}]
        return _everywhere(rows, "count-last")


class CountSteps(DataSource):
    """[1, 2, 3] → [4, 5, 6] and [2, 3, 4] → [5, 6, 7]: a number after each step."""

    def fingerprint(self) -> str:
        """The options say it all."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """Train, validation and test."""
        rows = [
            {"sequence": [1, 2, 3], "target": [4, 5, 6]},
            {"sequence": [2, 3, 4], "target": [5, 6, 7]},
        ]
        return _everywhere(rows, "count-steps")


def _row(start: int, step: int, length: int) -> dict[str, Any]:
    sequence = [start + step * place for place in range(length)]
    return {"sequence": sequence, "target": start + step * length}


def _everywhere(rows: list[dict[str, Any]], origin: str) -> dict[str, Split]:
    return {name: Split.from_rows(name, rows, origin) for name in ("train", "validation", "test")}
