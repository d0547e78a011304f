"""Run a model, or a baseline, over examples: every example exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqlab.data.batching import gather
from seqlab.data.examples import Examples
from seqlab.data.sampler import in_order_of_length
from seqlab.device import Device
from seqlab.evaluation.intervals import with_intervals
from seqlab.evaluation.metrics import Metric, Outcome, Sums, measured
from seqlab.interfaces import Baseline
from seqlab.nn import Criterion, Objective
from seqlab.spec import Batch


@dataclass(frozen=True)
class Evaluation:
    """The sums of every metric over examples, in the examples' order.

    Args:
        metrics: The metrics.
        sums: (E, K) one array a metric.
    """

    metrics: Sequence[Metric]
    sums: Sequence[Sums]

    def values(self) -> dict[str, float]:
        """Each metric's value; one without anything to count is left out."""
        pairs = zip(self.metrics, self.sums, strict=True)
        found = {metric.name: measured(metric, own) for metric, own in pairs}
        return {name: value for name, value in found.items() if value is not None}

    def intervals(self, resamples: int) -> dict[str, dict[str, float]]:
        """Each metric's value with its 95 % interval."""
        return with_intervals(self.metrics, self.sums, resamples=resamples)


@torch.no_grad()
def evaluate(
    objective: Objective,
    examples: Examples,
    metrics: Sequence[Metric],
    *,
    device: Device,
    batch_size: int,
) -> Evaluation:
    """The metrics of a model over examples; the result does not depend on the batch size."""
    was_training = objective.training
    objective.eval()
    order, parts = [], []
    for chosen in in_order_of_length(examples.lengths, batch_size):
        batch = gather(examples, chosen).to(device.place)
        with device.autocast():
            prediction, _ = objective.predict(batch)
        found = (prediction.losses, prediction.scores, prediction.decoded)
        outcome = _outcome(batch, *found, _marks(examples, chosen))
        parts.append([metric.sums(outcome) for metric in metrics])
        order.append(chosen)
    objective.train(was_training)
    back = np.argsort(np.concatenate(order))
    return Evaluation(metrics, [np.concatenate(own)[back] for own in zip(*parts, strict=True)])


@torch.no_grad()
def evaluate_baseline(
    baseline: Baseline,
    examples: Examples,
    criterion: Criterion,
    metrics: Sequence[Metric],
    *,
    batch_size: int,
) -> Evaluation:
    """The metrics of a trivial prediction over examples."""
    criterion.eval()  # neither smoothing nor weights of training
    parts = []
    guesses = replace(examples, inputs={}, targets=baseline.scores)
    for start in range(0, len(examples), batch_size):
        chosen = np.arange(start, min(start + batch_size, len(examples)))
        batch, spread = gather(examples, chosen), gather(guesses, chosen).targets
        flat = criterion(spread[batch.mask], batch.targets[batch.mask])
        losses = flat.new_zeros(batch.mask.shape).masked_scatter(batch.mask, flat)
        summed = losses.flatten(1).sum(1) if losses.dim() > 1 else losses
        is_class = not batch.targets.is_floating_point()
        found = (summed, spread, spread.argmax(-1) if is_class else spread)
        outcome = _outcome(batch, *found, _marks(examples, chosen))
        parts.append([metric.sums(outcome) for metric in metrics])
    return Evaluation(metrics, [np.concatenate(own) for own in zip(*parts, strict=True)])


def _marks(examples: Examples, chosen: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """(B, T) or (B,) each, padded as targets are."""
    return {
        name: gather(replace(examples, inputs={}, targets=mark), chosen).targets.numpy()
        for name, mark in examples.marks.items()
    }


def _outcome(
    batch: Batch,
    losses: Tensor,
    scores: Tensor,
    decoded: Tensor,
    marks: Mapping[str, NDArray[Any]],
) -> Outcome:
    def array(tensor: Tensor) -> Any:
        return tensor.float().cpu().numpy() if tensor.is_floating_point() else tensor.cpu().numpy()

    mask = batch.mask.cpu().numpy()
    return Outcome(
        array(losses), array(decoded), array(scores), array(batch.targets), mask, marks
    )
