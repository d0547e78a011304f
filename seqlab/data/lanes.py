"""Texts that are read piece by piece with what a model remembers carried along, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seqlab.data.examples import Examples
from seqlab.data.sampler import Group


class LaneSampler:
    """Groups of pieces, of which each goes on where its lane's piece before ended.

    All texts end to end are a ring. In each epoch the texts are put in another order, the ring is
    opened at another step and cut into pieces from there; each lane reads as many of them, one
    after the other. Every step is read once. A lane starts with an empty state, as each text
    does. A piece that is shorter than the others ends a text, so that its state is not needed.

    Where the pieces lie depends on the seed and the epoch only, so that a position is two numbers.

    Args:
        examples: Pieces as long as those to be read, in order; they are joined and cut anew.
        lanes: How many are read side by side, over all processes.
        reset: Share of pieces that start from an empty state for no other reason.
        accumulate: Into how many micro-batches a process divides its lanes.
        seed: Of order, cuts and resets.
        rank: This process.
        world: How many processes.
    """

    def __init__(
        self,
        examples: Examples,
        *,
        lanes: int,
        reset: float = 0.0,
        accumulate: int = 1,
        seed: int = 0,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.length = int(examples.lengths.max())
        self.texts = examples.joined()
        self.lanes, self.reset, self.accumulate = lanes, reset, accumulate
        self.seed, self.rank, self.world = seed, rank, world
        self.start_epoch(0)

    def __len__(self) -> int:
        """Groups of this epoch; another place to open the ring can make it one more or less."""
        return self._groups(self.pieces)

    def __iter__(self) -> Iterator[Group]:
        """The rest of this epoch, from where the sampler stands."""
        while self.position < len(self):
            self.position += 1
            yield self._group(self.position - 1)

    def steps(self, epochs: int) -> int:
        """Groups of the first so many epochs."""
        return sum(self._groups(self._cut(epoch)[0]) for epoch in range(epochs))

    def start_epoch(self, epoch: int) -> None:
        """Stand at the beginning of an epoch."""
        self.epoch, self.position = epoch, 0
        self.pieces, self.fresh = self._cut(epoch)
        count = min(self.lanes, len(self.pieces))
        self.sizes = len(self.pieces) // count + (np.arange(count) < len(self.pieces) % count)
        self.firsts = np.cumsum(self.sizes) - self.sizes  # (lanes,), the longer lanes first
        self.fresh[self.firsts] = True

    def state_dict(self) -> dict[str, int]:
        """Where the sampler stands."""
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Stand where `state_dict` was taken."""
        self.start_epoch(state["epoch"])
        self.position = state["position"]

    def _groups(self, pieces: Examples) -> int:
        return -(-len(pieces) // self.lanes)

    def _cut(self, epoch: int) -> tuple[Examples, NDArray[np.bool_]]:
        """The pieces in the order of reading, and which start from an empty state."""
        draw = np.random.default_rng([self.seed, epoch])
        starts, lengths, rows = self._opened(draw)
        counts = -(-lengths // self.length)
        begins = np.cumsum(counts) - counts  # each text's first piece
        within = self.length * (np.arange(counts.sum()) - np.repeat(begins, counts))
        pieces = replace(
            self.texts,
            starts=np.repeat(starts, counts) + within,
            lengths=np.minimum(self.length, np.repeat(lengths, counts) - within),
            rows=np.repeat(rows, counts),
        )
        fresh = draw.random(len(pieces)) < self.reset
        fresh[begins] = True
        return pieces, fresh

    def _opened(
        self, draw: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Starts, lengths and rows of the texts from where the ring is opened, one in two."""
        order = draw.permutation(len(self.texts))
        ends = np.cumsum(self.texts.lengths[order])
        step = int(draw.integers(ends[-1]))
        place = int(np.searchsorted(ends, step, side="right"))
        chosen = np.append(np.roll(order, -place), order[place])
        starts, lengths = self.texts.starts[chosen], self.texts.lengths[chosen]
        inside = step - int(ends[place] - lengths[0])
        starts[0] += inside
        lengths[0] -= inside
        lengths[-1] = inside
        real = lengths > 0
        return starts[real], lengths[real], self.texts.rows[chosen][real]

    def _group(self, position: int) -> Group:
        going = int((self.sizes > position).sum())
        rows = self.firsts[:going] + position
        own = np.arange(self.rank, len(self.sizes), self.world)
        count = max(1, min(self.accumulate, len(self.sizes) // self.world))
        blocks = [lanes[lanes < going] for lanes in (own[c::count] for c in range(count))]
        chosen = tuple(lanes if len(lanes) else np.zeros(1, np.int64) for lanes in blocks)
        shares = tuple(rows[lanes] for lanes in chosen)
        return Group(
            shares,
            float(self.pieces.weights[rows].sum()),
            chosen,
            tuple(self.fresh[share] for share in shares),
            frozenset(place for place, lanes in enumerate(blocks) if not len(lanes)),
            self.pieces,
        )


def in_order_of_texts(
    examples: Examples, size: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Every piece once, `size` texts side by side from start to end, the longest texts first.

    Yields:
        The pieces (B,), and which of them start from an empty state: all or none.
    """
    firsts = np.flatnonzero(examples.begins)
    counts = np.diff(firsts, append=len(examples))
    order = np.argsort(-counts, kind="stable")
    for start in range(0, len(order), size):
        texts = order[start : start + size]
        for step in range(int(counts[texts[0]])):
            chosen = firsts[texts[counts[texts] > step]] + step
            yield chosen, np.full(len(chosen), step == 0)
