"""Texts that are read piece by piece with what a model remembers carried along, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.bucket import StepBatch

_AT_ONCE = 1 << 20
"""Chunks that are drawn for at a time."""


class TruncatedBPTTSampler:
    """Groups of pieces, of which each goes on where its lane's piece before ended.

    All texts end to end are a ring. In each epoch the texts are put in another order, the ring is
    opened at another step and cut into pieces from there; each lane reads as many of them, one
    after the other. Every step is read once. A lane starts with an empty state, as each text
    does. A piece that is shorter than the others ends a text, so that its state is not needed.

    Where the pieces lie depends on the seed and the epoch only, so that a position is two numbers.

    Args:
        examples: Whole texts and the length of a `piece`; or pieces in order, which are joined and
            cut anew.
        lanes: How many are read side by side, over all processes.
        reset: Share of pieces that start from an empty state for no other reason.
        gradient_accumulation_steps: Into how many micro-batches a process divides its lanes.
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
        gradient_accumulation_steps: int = 1,
        seed: int = 0,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.length = examples.chunk_length or int(examples.lengths.max())
        self.texts = examples.joined()
        self.lanes, self.reset, self.gradient_accumulation_steps = (
            lanes,
            reset,
            gradient_accumulation_steps,
        )
        self.seed, self.rank, self.world = seed, rank, world
        self.start_epoch(0)

    def __len__(self) -> int:
        """Groups of this epoch; another place to open the ring can make it one more or less."""
        return -(-self.ring.count // self.lanes)

    def __iter__(self) -> Iterator[StepBatch]:
        """The rest of this epoch, from where the sampler stands."""
        while self.position < len(self):
            self.position += 1
            yield self._group(self.position - 1)

    def steps(self, epochs: int) -> int:
        """Groups of the first so many epochs."""
        counts = (self._open(self._draw(epoch)).count for epoch in range(epochs))
        return sum(-(-count // self.lanes) for count in counts)

    def start_epoch(self, epoch: int) -> None:
        """Stand at the beginning of an epoch."""
        self.epoch, self.position = epoch, 0
        draw = self._draw(epoch)
        self.ring = self._open(draw)
        total = self.ring.count
        count = min(self.lanes, total)
        self.sizes = total // count + (np.arange(count) < total % count)
        self.firsts = np.cumsum(self.sizes) - self.sizes  # (lanes,), the longer lanes first
        self.fresh = self._fresh(draw, total)
        self.fresh[self.firsts] = True

    def state_dict(self) -> dict[str, int]:
        """Where the sampler stands."""
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Stand where `state_dict` was taken."""
        self.start_epoch(state["epoch"])
        self.position = state["position"]

    def _draw(self, epoch: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, epoch])

    def _fresh(self, draw: np.random.Generator, total: int) -> NDArray[np.bool_]:
        """Which pieces start from an empty state."""
        fresh = np.zeros(total, np.bool_)
        for start in range(0, total if self.reset else 0, _AT_ONCE):
            some = fresh[start : start + _AT_ONCE]
            some[:] = draw.random(len(some)) < self.reset
        fresh[self.ring.begins] = True
        return fresh

    def _open(self, draw: np.random.Generator) -> Ring:
        """The texts from where the ring is opened, one in two."""
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
        rows = self.texts.rows[chosen][real]
        return Ring(
            replace(self.texts, starts=starts[real], lengths=lengths[real], rows=rows), self.length
        )

    def _group(self, position: int) -> StepBatch:
        going = int((self.sizes > position).sum())
        rows = self.firsts[:going] + position
        pieces = self.ring.pieces(rows)  # one a lane
        own = np.arange(self.rank, len(self.sizes), self.world)
        count = max(1, min(self.gradient_accumulation_steps, len(self.sizes) // self.world))
        blocks = [lanes[lanes < going] for lanes in (own[c::count] for c in range(count))]
        shares = tuple(block if len(block) else np.zeros(1, np.int64) for block in blocks)
        return StepBatch(
            shares,
            float(pieces.weights.sum()),
            shares,
            tuple(self.fresh[rows[share]] for share in shares),
            frozenset(place for place, block in enumerate(blocks) if not len(block)),
            pieces,
        )


class Ring:
    """Texts one after the other; the pieces of each are made when they are read.

    Args:
        texts: In the order of reading.
        length: Steps of a piece; a text's last one may be shorter.
    """

    def __init__(self, texts: Examples, length: int) -> None:
        self.texts, self.length = texts, length
        counts = -(-texts.lengths // length)
        self.begins = np.cumsum(counts) - counts  # each text's first piece
        self.count = int(counts.sum())

    def pieces(self, chosen: NDArray[np.int64]) -> Examples:
        """Some of the pieces, by their numbers."""
        text = np.searchsorted(self.begins, chosen, side="right") - 1
        within = self.length * (chosen - self.begins[text])
        return replace(
            self.texts,
            starts=self.texts.starts[text] + within,
            lengths=np.minimum(self.length, self.texts.lengths[text] - within),
            rows=self.texts.rows[text],
            chunk_length=None,
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
