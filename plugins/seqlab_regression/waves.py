"""A time series that is predictable except for its noise."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Annotated

from seqlab import DataSource, Range, Split

_WAVES = ((31.0, 3.0), (12.0, 2.0), (7.3, 1.0))
"""Period in rows, and amplitude."""
_MEAN = 20.0


class Waves(DataSource):
    """A sum of three sine waves and Gaussian noise, one value per row.

    Args:
        rows: Length of the series.
        noise: Standard deviation of the noise; the waves have amplitudes 3, 2 and 1.
        seed: The same seed gives the same series on every machine.
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
        """The options alone determine the rows."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """Generate the series as one split, which is divided by position later."""
        rng = random.Random(self.seed)
        values = [self._value(row) + rng.gauss(0.0, self.noise) for row in range(self.rows)]
        return {"train": Split("train", {"value": values}, "waves")}

    def _value(self, row: int) -> float:
        waves = (amplitude * math.sin(2 * math.pi * row / period) for period, amplitude in _WAVES)
        return _MEAN + sum(waves)
