"""Truncated back-propagation through time: chunks of texts, with state carried between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.bucket import StepBatch
from seqlab.types import Booleans, Integers

_BLOCK = 1 << 20
"""Chunks for which random numbers are drawn at a time, to limit memory."""


class TruncatedBPTTSampler:
    """Step batches of chunks for truncated back-propagation through time (TBPTT).

    The texts are cut into chunks of `length` steps, which form parallel streams. Row s of each
    step batch continues where row s of the one before ended, so that the model's state can be
    carried on while gradients stop at the end of a chunk. Every step is read once per epoch. State
    is reset at the beginning of each stream and of each text.

    In each epoch the texts are shuffled and joined to a ring, which is opened at a random step, so
    that a long text is not cut at the same steps again. The chunks depend only on the seed and the
    epoch, so that the state of the sampler is two numbers.

    Args:
        examples: Whole texts with a `chunk_length`; or chunks in order, which are joined and cut
            again.
        streams: Number of parallel streams, over all processes.
        reset: Probability that state is also reset before any other chunk.
        gradient_accumulation_steps: Number of micro-batches per step and process.
        seed: Seed of order, cuts and resets.
        rank: Index of this process.
        world: Number of processes.
    """

    def __init__(
        self,
        examples: Examples,
        *,
        streams: int,
        reset: float = 0.0,
        gradient_accumulation_steps: int = 1,
        seed: int = 0,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.length = examples.chunk_length or int(examples.lengths.max())
        self.texts = examples.joined()
        self.streams, self.reset = streams, reset
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.seed, self.rank, self.world = seed, rank, world
        self.start_epoch(0)

    def __len__(self) -> int:
        """Number of step batches of this epoch; it can differ by one between epochs."""
        return -(-self.ring.count // self.streams)

    def __iter__(self) -> Iterator[StepBatch]:
        """Yield the rest of this epoch, from the current position on."""
        while self.position < len(self):
            self.position += 1
            yield self._step_batch(self.position - 1)

    def steps(self, epochs: int) -> int:
        """Number of step batches of the first epochs."""
        counts = (self._open_ring(self._generator(epoch)).count for epoch in range(epochs))
        return sum(-(-count // self.streams) for count in counts)

    def start_epoch(self, epoch: int) -> None:
        """Move to the beginning of an epoch."""
        self.epoch, self.position = epoch, 0
        generator = self._generator(epoch)
        self.ring = self._open_ring(generator)
        # Each stream reads a contiguous run of chunks. Their number is rarely a multiple of the
        # number of streams, and no chunk is dropped: the first streams read one chunk more. As the
        # longer ones come first, the rows of the last step batch are streams 0, 1, …, as before.
        count = min(self.streams, self.ring.count)
        base, remainder = divmod(self.ring.count, count)
        self.stream_lengths = base + (np.arange(count) < remainder)  # (streams,) in chunks
        self.first_chunks = np.cumsum(self.stream_lengths) - self.stream_lengths  # (streams,)
        self.reset_mask = self._draw_resets(generator)  # (chunks,)
        self.reset_mask[self.first_chunks] = True

    def state_dict(self) -> dict[str, int]:
        """The epoch and the position in it."""
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Move to the position of a `state_dict`."""
        self.start_epoch(state["epoch"])
        self.position = state["position"]

    def _generator(self, epoch: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, epoch])

    def _draw_resets(self, generator: np.random.Generator) -> Booleans:
        """(chunks,) which chunks start from the initial state."""
        resets = np.zeros(self.ring.count, np.bool_)
        for start in range(0, len(resets) if self.reset else 0, _BLOCK):
            block = resets[start : start + _BLOCK]
            block[:] = generator.random(len(block)) < self.reset
        # Only the last chunk of a text is shorter than the others, and the next one begins a text:
        # a state that was computed over padding is never carried on.
        resets[self.ring.first_chunks] = True
        return resets

    def _open_ring(self, generator: np.random.Generator) -> Ring:
        """Shuffle the texts and join them to a ring, opened at a random step.

        Chunks are cut from the beginning of each text. Were every text read from its beginning, it
        would be cut at the same steps in each epoch: gradients would never cross these steps, and a
        single long text would always be divided into the same streams. Therefore the text at the
        opening is cut from there, and all streams begin elsewhere. The steps before the opening are
        not skipped: in a ring they are read last.
        """
        order = generator.permutation(len(self.texts))
        ends = np.cumsum(self.texts.lengths[order])
        opening = int(generator.integers(ends[-1]))
        opened = int(np.searchsorted(ends, opening, side="right"))  # index of the opened text
        # The opened text is read in two parts, both of which are texts to the ring: its tail comes
        # first and its head last. No chunk may span the two, because they do not follow each other.
        texts = np.append(np.roll(order, -opened), order[opened])
        starts, lengths = self.texts.starts[texts], self.texts.lengths[texts]
        head = opening - int(ends[opened] - lengths[0])  # number of steps before the opening
        starts[0] += head
        lengths[0] -= head
        lengths[-1] = head
        is_real = lengths > 0  # there is no head if the ring is opened at the start of a text
        rows = self.texts.rows[texts][is_real]
        return Ring(
            replace(self.texts, starts=starts[is_real], lengths=lengths[is_real], rows=rows),
            self.length,
        )

    def _step_batch(self, position: int) -> StepBatch:
        active = int((self.stream_lengths > position).sum())  # streams 0 … active − 1
        indices = self.first_chunks[:active] + position
        chunks = self.ring.chunks(indices)  # one per active stream
        # A stream stays in the same process and micro-batch for the whole epoch, so that its state
        # does, too.
        share = np.arange(self.rank, len(self.stream_lengths), self.world)
        count = max(
            1, min(self.gradient_accumulation_steps, len(self.stream_lengths) // self.world)
        )
        blocks = [block[block < active] for block in (share[i::count] for i in range(count))]
        # a micro-batch whose streams have ended is idle, with stream 0 in their place
        streams = tuple(block if len(block) else np.zeros(1, np.int64) for block in blocks)
        return StepBatch(
            micro_batches=streams,  # since `chunks` has one chunk per stream
            weight=float(chunks.weights.sum()),
            streams=streams,
            reset=tuple(self.reset_mask[indices[block]] for block in streams),
            idle=frozenset(index for index, block in enumerate(blocks) if not len(block)),
            examples=chunks,
        )


class Ring:
    """Texts in the order of reading; their chunks are computed when they are read.

    Args:
        texts: The texts, from the opening of the ring on.
        length: Number of steps of a chunk; the last chunk of a text may be shorter.
    """

    def __init__(self, texts: Examples, length: int) -> None:
        self.texts, self.length = texts, length
        counts = -(-texts.lengths // length)
        self.first_chunks = np.cumsum(counts) - counts  # (texts,) index of each text's first chunk
        self.count = int(counts.sum())

    def chunks(self, indices: Integers) -> Examples:
        """Some of the chunks, by their indices."""
        texts = np.searchsorted(self.first_chunks, indices, side="right") - 1
        offsets = self.length * (indices - self.first_chunks[texts])  # in steps, in the text
        return replace(
            self.texts,
            starts=self.texts.starts[texts] + offsets,
            lengths=np.minimum(self.length, self.texts.lengths[texts] - offsets),
            rows=self.texts.rows[texts],
            chunk_length=None,
        )


def in_order_of_texts(examples: Examples, size: int) -> Iterator[tuple[Integers, Booleans]]:
    """Every chunk once, `size` texts in parallel from start to end, the longest texts first.

    Yields:
        The indices (B,) of the chunks, and the mask (B,) of those that start from the initial
        state: all of them or none.
    """
    first_chunks = np.flatnonzero(examples.is_first)
    counts = np.diff(first_chunks, append=len(examples))
    order = np.argsort(-counts, kind="stable")
    for start in range(0, len(order), size):
        texts = order[start : start + size]
        for step in range(int(counts[texts[0]])):
            indices = first_chunks[texts[counts[texts] > step]] + step
            yield indices, np.full(len(indices), step == 0)
