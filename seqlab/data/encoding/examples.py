"""Encoded data: flat arrays, and the position of each example in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from seqlab.data.encoding.mapped import MAX_RESIDENT, release
from seqlab.spec import NO_TARGET, UNSEEN
from seqlab.types import Array, Booleans, Integers


@dataclass(frozen=True)
class CharacterTable:
    """A stream of tokens as characters; each distinct token is stored once.

    Args:
        index: (N,) which token each step holds.
        characters: (P,) the character ids of all distinct tokens, concatenated.
        offsets: (S + 1,) where the characters of each token begin; every token has at least one.
    """

    index: Array
    characters: Array
    offsets: Integers


Stream: TypeAlias = Array | CharacterTable


@dataclass(frozen=True)
class Examples:
    """What batches are made of: E examples over flat arrays of N steps.

    Examples may overlap (windows) or follow each other (chunks of one text).

    Args:
        inputs: (N, …) the steps of each stream, concatenated.
        starts: (E,) the first step of each example.
        lengths: (E,) number of steps of each example, ≥ 1.
        targets: (N, …) one per step, or (E, …) one per example; `NO_TARGET` where there is none.
        per: Which of the two.
        rows: (E,) the row of the split that each example comes from.
        unit: What counts as one observation in a confidence interval: "text", "sentence",
            "window".
        metadata: Read by metrics and baselines, never by the model: arrays of (N,) or (E,)
            integers, like the targets.
        target_offset: (E, …) the value that targets and outputs are relative to, where these are
            differences and metrics are computed on values; None for 0.
        stateful: The examples are chunks that follow each other in a text: the state of a model
            can be carried from one to the next. All chunks of a text except its last have the
            same length.
        chunk_length: The examples are whole texts, to be cut into chunks of this many steps while
            they are read.
        known_classes: Target ids from this one on are tokens that do not occur in the training
            split: `UNSEEN`.
    """

    inputs: Mapping[str, Stream]
    starts: Integers
    lengths: Integers
    targets: Array
    per: Literal["step", "sequence"]
    rows: Integers
    unit: str = "text"
    metadata: Mapping[str, Array] = field(default_factory=dict)
    target_offset: Array | None = None
    stateful: bool = False
    chunk_length: int | None = None
    known_classes: int | None = None

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def weights(self) -> Integers:
        """(E,) number of targets of each example."""
        if not self.has_gaps:
            return self.lengths if self.per == "step" else np.ones(len(self), np.int64)
        if self.per == "sequence":
            return np.asarray(self.targets != NO_TARGET, np.int64)
        offsets = np.cumsum(self.lengths) - self.lengths  # (E,)
        steps = np.arange(int(self.lengths.sum())) + np.repeat(self.starts - offsets, self.lengths)
        counts: Integers = np.add.reduceat((self.targets[steps] != NO_TARGET) * 1, offsets)
        return counts

    @property
    def has_gaps(self) -> bool:
        """Whether steps or sequences may lack a target: `NO_TARGET`."""
        is_signed = np.issubdtype(self.targets.dtype, np.signedinteger)
        # tokens of a text, of which there may be more than fit into memory, are all targets
        return is_signed and self.known_classes is None and bool((self.targets == NO_TARGET).any())

    @property
    def is_first(self) -> Booleans:
        """(E,) which examples do not continue the one before, such as the first chunk of a text."""
        mask = np.ones(len(self), np.bool_)
        ends = self.starts + self.lengths
        mask[1:] = (self.starts[1:] != ends[:-1]) | (self.rows[1:] != self.rows[:-1])
        return mask

    def unseen(self, targets: Array) -> Booleans:
        """A mask of the targets whose class does not occur in the training split."""
        if self.known_classes is None:
            return np.asarray(targets == UNSEEN)
        return np.asarray(targets >= self.known_classes)

    @property
    def count(self) -> int:
        """Number of examples that are read: texts, or the chunks that they are cut into."""
        if self.chunk_length is None:
            return len(self)
        return int((-(-self.lengths // self.chunk_length)).sum())

    def joined(self) -> Examples:
        """Join chunks that follow each other into whole texts; targets must be per step."""
        first = np.flatnonzero(self.is_first)
        lengths = np.add.reduceat(self.lengths, first)
        return replace(self, starts=self.starts[first], lengths=lengths, rows=self.rows[first])

    def select(self, examples: Integers) -> Examples:
        """Select some of the examples, over the same flat arrays."""
        selected = slice(None) if self.per == "step" else examples
        return replace(
            self,
            starts=self.starts[examples],
            lengths=self.lengths[examples],
            targets=self.targets[selected],
            rows=self.rows[examples],
            metadata={name: values[selected] for name, values in self.metadata.items()},
            target_offset=None if self.target_offset is None else self.target_offset[examples],
        )

    def fingerprint(self) -> str:
        """A hash of everything that a model can see."""
        digest = hashlib.sha256()
        for name in sorted(self.inputs):
            stream = self.inputs[name]
            arrays = (
                (stream.index, stream.characters, stream.offsets)
                if isinstance(stream, CharacterTable)
                else (stream,)
            )
            for array in arrays:
                for block in _blocks(name, array):
                    digest.update(block)
        for name in ("starts", "lengths", "targets"):
            for block in _blocks(name, getattr(self, name)):
                digest.update(block)
        digest.update(f"{self.chunk_length} {self.known_classes}".encode())
        return digest.hexdigest()[:16]


def _blocks(name: str, array: Array) -> Iterator[bytes | memoryview]:
    """Name, type, shape and content of an array."""
    yield f"{name} {array.dtype} {array.shape}".encode()
    resident = 0
    for start in range(0, len(array), 65_536):  # overlapping windows are never copied as a whole
        block = np.ascontiguousarray(array[start : start + 65_536])
        yield block.data
        resident += block.nbytes
        if resident >= MAX_RESIDENT:
            release(array)
            resident = 0
