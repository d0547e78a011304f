"""A minimal training loop for the contract tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from seqlab.data.encoding.examples import Examples, Stream
from seqlab.data.sampling.batching import gather
from seqlab.data.sampling.bucket import BucketSampler
from seqlab.nn import Objective
from seqlab.types import Array, Integers


def examples_of(
    inputs: Mapping[str, Stream],
    lengths: Sequence[int] | Integers,
    targets: Array,
    per: Literal["step", "sequence"],
) -> Examples:
    """Concatenated sequences, with one example per sequence."""
    row_lengths = np.asarray(lengths, np.int64)
    starts = np.concatenate([[0], np.cumsum(row_lengths)[:-1]]).astype(np.int64)
    return Examples(inputs, starts, row_lengths, targets, per, np.arange(len(row_lengths)))


def train(
    objective: Objective,
    examples: Examples,
    *,
    epochs: int = 5,
    batch_size: int = 8,
    learning_rate: float = 0.02,
) -> list[float]:
    """Train the objective.

    Returns:
        The mean loss of each epoch.
    """
    sampler = BucketSampler(
        examples.lengths, examples.weights, batch_size=batch_size, gradient_accumulation_steps=2
    )
    optimizer = torch.optim.Adam(objective.parameters(), learning_rate)
    history = []
    for _ in range(epochs):
        total = 0.0
        for step_batch in sampler:
            for micro_batch in step_batch.micro_batches:
                loss_sum: Tensor = objective(gather(examples, micro_batch))[0]
                (loss_sum / step_batch.weight).backward()  # type: ignore[no-untyped-call]
                total += float(loss_sum.detach())
            optimizer.step()
            optimizer.zero_grad()
        history.append(total / float(examples.weights.sum()))
    return history
