"""Texts whose label is the first token, followed by noise: a test of long memory."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Annotated

from seqlab import DataSource, Range, Split

LABELS = "AB"
NOISE = "cdefgh"


class FirstToken(DataSource):
    """The label of a text is its first token, A or B; the other tokens are noise.

    The information is `distance` steps before the last step. This is the latch problem of Bengio,
    Simard and Frasconi (1994) with tokens.

    Args:
        distance: Number of noise tokens after the first token.
        rows: Number of texts over all splits: 80 % train, 10 % validation, 10 % test, with both
            labels equally frequent in each.
        seed: The same seed gives the same texts on every machine.
    """

    def __init__(
        self,
        distance: Annotated[int, Range(1)] = 50,
        rows: Annotated[int, Range(40)] = 2500,
        seed: int = 0,
    ) -> None:
        self.distance, self.rows, self.seed = distance, rows, seed

    def load(self) -> Mapping[str, Split]:
        """Generate the three splits."""
        rng = random.Random(self.seed)
        held_out = self.rows // 10
        counts = {
            "train": self.rows - 2 * held_out,
            "validation": held_out,
            "test": held_out,
        }
        return {
            name: Split.from_rows(name, list(self._rows(count, rng)), "first-token")
            for name, count in counts.items()
        }

    def _rows(self, count: int, rng: random.Random) -> Iterator[dict[str, str]]:
        labels = [LABELS[index % 2] for index in range(count)]
        rng.shuffle(labels)
        for label in labels:
            noise = "".join(rng.choices(NOISE, k=self.distance))
            yield {"text": label + noise, "label": label}
