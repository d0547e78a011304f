"""Texts whose first symbol decides, with noise after it: how far back can a model remember?"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Annotated

from seqlab import DataSource, Range, Split

ANSWERS = "AB"
NOISE = "cdefgh"


class FirstToken(DataSource):
    """The label is the first symbol, A or B; noise of six other symbols follows it.

    In a text of distance + 1 symbols the answer lies so many steps before the last one. It is the
    latch problem of Bengio, Simard and Frasconi (1994), in symbols.

    Args:
        distance: Symbols of noise after the first one.
        rows: Texts altogether; 80 % are for training, 10 % for validation and 10 % for test, half
            of each with either label.
        seed: Other texts.
    """

    def __init__(
        self,
        distance: Annotated[int, Range(1)] = 50,
        rows: Annotated[int, Range(40)] = 2500,
        seed: int = 0,
    ) -> None:
        self.distance, self.rows, self.seed = distance, rows, seed

    def load(self) -> Mapping[str, Split]:
        """The splits."""
        draw = random.Random(self.seed)
        held_out = self.rows // 10
        counts = {
            "train": self.rows - 2 * held_out,
            "validation": held_out,
            "test": held_out,
        }
        return {
            name: Split.from_rows(name, list(self._texts(count, draw)), "first-token")
            for name, count in counts.items()
        }

    def _texts(self, count: int, draw: random.Random) -> Iterator[dict[str, str]]:
        answers = [ANSWERS[place % 2] for place in range(count)]
        draw.shuffle(answers)
        for answer in answers:
            noise = "".join(draw.choices(NOISE, k=self.distance))
            yield {"text": answer + noise, "label": answer}
