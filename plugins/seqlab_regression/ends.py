"""Sequences of tokens that have to be read in both directions."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Annotated, Literal

from seqlab import DataSource, Range, Split

_TOKENS = 100
_MIN_LENGTH, _MAX_LENGTH = 5, 15


class BothEnds(DataSource):
    """Random tokens 0 … 99; the target is the sum of the first token and the last one.

    A bidirectional model solves it well only if the output of each direction is read where that
    direction has seen the whole sequence: the forward direction at the last step, the backward
    direction at the first one.

    Args:
        per: "sequence" gives one target per sequence, the sum of its first and last tokens;
            "step" one target per step, the sum of its two neighbours (0 outside the sequence).
        rows: Number of sequences over all splits.
        seed: The same seed gives the same sequences on every machine.
    """

    def __init__(
        self,
        per: Literal["sequence", "step"] = "sequence",
        rows: Annotated[int, Range(50)] = 2500,
        seed: int = 0,
    ) -> None:
        self.per, self.rows, self.seed = per, rows, seed

    def load(self) -> Mapping[str, Split]:
        """Generate 80 % train, 10 % validation, 10 % test."""
        rng = random.Random(self.seed)
        rows = [self._row(rng) for _ in range(self.rows)]
        tenth = self.rows // 10
        splits = {
            "train": rows[2 * tenth :],
            "validation": rows[:tenth],
            "test": rows[tenth : 2 * tenth],
        }
        return {
            name: Split.from_rows(name, split_rows, "both-ends")
            for name, split_rows in splits.items()
        }

    def _row(self, rng: random.Random) -> dict[str, object]:
        sequence = [rng.randrange(_TOKENS) for _ in range(rng.randint(_MIN_LENGTH, _MAX_LENGTH))]
        if self.per == "sequence":
            return {"sequence": sequence, "target": sequence[0] + sequence[-1]}
        padded = [0, *sequence, 0]
        sums = [before + after for before, after in zip(padded, padded[2:], strict=False)]
        return {"sequence": sequence, "target": sums}
