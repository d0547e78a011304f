"""The contract of metrics: each example contributes a few sums, and a metric reads their total.

In this form a metric does not depend on how the examples are batched, and a confidence interval
comes from resampling examples without running the model again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from seqlab.types import Array, Booleans, Floats

Sums: TypeAlias = Floats
"""(…, K) the K sums that a metric keeps, per example or in total."""


@dataclass(frozen=True)
class Outcome:
    """Losses, predictions and targets of B examples.

    Args:
        losses: (B,) loss of each example, summed over its targets.
        predictions: (B, T, …) or (B, …) predicted classes or values.
        outputs: The outputs of the head: logits of classes, or values.
        targets: Shaped like `predictions`.
        mask: (B, T) or (B,) True for real targets, False for padding and where there is no target.
        target_offset: (B, …) what targets and outputs are relative to, as in `Examples`.
        metadata: (B, T) or (B,) per name: values of the examples that only metrics read.
    """

    losses: Array
    predictions: Array
    outputs: Array
    targets: Array
    mask: Booleans
    target_offset: Array | None = None
    metadata: Mapping[str, Array] = field(default_factory=dict)

    def by_example(self, values: Array) -> Sums:
        """(B,) sums of (B, T) or (B,) values over the real targets of each example."""
        masked = np.where(self.mask, values, 0)
        sums: Sums = masked.reshape(len(masked), -1).sum(1).astype(np.float64)
        return sums


@dataclass(frozen=True)
class Breakdown:
    """What a metric counts, by group, such as entities by their type.

    Args:
        unit: What is counted: "entity".
        counts: Group → (3,) how many are predicted correctly, predicted and actual; the group None
            has those whose group does not occur in training.
    """

    unit: str
    counts: Mapping[str | None, Sums]


class Metric(ABC):
    """A number that measures the quality of predictions.

    Attributes:
        name: The key of the metric in results.
        higher_is_better: Whether a larger value is a better one.
        proportion: Whether the metric is a proportion: the first sum divided by the second.
    """

    name: str
    higher_is_better: bool = True
    proportion: bool = False

    @abstractmethod
    def sums(self, outcome: Outcome) -> Sums:
        """(B, K) sums of each example, to be added up over examples."""

    @abstractmethod
    def value(self, total: Sums) -> Sums:
        """(…, K) totals → (…) values; NaN where there was nothing to count."""

    def breakdown(self, outcome: Outcome) -> Breakdown | None:
        """What the metric counts by group, for the report of errors; None without groups."""
        del outcome
        return None


def measured(metric: Metric, sums: Sums) -> float | None:
    """The value of a metric over (E, K) sums; None where there was nothing to count."""
    value = float(metric.value(sums.sum(0)))
    # a diverged loss is NaN too, but then its sums are not finite
    return None if np.isnan(value) and np.isfinite(sums).all() else value


def ratio(part: Sums, whole: Sums) -> Sums:
    """`part / whole`; NaN where `whole` is 0."""
    return np.divide(part, whole, out=np.full_like(np.asarray(part), np.nan), where=whole > 0)
