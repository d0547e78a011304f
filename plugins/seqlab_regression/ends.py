"""Sequences of symbols of which both directions must be read."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from seqlab import DataSource, Range, Split

SYMBOLS = 100
_SHORTEST, _LONGEST = 5, 15


class BothEnds(DataSource):
    """Random symbols 0 … 99, whose value lies at both ends: the first one plus the last.

    A direction that has read the whole sequence has just read the end that is far for the other:
    it shows whether a model reads each direction where it has seen everything.

    Args:
        per: "sequence" gives each sequence the sum of its first and its last symbol; "step" gives
            each step the sum of its two neighbours, 0 where there is none.
        rows: How many sequences, over all splits.
        seed: The same seed draws the same sequences on every machine.
    """

    def __init__(
        self,
        per: Literal["sequence", "step"] = "sequence",
        rows: Annotated[int, Range(50)] = 2500,
        seed: int = 0,
    ) -> None:
        self.per, self.rows, self.seed = per, rows, seed

    def load(self) -> Mapping[str, Split]:
        """80 % train, 10 % validation, 10 % test."""
        rng = random.Random(self.seed)
        rows = [self._row(rng) for _ in range(self.rows)]
        tenth = self.rows // 10
        cut = {"validation": rows[:tenth], "test": rows[tenth : 2 * tenth]}
        splits = {"train": rows[2 * tenth :], **cut}
        return {name: Split.from_rows(name, own, "both-ends") for name, own in splits.items()}

    def _row(self, rng: random.Random) -> dict[str, Any]:
        sequence = [rng.randrange(SYMBOLS) for _ in range(rng.randint(_SHORTEST, _LONGEST))]
        if self.per == "sequence":
            return {"sequence": sequence, "target": sequence[0] + sequence[-1]}
        around = [0, *sequence, 0]
        sums = [before + after for before, after in zip(around, around[2:], strict=False)]
        return {"sequence": sequence, "target": sums}
