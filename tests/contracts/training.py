"""The shortest training loop that keeps the contract, shared by the probes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqlab.data.encoding.examples import Examples, Stream
from seqlab.data.sampling.batching import gather
from seqlab.data.sampling.bucket import BucketSampler
from seqlab.nn import Objective


def examples_of(
    inputs: Mapping[str, Stream],
    lengths: Sequence[int] | NDArray[np.int64],
    targets: NDArray[np.generic],
    per: Literal["step", "sequence"],
) -> Examples:
    """Sequences end to end, one example each."""
    sizes = np.asarray(lengths, np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    return Examples(inputs, starts, sizes, targets, per, np.arange(len(sizes)))


def train(
    objective: Objective,
    examples: Examples,
    *,
    epochs: int = 5,
    batch_size: int = 8,
    learning_rate: float = 0.02,
) -> list[float]:
    """The mean loss of each epoch."""
    sampler = BucketSampler(
        examples.lengths, examples.weights, batch_size=batch_size, gradient_accumulation_steps=2
    )
    optimiser = torch.optim.Adam(objective.parameters(), learning_rate)
    history = []
    for _ in range(epochs):
        total = 0.0
        for group in sampler:
            for share in group.micro_batches:
                loss_sum: Tensor = objective(gather(examples, share))[0]
                (loss_sum / group.weight).backward()  # type: ignore[no-untyped-call]
                total += float(loss_sum.detach())
            optimiser.step()
            optimiser.zero_grad()
        history.append(total / float(examples.weights.sum()))
    return history
