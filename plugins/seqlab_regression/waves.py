"""A series that can be foretold, but for its noise."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Annotated

from seqlab import DataSource, Range, Split

_WAVES = ((31.0, 3.0), (12.0, 2.0), (7.3, 1.0))
"""Period in rows, and height."""
_MEAN = 20.0


class Waves(DataSource):
    """A sum of three sines and normal noise, a value a row.

    Args:
        rows: How long the series is.
        noise: Deviation of the noise, beside waves of height 3, 2 and 1.
        seed: The same seed writes the same series on every machine.
    """

    def __init__(
        self,
        rows: Annotated[int, Range(100, 1_000_000)] = 2000,
        noise: Annotated[float, Range(0)] = 0.3,
        seed: int = 0,
    ) -> None:
        self.rows = rows
        self.noise = noise
        self.seed = seed

    def fingerprint(self) -> str:
        """The options say it all."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """One part, which is cut by position."""
        rng = random.Random(self.seed)
        values = [self._value(row) + rng.gauss(0.0, self.noise) for row in range(self.rows)]
        return {"train": Split("train", {"value": values}, "waves")}

    def _value(self, row: int) -> float:
        waves = (height * math.sin(2 * math.pi * row / period) for period, height in _WAVES)
        return _MEAN + sum(waves)
