"""Run a model, or a baseline, over examples: every example exactly once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.batching import gather
from seqlab.data.sampling.bucket import in_order_of_length
from seqlab.data.sampling.tbptt import in_order_of_texts
from seqlab.device import Device
from seqlab.metrics.intervals import with_intervals
from seqlab.metrics.metrics import Metric, Outcome, Sums, measured
from seqlab.nn import Criterion, Objective
from seqlab.spec import Batch, State
from seqlab.task import Baseline

Pass: TypeAlias = tuple[NDArray[np.int64], NDArray[np.bool_] | None]

MOST_OUTPUTS = 1 << 26
"""Scores that are held at once: a large vocabulary at every step would not fit otherwise."""


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
    stateful: bool = False,
) -> Evaluation:
    """The metrics of a model over examples; the result does not depend on the batch size.

    Several processes evaluate a part of the batches each, and all have the whole result.

    Args:
        objective: Model and criterion.
        examples: What it predicts.
        metrics: Which.
        device: Where.
        batch_size: Examples side by side.
        stateful: Chunks that follow each other are read with the state of the one before.
    """
    found = [
        (chosen, [metric.sums(outcome) for metric in metrics])
        for chosen, outcome in outcomes(
            objective, examples, device=device, batch_size=batch_size, stateful=stateful
        )
    ]
    order, parts = zip(*device.gather(found), strict=True)
    back = np.argsort(np.concatenate(order))
    return Evaluation(metrics, [np.concatenate(own)[back] for own in zip(*parts, strict=True)])


@torch.no_grad()
def outcomes(
    objective: Objective,
    examples: Examples,
    *,
    device: Device,
    batch_size: int,
    stateful: bool = False,
) -> Iterator[tuple[NDArray[np.int64], Outcome]]:
    """Which examples, and what came out for them, batch by batch; see `evaluate`.

    Where there are several processes, this one's batches only.
    """
    was_training = objective.training
    objective.eval()
    state: State | None = None
    size = _at_once(examples, batch_size, math.prod(objective.model.head.outputs.shape))
    passes = _passes(examples, size, stateful and examples.stateful)
    for chosen, reset in _own(passes, device):
        batch = gather(examples, chosen, reset).to(device.torch_device)
        if reset is not None and reset.all():
            state = objective.model.initial_state(len(batch))
        with device.autocast():
            prediction, state = objective.predict(batch, state)
        found = (prediction.losses, prediction.outputs, prediction.predictions)
        yield (
            chosen,
            _outcome(batch, *found, _target_offset(examples, chosen), _metadata(examples, chosen)),
        )
    objective.train(was_training)


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
    guesses = replace(examples, inputs={}, targets=baseline.outputs, known_classes=None)
    batch_size = _at_once(examples, batch_size, math.prod(baseline.outputs.shape[1:]))
    for start in range(0, len(examples), batch_size):
        chosen = np.arange(start, min(start + batch_size, len(examples)))
        batch, spread = gather(examples, chosen), gather(guesses, chosen).targets
        flat = criterion(spread[batch.mask], batch.targets[batch.mask])
        losses = flat.new_zeros(batch.mask.shape).masked_scatter(batch.mask, flat)
        summed = losses.flatten(1).sum(1) if losses.dim() > 1 else losses
        is_class = not batch.targets.is_floating_point()
        predictions = spread.argmax(-1) if is_class else spread
        found = (summed, spread, predictions)
        outcome = _outcome(
            batch, *found, _target_offset(examples, chosen), _metadata(examples, chosen)
        )
        parts.append([metric.sums(outcome) for metric in metrics])
    return Evaluation(metrics, [np.concatenate(own) for own in zip(*parts, strict=True)])


def _at_once(examples: Examples, most: int, outputs: int) -> int:
    """How many examples are read side by side, if each target has so many outputs."""
    steps = int(examples.lengths.max(initial=1)) if examples.per == "step" else 1
    return max(1, min(most, MOST_OUTPUTS // (steps * outputs)))


def _passes(examples: Examples, size: int, stateful: bool) -> Iterator[Pass]:
    """Every example once, and where state is stateful, which start from an empty one."""
    if stateful:
        yield from in_order_of_texts(examples, size)
    else:
        for chosen in in_order_of_length(examples.lengths, size):
            yield chosen, None


def _own(passes: Iterator[Pass], device: Device) -> Iterator[Pass]:
    """This process's part: texts whose state is stateful through many batches stay together."""
    number = -1
    for chosen, reset in passes:
        number += reset is None or bool(reset.all())
        if number % device.world == device.rank:
            yield chosen, reset


def _target_offset(examples: Examples, chosen: NDArray[np.int64]) -> NDArray[Any] | None:
    return None if examples.target_offset is None else examples.target_offset[chosen]


def _metadata(examples: Examples, chosen: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """(B, T) or (B,) each, padded as targets are."""
    beside = replace(examples, inputs={}, known_classes=None)
    return {
        name: gather(replace(beside, targets=mark), chosen).targets.numpy()
        for name, mark in examples.metadata.items()
    }


def _outcome(
    batch: Batch,
    losses: Tensor,
    outputs: Tensor,
    predictions: Tensor,
    target_offset: NDArray[Any] | None,
    metadata: Mapping[str, NDArray[Any]],
) -> Outcome:
    def array(tensor: Tensor) -> Any:
        return tensor.float().cpu().numpy() if tensor.is_floating_point() else tensor.cpu().numpy()

    mask = batch.mask.cpu().numpy()
    return Outcome(
        array(losses),
        array(predictions),
        array(outputs),
        array(batch.targets),
        mask,
        target_offset,
        metadata,
    )
