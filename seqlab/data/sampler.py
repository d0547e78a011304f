"""In which order examples are read: seeded, in length buckets, resumable, process-aware."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seqlab.data.examples import Examples

POOL = 100
"""Groups whose rows are sorted by length together: enough for little padding, few enough that
the order stays random."""


@dataclass(frozen=True)
class Group:
    """The examples of one optimiser step.

    Args:
        shares: The micro-batches of this process, one after the other; as many in every
            process, for all must meet after each.
        weight: Number of real targets of the whole group, over all processes.
        lanes: For each share, the numbers of its rows' lanes; None where no state is carried.
        fresh: For each share, which rows start from an empty state; None where all do.
        idle: The places of shares for which no row is left: such a share is another's, to be run
            with its loss times 0, so that no process waits for ever.
        examples: What the shares' numbers count, where the sampler cuts the examples anew in each
            epoch; None for those that it was made for.
    """

    shares: tuple[NDArray[np.int64], ...]
    weight: float
    lanes: tuple[NDArray[np.int64], ...] | None = None
    fresh: tuple[NDArray[np.bool_], ...] | None = None
    idle: frozenset[int] = frozenset()
    examples: Examples | None = None


class Sampler(Protocol):
    """In which order examples are trained on; it can stop and go on anywhere."""

    @property
    def position(self) -> int:
        """Groups of this epoch that were given out."""

    def __len__(self) -> int:
        """Groups of this epoch."""

    def __iter__(self) -> Iterator[Group]:
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
        group_size: Examples of one optimiser step, over all processes.
        accumulate: Into how many micro-batches a process divides its share.
        seed: Of the order.
        rank: This process.
        world: How many processes.
    """

    def __init__(
        self,
        lengths: NDArray[np.int64],
        weights: NDArray[np.int64],
        *,
        group_size: int,
        accumulate: int = 1,
        seed: int = 0,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.lengths, self.weights = lengths, weights
        self.group_size, self.accumulate = group_size, accumulate
        self.seed, self.rank, self.world = seed, rank, world
        self.epoch, self.position = 0, 0

    def __len__(self) -> int:
        """Groups of an epoch."""
        return -(-len(self.lengths) // self.group_size)

    def __iter__(self) -> Iterator[Group]:
        """The rest of this epoch, from where the sampler stands."""
        groups = self._epoch()
        while self.position < len(groups):
            rows = groups[self.position]
            self.position += 1
            yield self._divide(rows)

    def steps(self, epochs: int) -> int:
        """Groups of the first so many epochs."""
        return epochs * len(self)

    def start_epoch(self, epoch: int) -> None:
        """Stand at the beginning of an epoch."""
        self.epoch, self.position = epoch, 0

    def state_dict(self) -> dict[str, int]:
        """Where the sampler stands."""
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Stand where `state_dict` was taken."""
        self.epoch, self.position = state["epoch"], state["position"]

    def _epoch(self) -> list[NDArray[np.int64]]:
        draw = np.random.default_rng([self.seed, self.epoch])
        order = draw.permutation(len(self.lengths))
        groups = []
        for start in range(0, len(order), self.group_size * POOL):
            pool = order[start : start + self.group_size * POOL]
            pool = pool[np.argsort(self.lengths[pool], kind="stable")]
            groups += [pool[i : i + self.group_size] for i in range(0, len(pool), self.group_size)]
        return [groups[i] for i in draw.permutation(len(groups))]

    def _divide(self, rows: NDArray[np.int64]) -> Group:
        own = rows[self.rank :: self.world]  # neighbours in length go to different processes
        count = max(1, min(self.accumulate, len(rows) // self.world))
        idle = len(own) == 0
        shares = tuple(np.array_split(rows[:1] if idle else own, count))
        return Group(shares, float(self.weights[rows].sum()), idle=frozenset({0} if idle else ()))


def in_order_of_length(lengths: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    """Every example once, longest first, `size` at a time: for evaluation and prediction."""
    order = np.argsort(-lengths, kind="stable")
    for start in range(0, len(order), size):
        yield order[start : start + size]
