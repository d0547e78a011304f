"""The options of section `evaluate`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from seqlab.options import Range


@dataclass(frozen=True)
class EvaluateSettings:
    """How a model is evaluated.

    Args:
        batch_size: Examples side by side; results do not depend on it.
        state: Chunks of a text are each read from an empty state, or with the state carried from
            piece to piece, from the text's start to its end.
        train_rows: How many training rows, drawn with the seed, are evaluated at the end.
        show: How many validation rows are predicted and shown before the first and after each
            epoch.
        resamples: Bootstrap resamples behind an interval.
    """

    batch_size: Annotated[int, Range(1)] = 256
    state: Literal["empty", "carried"] = "empty"
    train_rows: Annotated[int, Range(0)] = 1000
    show: Annotated[int, Range(0)] = 0
    resamples: Annotated[int, Range(100)] = 1000
