"""In which order examples are read: seeded, in length buckets, resumable, process-aware."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seqlab.data.encoding.examples import Examples

POOL = 100
"""Groups whose rows are sorted by length together: enough for little padding, few enough that
the order stays random."""


@dataclass(frozen=True)
class StepBatch:
    """The examples of one optimiser step.

    Args:
        micro_batches: The micro-batches of this process, one after the other; as many in every
            process, for all must meet after each.
        weight: Number of real targets of the whole group, over all processes.
        streams: For each share, the numbers of its rows' streams; None where no state is carried.
        reset: For each share, which rows start from an empty state; None where all do.
        idle: The places of shares for which no row is left: such a share is another's, to be run
            with its loss times 0, so that no process waits for ever.
        examples: What the shares' numbers count, where the sampler cuts the examples anew in each
            epoch; None for those that it was made for.
    """

    micro_batches: tuple[NDArray[np.int64], ...]
    weight: float
    streams: tuple[NDArray[np.int64], ...] | None = None
    reset: tuple[NDArray[np.bool_], ...] | None = None
    idle: frozenset[int] = frozenset()
    examples: Examples | None = None


class Sampler(Protocol):
    """In which order examples are trained on; it can stop and go on anywhere."""

    @property
    def position(self) -> int:
        """Groups of this epoch that were given out."""

    def __len__(self) -> int:
        """Groups of this epoch."""

    def __iter__(self) -> Iterator[StepBatch]:
        """The rest of this epoch, from where the sampler stands."""

    def steps(self, epochs: int) -> int:
        """Groups of the first so many epochs."""

    def start_epoch(self, epoch: int) -> None:
        """Stand at the beginning of an epoch."""

    def state_dict(self) -> dict[str, int]:
        """Where the sampler stands."""

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Stand where `state_dict` was taken."""


class BucketSampler:
    """Groups of examples of similar length, in a seeded random order.

    The order of an epoch depends on the seed and the epoch only, so that a position is two
    numbers. A group is the same however it is divided into micro-batches and processes.

    Args:
        lengths: (E,) steps of each example.
        weights: (E,) targets of each example.
        batch_size: Examples of one optimiser step, over all processes.
        max_tokens: Steps of a group at most, padding included, instead of `batch_size` examples:
            long sequences come in small groups. One that is longer is a group of its own.
        gradient_accumulation_steps: Into how many micro-batches a process divides its share.
        seed: Of the order.
        rank: This process.
        world: How many processes.
    """

    def __init__(
        self,
        lengths: NDArray[np.int64],
        weights: NDArray[np.int64],
        *,
        batch_size: int,
        max_tokens: int | None = None,
        gradient_accumulation_steps: int = 1,
        seed: int = 0,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.lengths, self.weights = lengths, weights
        self.batch_size, self.max_tokens, self.gradient_accumulation_steps = (
            batch_size,
            max_tokens,
            gradient_accumulation_steps,
        )
        if max_tokens is not None:  # of a group on average
            self.batch_size = max(1, int(max_tokens / lengths.mean()))
        self.seed, self.rank, self.world = seed, rank, world
        self.start_epoch(0)

    def __len__(self) -> int:
        """Groups of this epoch; with `max_tokens` another order can make some more or less."""
        return len(self._groups)

    def __iter__(self) -> Iterator[StepBatch]:
        """The rest of this epoch, from where the sampler stands."""
        while self.position < len(self):
            rows = self._groups[self.position]
            self.position += 1
            yield self._divide(rows)

    def steps(self, epochs: int) -> int:
        """Groups of the first so many epochs."""
        if self.max_tokens is None:
            return epochs * len(self)
        return sum(len(self._order(epoch)) for epoch in range(epochs))

    def start_epoch(self, epoch: int) -> None:
        """Stand at the beginning of an epoch."""
        self.epoch, self.position = epoch, 0
        self._groups = self._order(epoch)

    def state_dict(self) -> dict[str, int]:
        """Where the sampler stands."""
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Stand where `state_dict` was taken."""
        self.start_epoch(state["epoch"])
        self.position = state["position"]

    def _order(self, epoch: int) -> list[NDArray[np.int64]]:
        draw = np.random.default_rng([self.seed, epoch])
        order = draw.permutation(len(self.lengths))
        groups = []
        for start in range(0, len(order), self.batch_size * POOL):
            pool = order[start : start + self.batch_size * POOL]
            pool = pool[np.argsort(self.lengths[pool], kind="stable")]
            groups += self._cut(pool)
        return [groups[i] for i in draw.permutation(len(groups))]

    def _cut(self, pool: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Rows in order of length as groups."""
        if self.max_tokens is None:
            starts = range(0, len(pool), self.batch_size)
            return [pool[start : start + self.batch_size] for start in starts]
        groups, start = [], 0
        while start < len(pool):
            most = max(1, self.max_tokens // int(self.lengths[pool[start]]))
            lengths = self.lengths[pool[start : start + most]]  # the last is the longest
            padded = lengths * np.arange(1, len(lengths) + 1)
            count = max(1, int(np.searchsorted(padded, self.max_tokens, side="right")))
            groups.append(pool[start : start + count])
            start += count
        return groups

    def _divide(self, rows: NDArray[np.int64]) -> StepBatch:
        own = rows[self.rank :: self.world]  # neighbours in length go to different processes
        count = max(1, min(self.gradient_accumulation_steps, len(rows) // self.world))
        idle = len(own) == 0
        shares = tuple(np.array_split(rows[:1] if idle else own, count))
        return StepBatch(
            shares, float(self.weights[rows].sum()), idle=frozenset({0} if idle else ())
        )


def in_order_of_length(lengths: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    """Every example once, longest first, `size` at a time: for evaluation and prediction."""
    order = np.argsort(-lengths, kind="stable")
    for start in range(0, len(order), size):
        yield order[start : start + size]
