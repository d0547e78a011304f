"""Metrics as functions of sums: each example gives a few numbers, the metric reads their total.

In this form a metric over parts is the metric over the whole, whatever the batches, and an
interval comes from resampling examples without running the model again.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab.spec import UNSEEN

Sums = NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """What came out for B examples.

    Args:
        losses: (B,) sum over each example's targets.
        predictions: (B, T, …) or (B, …) decisions.
        outputs: As the head gives them.
        targets: As `predictions`.
        mask: (B, T) or (B,) where a real target stands.
        target_offset: (B, …) what targets and scores are counted from, as in `Examples`.
        metadata: (B, T) or (B,) each: what the examples have for metrics alone.
    """

    losses: NDArray[Any]
    predictions: NDArray[Any]
    outputs: NDArray[Any]
    targets: NDArray[Any]
    mask: NDArray[np.bool_]
    target_offset: NDArray[Any] | None = None
    metadata: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def by_example(self, values: NDArray[Any]) -> Sums:
        """(B,) sums of (B, T) or (B,) values over each example's real targets."""
        kept = np.where(self.mask, values, 0)
        summed: Sums = kept.reshape(len(kept), -1).sum(1).astype(np.float64)
        return summed


class Metric(ABC):
    """One number that says how good predictions are.

    Attributes:
        name: As it stands in results.
        higher_is_better: Which way is up.
        proportion: Whether it is a share of cases: first sum over second.
    """

    name: str
    higher_is_better: bool = True
    proportion: bool = False

    @abstractmethod
    def sums(self, outcome: Outcome) -> Sums:
        """(B, K) numbers of each example, to be added up."""

    @abstractmethod
    def value(self, total: Sums) -> Sums:
        """(…, K) totals → (…) values; not a number where there was nothing to count."""


class Loss(Metric):
    """The average loss of a target, those that training never had left out."""

    name = "loss"
    higher_is_better = False

    def sums(self, outcome: Outcome) -> Sums:
        """Loss and number of targets."""
        counted = outcome.targets != UNSEEN
        if counted.ndim > outcome.mask.ndim:  # values with a shape of their own
            counted = np.ones_like(outcome.mask)
        return np.stack([outcome.losses, outcome.by_example(counted)], 1).astype(np.float64)

    def value(self, total: Sums) -> Sums:
        """Loss a target."""
        return ratio(total[..., 0], total[..., 1])


class Bits(Loss):
    """The average loss of a target in bits; `Loss` is in nats."""

    name = "bits"

    def value(self, total: Sums) -> Sums:
        """Bits a target."""
        nats: Sums = super().value(total)
        return nats / math.log(2.0)


class Perplexity(Loss):
    """e to the average loss of a target: among how many equal choices it is as hard."""

    name = "perplexity"

    def value(self, total: Sums) -> Sums:
        """Choices a target."""
        found: Sums = np.exp(super().value(total))
        return found


class Accuracy(Metric):
    """The share of targets that are decided right."""

    name = "accuracy"
    proportion = True

    def sums(self, outcome: Outcome) -> Sums:
        """Right ones and all."""
        right = outcome.by_example(outcome.predictions == outcome.targets)
        return np.stack([right, outcome.by_example(np.ones_like(outcome.mask))], 1)

    def value(self, total: Sums) -> Sums:
        """Right ones of all."""
        return ratio(total[..., 0], total[..., 1])


class MacroF1(Metric):
    """The average over classes of the F1 score; classes that never occur are left out.

    F1 is the harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN).

    Args:
        classes: How many there are.
    """

    name = "macro_f1"

    def __init__(self, classes: int) -> None:
        self.classes = classes

    def sums(self, outcome: Outcome) -> Sums:
        """(B, 3 × classes): right ones, decided ones and real ones of each class."""
        columns = []
        for label in range(self.classes):
            decided, real = outcome.predictions == label, outcome.targets == label
            columns += [
                outcome.by_example(decided & real),
                outcome.by_example(decided),
                outcome.by_example(real),
            ]
        return np.stack(columns, 1)

    def value(self, total: Sums) -> Sums:
        """The average F1."""
        right, decided, real = np.moveaxis(total.reshape(*total.shape[:-1], -1, 3), -1, 0)
        both = decided + real
        scores = np.divide(2 * right, both, out=np.zeros_like(both), where=both > 0)
        return ratio(scores.sum(-1), (both > 0).sum(-1).astype(np.float64))


def measured(metric: Metric, sums: Sums) -> float | None:
    """A metric's value over (E, K) sums; None where there was nothing to count."""
    value = float(metric.value(sums.sum(0)))
    # a loss that has diverged is not a number either, and has sums that are none
    return None if np.isnan(value) and np.isfinite(sums).all() else value


def ratio(part: Sums, whole: Sums) -> Sums:
    """Split of the whole; NaN where that is 0."""
    return np.divide(part, whole, out=np.full_like(np.asarray(part), np.nan), where=whole > 0)
