"""The order of examples in training: seeded, in length buckets, resumable, distributed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from seqlab.data.encoding.examples import Examples
from seqlab.types import Booleans, Integers

POOL = 100
"""Step batches whose examples are sorted by length together: enough for little padding, few enough
for the order to stay random."""


@dataclass(frozen=True)
class StepBatch:
    """The examples of one optimizer step.

    Args:
        micro_batches: The indices of the examples of each micro-batch of this process. All
            processes have the same number of micro-batches, since they synchronize after each.
        weight: Number of real targets of the step batch, over all processes.
        streams: The streams of each micro-batch's rows; None if no state is carried.
        reset: For each micro-batch, a mask of the rows that start from the initial state; None if
            all do.
        idle: Indices of micro-batches for which this process has no examples left. Such a
            micro-batch holds examples of another process and is run with a loss of weight 0, so
            that no process waits forever.
        examples: What the indices refer to, if the sampler cuts the examples anew in each epoch;
            None if they refer to the examples that the sampler was created for.
    """

    micro_batches: tuple[Integers, ...]
    weight: float
    streams: tuple[Integers, ...] | None = None
    reset: tuple[Booleans, ...] | None = None
    idle: frozenset[int] = frozenset()
    examples: Examples | None = None


class Sampler(Protocol):
    """The order of examples in training; it can be stopped and resumed at any step."""

    @property
    def position(self) -> int:
        """Number of step batches of this epoch that were yielded already."""

    def __len__(self) -> int:
        """Number of step batches of this epoch."""

    def __iter__(self) -> Iterator[StepBatch]:
        """Yield the rest of this epoch, from the current position on."""

    def steps(self, epochs: int) -> int:
        """Number of step batches of the first epochs."""

    def start_epoch(self, epoch: int) -> None:
        """Move to the beginning of an epoch."""

    def state_dict(self) -> dict[str, int]:
        """The epoch and the position in it."""

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Move to the position of a `state_dict`."""


class BucketSampler:
    """Step batches of examples of similar length, in a seeded random order.

    The order of an epoch depends only on the seed and the epoch, so that the state is two numbers.
    A step batch is the same however it is divided into micro-batches and processes.

    Args:
        lengths: (E,) number of steps of each example.
        weights: (E,) number of targets of each example.
        batch_size: Examples per optimizer step, over all processes.
        max_tokens: Maximum number of steps per step batch, including padding, instead of
            `batch_size` examples: batches of long sequences are smaller. An example that exceeds
            it is a step batch on its own.
        gradient_accumulation_steps: Number of micro-batches per step and process.
        seed: Seed of the order.
        rank: Index of this process.
        world: Number of processes.
    """

    def __init__(
        self,
        lengths: Integers,
        weights: Integers,
        *,
        batch_size: int,
        max_tokens: int | None = None,
        gradient_accumulation_steps: int = 1,
        seed: int = 0,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.lengths, self.weights = lengths, weights
        self.batch_size, self.max_tokens = batch_size, max_tokens
        self.gradient_accumulation_steps = gradient_accumulation_steps
        if max_tokens is not None:  # the average size, from which that of a pool follows
            self.batch_size = max(1, int(max_tokens / lengths.mean()))
        self.seed, self.rank, self.world = seed, rank, world
        self.start_epoch(0)

    def __len__(self) -> int:
        """Number of step batches of this epoch; with `max_tokens` it can differ between epochs."""
        return len(self._step_batches)

    def __iter__(self) -> Iterator[StepBatch]:
        """Yield the share of this process of the rest of this epoch, in micro-batches."""
        while self.position < len(self):
            indices = self._step_batches[self.position]
            self.position += 1
            # strided, so that examples of neighbouring length go to different processes
            share = indices[self.rank :: self.world]
            count = max(1, min(self.gradient_accumulation_steps, len(indices) // self.world))
            is_idle = len(share) == 0
            yield StepBatch(
                tuple(np.array_split(indices[:1] if is_idle else share, count)),
                float(self.weights[indices].sum()),
                idle=frozenset({0} if is_idle else ()),
            )

    def steps(self, epochs: int) -> int:
        """Number of step batches of the first epochs."""
        if self.max_tokens is None:
            return epochs * len(self)
        return sum(len(self._shuffle(epoch)) for epoch in range(epochs))

    def start_epoch(self, epoch: int) -> None:
        """Move to the beginning of an epoch."""
        self.epoch, self.position = epoch, 0
        self._step_batches = self._shuffle(epoch)

    def state_dict(self) -> dict[str, int]:
        """The epoch and the position in it."""
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Move to the position of a `state_dict`."""
        self.start_epoch(state["epoch"])
        self.position = state["position"]

    def _shuffle(self, epoch: int) -> list[Integers]:
        """The examples of each step batch of an epoch."""
        generator = np.random.default_rng([self.seed, epoch])
        order = generator.permutation(len(self.lengths))
        batches: list[Integers] = []
        for start in range(0, len(order), self.batch_size * POOL):
            pool = order[start : start + self.batch_size * POOL]
            pool = pool[np.argsort(self.lengths[pool], kind="stable")]
            batches += self._cut(pool)
        return [batches[i] for i in generator.permutation(len(batches))]

    def _cut(self, pool: Integers) -> list[Integers]:
        """Cut examples, sorted by length, into step batches."""
        if self.max_tokens is None:
            starts = range(0, len(pool), self.batch_size)
            return [pool[start : start + self.batch_size] for start in starts]
        batches, start = [], 0
        while start < len(pool):
            most = max(1, self.max_tokens // int(self.lengths[pool[start]]))
            lengths = self.lengths[pool[start : start + most]]
            # the padded size with 1, 2, … examples: all are padded to the last, which is longest
            padded = lengths * np.arange(1, len(lengths) + 1)
            count = max(1, int(np.searchsorted(padded, self.max_tokens, side="right")))
            batches.append(pool[start : start + count])
            start += count
        return batches


def in_order_of_length(
    lengths: Integers, size: int, max_steps: int | None = None
) -> Iterator[Integers]:
    """Every example once, longest first, in batches: for evaluation and prediction.

    Args:
        lengths: (E,) number of steps of each example.
        size: Most examples per batch.
        max_steps: Most steps per batch, including padding; an example that exceeds it is a batch
            on its own. None for no limit.
    """
    order, start = np.argsort(-lengths, kind="stable"), 0
    while start < len(order):
        count = size
        if max_steps is not None:  # all are padded to the first, which is the longest
            count = max(1, min(size, max_steps // max(1, int(lengths[order[start]]))))
        yield order[start : start + count]
        start += count
