"""Metrics of tagged sentences besides the accuracy of all tags."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqlab import Accuracy, Metric, Outcome

Sums = NDArray[np.float64]

WORD = "word"
"""Name of the metadata: the id of each step's word in the lexicon, −1 for unknown words."""


class UnknownAccuracy(Metric):
    """The accuracy of the tags of words that are not in the training split."""

    name = "unknown_accuracy"
    proportion = True

    def sums(self, outcome: Outcome) -> Sums:
        """Number of correct tags and number of tags, of unknown words."""
        unknown = outcome.metadata[WORD] < 0  # (B, T)
        correct = unknown & (outcome.predictions == outcome.targets)
        return np.stack([outcome.by_example(correct), outcome.by_example(unknown)], 1)

    def value(self, total: Sums) -> Sums:
        """The share of correct tags; NaN if there is no unknown word."""
        return Accuracy().value(total)


class SentenceAccuracy(Metric):
    """The share of sentences whose tags are all correct."""

    name = "sentence_accuracy"
    proportion = True

    def sums(self, outcome: Outcome) -> Sums:
        """1 for a correct sentence, else 0; and 1 for each sentence."""
        errors = outcome.by_example(outcome.predictions != outcome.targets)  # (B,)
        return np.stack([errors == 0, np.ones_like(errors)], 1).astype(np.float64)

    def value(self, total: Sums) -> Sums:
        """The share of correct sentences."""
        return Accuracy().value(total)
