"""The options of section `evaluate`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from seqlab.options import Range


@dataclass(frozen=True)
class EvaluateSettings:
    """How a model is evaluated.

    Args:
        batch_size: Number of examples per batch. It does not change the results.
        state: The state with which the model reads each chunk of a text: the initial state
            (`empty`), or the state after the previous chunk (`carried`), from the beginning of the
            text to its end.
        train_rows: Number of training rows, sampled with the seed, that are evaluated at the end.
        show: Number of validation rows whose predictions are shown before training and after each
            epoch.
        resamples: Number of bootstrap resamples for each confidence interval.
    """

    batch_size: Annotated[int, Range(1)] = 256
    state: Literal["empty", "carried"] = "empty"
    train_rows: Annotated[int, Range(0)] = 1000
    show: Annotated[int, Range(0)] = 0
    resamples: Annotated[int, Range(100)] = 1000
