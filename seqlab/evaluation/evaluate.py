"""Evaluate a model, or a baseline, on examples: every example exactly once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.batching import gather, gather_values
from seqlab.data.sampling.bucket import in_order_of_length
from seqlab.data.sampling.tbptt import in_order_of_texts
from seqlab.device import Device
from seqlab.metrics.intervals import with_intervals
from seqlab.metrics.metric import Metric, Outcome, Sums, measured
from seqlab.nn import Criterion, Objective, Prediction
from seqlab.spec import Batch, State
from seqlab.task import Baseline
from seqlab.types import Array, Booleans, Integers

BatchIndices: TypeAlias = tuple[Integers, Booleans | None]
"""The indices (B,) of the examples of a batch, and its reset mask (B,) as in `Batch`."""

MAX_STEPS, MAX_OUTPUTS = 1 << 15, 1 << 24
"""Steps of a batch, including padding, and outputs of a batch at most: the memory of a batch grows
with its longest example, not with the examples beside it."""


@dataclass(frozen=True)
class Evaluation:
    """The sums of every metric over examples, in the order of the examples.

    Args:
        metrics: The metrics.
        sums: (E, K) one array per metric.
    """

    metrics: Sequence[Metric]
    sums: Sequence[Sums]

    def values(self) -> dict[str, float]:
        """The value of each metric, without metrics that had nothing to count."""
        pairs = zip(self.metrics, self.sums, strict=True)
        values = {metric.name: measured(metric, sums) for metric, sums in pairs}
        return {name: value for name, value in values.items() if value is not None}

    def intervals(self, resamples: int) -> dict[str, dict[str, float]]:
        """The value of each metric with its 95 % confidence interval."""
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
    """Evaluate a model on examples; the result does not depend on the batch size.

    With several processes, each evaluates some of the batches, and all return the whole result.

    Args:
        objective: Model and criterion.
        examples: The examples to predict.
        metrics: The metrics.
        device: Where the model is.
        batch_size: Examples per batch.
        stateful: Chunks that follow each other in a text are read with the state carried from one
            to the next.
    """
    batches = outcomes(objective, examples, device=device, batch_size=batch_size, stateful=stateful)
    results = [
        (indices, [metric.sums(outcome) for metric in metrics]) for indices, outcome in batches
    ]
    return Evaluation(metrics, _in_order(device.gather(results)))


@torch.no_grad()
def outcomes(
    objective: Objective,
    examples: Examples,
    *,
    device: Device,
    batch_size: int,
    stateful: bool = False,
) -> Iterator[tuple[Integers, Outcome]]:
    """The indices of examples and their outcome, batch by batch; see `evaluate`.

    With several processes, only the batches of this one.
    """
    was_training = objective.training
    objective.eval()
    state: State | None = None
    outputs = math.prod(objective.model.head.outputs.shape)
    batches = _batches(examples, batch_size, outputs, stateful and examples.stateful)
    for indices, reset in _of_this_process(batches, device):
        batch = gather(examples, indices, reset).to(device.torch_device)
        if reset is not None and reset.all():
            state = objective.model.initial_state(len(batch))
        with device.autocast():
            prediction, state = objective.predict(batch, state)
        yield indices, _outcome(examples, indices, batch, prediction)
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
    """Evaluate a prediction that needs no model."""
    criterion.eval()  # without label smoothing and class weights
    results = []
    outputs_per_target = math.prod(baseline.outputs.shape[1:])
    for indices in bounded_batches(examples, batch_size, outputs_per_target):
        batch = gather(examples, indices)
        outputs = gather_values(baseline.outputs, examples, indices)  # padded as the targets are
        prediction = _baseline_prediction(outputs, batch, criterion)
        outcome = _outcome(examples, indices, batch, prediction)
        results.append((indices, [metric.sums(outcome) for metric in metrics]))
    return Evaluation(metrics, _in_order(results))


def _baseline_prediction(outputs: Tensor, batch: Batch, criterion: Criterion) -> Prediction:
    real_losses = criterion(outputs[batch.mask], batch.targets[batch.mask])  # (N,)
    losses = real_losses.new_zeros(batch.mask.shape).masked_scatter(batch.mask, real_losses)
    losses = losses.flatten(1).sum(1) if losses.dim() > 1 else losses  # (B,)
    is_class = not batch.targets.is_floating_point()
    return Prediction(losses, outputs, outputs.argmax(-1) if is_class else outputs)


def _in_order(batches: Iterable[tuple[Integers, Sequence[Sums]]]) -> list[Sums]:
    """The sums of each metric, in the order of the examples; each batch has its indices."""
    indices, sums = zip(*batches, strict=True)
    order = np.argsort(np.concatenate(indices))
    return [np.concatenate(batch_sums)[order] for batch_sums in zip(*sums, strict=True)]


def bounded_batches(examples: Examples, batch_size: int, outputs: int) -> Iterator[Integers]:
    """Every example once, longest first, in batches that fit into memory.

    Args:
        examples: The examples.
        batch_size: Most examples per batch.
        outputs: Number of outputs per target.
    """
    size, limit = _limits(examples, batch_size, outputs)
    yield from in_order_of_length(examples.lengths, size, limit)


def _limits(examples: Examples, batch_size: int, outputs: int) -> tuple[int, int]:
    """Most examples, and most steps, of a batch; one example may exceed them alone."""
    targets = max(1, MAX_OUTPUTS // outputs)
    if examples.per == "step":
        return batch_size, min(MAX_STEPS, targets)
    return min(batch_size, targets), MAX_STEPS


def _batches(
    examples: Examples, batch_size: int, outputs: int, stateful: bool
) -> Iterator[BatchIndices]:
    """Every example once; with carried state, in the order of the texts."""
    if stateful:
        size, limit = _limits(examples, batch_size, outputs)
        longest = int(examples.lengths.max(initial=1))
        yield from in_order_of_texts(examples, max(1, min(size, limit // longest)))
    else:
        for indices in bounded_batches(examples, batch_size, outputs):
            yield indices, None


def _of_this_process(batches: Iterator[BatchIndices], device: Device) -> Iterator[BatchIndices]:
    """The batches of this process; batches between which state is carried stay together."""
    number = -1
    for indices, reset in batches:
        number += reset is None or bool(reset.all())
        if number % device.world == device.rank:
            yield indices, reset


def _outcome(
    examples: Examples, indices: Integers, batch: Batch, prediction: Prediction
) -> Outcome:
    """The outcome of a batch in NumPy, with what only metrics read."""
    offset = examples.target_offset
    return Outcome(
        losses=_to_numpy(prediction.losses),
        predictions=_to_numpy(prediction.predictions),
        outputs=_to_numpy(prediction.outputs),
        targets=_to_numpy(batch.targets),
        mask=batch.mask.cpu().numpy(),
        target_offset=None if offset is None else offset[indices],
        metadata=_metadata(examples, indices),
    )


def _to_numpy(tensor: Tensor) -> Array:
    array: Array = (tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy()
    return array


def _metadata(examples: Examples, indices: Integers) -> Mapping[str, Array]:
    """(B, T) or (B,) each, padded as targets are."""
    return {
        name: gather_values(values, examples, indices).numpy()
        for name, values in examples.metadata.items()
    }
