"""Metrics of predicted classes, and the loss."""

from __future__ import annotations

import math

import numpy as np

from seqlab.metrics.metric import Metric, Outcome, Sums, ratio
from seqlab.spec import UNSEEN


class Loss(Metric):
    """The mean loss per target; targets that did not occur in training are left out."""

    name = "loss"
    higher_is_better = False

    def sums(self, outcome: Outcome) -> Sums:
        """Loss and number of targets."""
        counted = outcome.targets != UNSEEN
        if counted.ndim > outcome.mask.ndim:  # a target of several values has one loss
            counted = np.ones_like(outcome.mask)
        return np.stack([outcome.losses, outcome.by_example(counted)], 1).astype(np.float64)

    def value(self, total: Sums) -> Sums:
        """Loss per target."""
        return ratio(total[..., 0], total[..., 1])


class Bits(Loss):
    """The mean loss per target in bits; `Loss` is in nats."""

    name = "bits"

    def value(self, total: Sums) -> Sums:
        """Bits per target."""
        nats: Sums = super().value(total)
        return nats / math.log(2.0)


class Perplexity(Loss):
    """The exponential of the mean loss per target.

    A uniform choice among this many classes would have the same loss.
    """

    name = "perplexity"

    def value(self, total: Sums) -> Sums:
        """The exponential of the loss per target."""
        perplexity: Sums = np.exp(super().value(total))
        return perplexity


class Accuracy(Metric):
    """The proportion of targets that are predicted correctly."""

    name = "accuracy"
    proportion = True

    def sums(self, outcome: Outcome) -> Sums:
        """Number of correct predictions and number of targets."""
        correct = outcome.by_example(outcome.predictions == outcome.targets)
        return np.stack([correct, outcome.by_example(np.ones_like(outcome.mask))], 1)

    def value(self, total: Sums) -> Sums:
        """Correct predictions divided by targets."""
        return ratio(total[..., 0], total[..., 1])


class MacroF1(Metric):
    """The mean F1 score over classes; classes that never occur are left out.

    F1 is the harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN). Labels that training
    does not have are together one more class, whose F1 is 0.

    Args:
        classes: The number of classes.
    """

    name = "macro_f1"

    def __init__(self, classes: int) -> None:
        self.classes = classes

    def sums(self, outcome: Outcome) -> Sums:
        """(B, 3 × (classes + 1)): true positives, predictions and targets of each class."""
        columns = []
        for label in (*range(self.classes), UNSEEN):
            predicted, actual = outcome.predictions == label, outcome.targets == label
            columns += [
                outcome.by_example(predicted & actual),
                outcome.by_example(predicted),
                outcome.by_example(actual),
            ]
        return np.stack(columns, 1)

    def value(self, total: Sums) -> Sums:
        """The mean F1 score."""
        columns = np.moveaxis(total.reshape(*total.shape[:-1], -1, 3), -1, 0)
        true_positives, predicted, actual = columns  # (…, classes) each
        occurrences = predicted + actual
        occurs = occurrences > 0
        f1 = np.divide(
            2 * true_positives, occurrences, out=np.zeros_like(occurrences), where=occurs
        )
        return ratio(f1.sum(-1), occurs.sum(-1).astype(np.float64))
