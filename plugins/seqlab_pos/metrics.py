"""Metrics of tagged sentences beside the share of right tags."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqlab import Accuracy, Metric, Outcome

Sums = NDArray[np.float64]

WORD = "word"
"""The mark that says which word of the training split stands at a step; −1 is none."""


class UnknownAccuracy(Metric):
    """The share of right tags among the words that training has not."""

    name = "unknown_accuracy"
    proportion = True

    def sums(self, outcome: Outcome) -> Sums:
        """Right ones and all, of unknown words."""
        unknown = outcome.metadata[WORD] < 0  # (B, T)
        right = unknown & (outcome.predictions == outcome.targets)
        return np.stack([outcome.by_example(right), outcome.by_example(unknown)], 1)

    def value(self, total: Sums) -> Sums:
        """Right ones of all; not a number where there is none."""
        return Accuracy().value(total)


class SentenceAccuracy(Metric):
    """The share of sentences whose tags are all right."""

    name = "sentence_accuracy"
    proportion = True

    def sums(self, outcome: Outcome) -> Sums:
        """1 for a right sentence, and 1."""
        wrong = outcome.by_example(outcome.predictions != outcome.targets)  # (B,)
        return np.stack([wrong == 0, np.ones_like(wrong)], 1).astype(np.float64)

    def value(self, total: Sums) -> Sums:
        """Right ones of all."""
        return Accuracy().value(total)
