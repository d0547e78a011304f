"""Encoded data: flat arrays, and where each example lies in them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab.data.encoding.mapped import AT_ONCE, release
from seqlab.spec import UNSEEN


@dataclass(frozen=True)
class CharacterTable:
    """A stream of symbols made of pieces: each distinct symbol is stored once.

    Args:
        index: (N,) which symbol each step holds.
        pieces: (P,) the pieces of all symbols, end to end.
        offsets: (S + 1,) where each symbol's pieces begin; every symbol has at least one.
    """

    index: NDArray[Any]
    pieces: NDArray[Any]
    offsets: NDArray[np.int64]


Stream: TypeAlias = NDArray[Any] | CharacterTable


@dataclass(frozen=True)
class Examples:
    """What batches are made of: E examples over flat arrays of N steps.

    Examples may overlap (windows) or follow each other (pieces of one text).

    Args:
        inputs: (N, …) each stream's steps, end to end.
        starts: (E,) where each example begins.
        lengths: (E,) how many steps it has, ≥ 1.
        targets: (N, …) beside the steps, or (E, …) one an example.
        per: Which of the two.
        rows: (E,) which row of the split each example comes from.
        unit: What an interval counts as one: "text", "sentence", "window".
        metadata: What metrics and baselines read and no model sees, beside the targets: (N,) or
            (E,) integers each.
        target_offset: (E, …) what targets and scores are counted from, where these are changes and
            metrics are about values; None for 0.
        stateful: They are pieces that follow each other in a text: what a model remembers of one
            can be carried to the next. All pieces of a text but its last are of one length.
        chunk_length: They are whole texts, to be cut into pieces of so many steps while they are read.
        known_classes: Target ids from here on are of symbols that training never had: `UNSEEN`.
    """

    inputs: Mapping[str, Stream]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    targets: NDArray[Any]
    per: Literal["step", "sequence"]
    rows: NDArray[np.int64]
    unit: str = "text"
    metadata: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    target_offset: NDArray[Any] | None = None
    stateful: bool = False
    chunk_length: int | None = None
    known_classes: int | None = None

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def weights(self) -> NDArray[np.int64]:
        """(E,) number of targets of each example."""
        return self.lengths if self.per == "step" else np.ones(len(self), np.int64)

    @property
    def begins(self) -> NDArray[np.bool_]:
        """(E,) which examples do not go on where the one before ended."""
        found = np.ones(len(self), np.bool_)
        ends = self.starts + self.lengths
        found[1:] = (self.starts[1:] != ends[:-1]) | (self.rows[1:] != self.rows[:-1])
        return found

    def unseen(self, targets: NDArray[Any]) -> NDArray[np.bool_]:
        """Which of some targets are classes that training never had."""
        if self.known_classes is None:
            return np.asarray(targets == UNSEEN)
        return np.asarray(targets >= self.known_classes)

    @property
    def count(self) -> int:
        """How many examples are read: texts, or the pieces that they are cut into."""
        if self.chunk_length is None:
            return len(self)
        return int((-(-self.lengths // self.chunk_length)).sum())

    def joined(self) -> Examples:
        """Chunks that follow each other as one example, with targets a step: the whole texts."""
        first = np.flatnonzero(self.begins)
        lengths = np.add.reduceat(self.lengths, first)
        return replace(self, starts=self.starts[first], lengths=lengths, rows=self.rows[first])

    def select(self, examples: NDArray[np.int64]) -> Examples:
        """Some of the examples, over the same flat arrays."""
        beside = slice(None) if self.per == "step" else examples
        return replace(
            self,
            starts=self.starts[examples],
            lengths=self.lengths[examples],
            targets=self.targets[beside],
            rows=self.rows[examples],
            metadata={name: mark[beside] for name, mark in self.metadata.items()},
            target_offset=None if self.target_offset is None else self.target_offset[examples],
        )

    def fingerprint(self) -> str:
        """A hash of all that a model can see."""
        seen = hashlib.sha256()
        for name in sorted(self.inputs):
            stream = self.inputs[name]
            arrays = (
                (stream.index, stream.pieces, stream.offsets)
                if isinstance(stream, CharacterTable)
                else (stream,)
            )
            for array in arrays:
                _absorb(seen, name, array)
        for name in ("starts", "lengths", "targets"):
            _absorb(seen, name, getattr(self, name))
        seen.update(f"{self.chunk_length} {self.known_classes}".encode())
        return seen.hexdigest()[:16]


def _absorb(seen: Any, name: str, array: NDArray[Any]) -> None:
    seen.update(f"{name} {array.dtype} {array.shape}".encode())
    passed = 0
    for start in range(0, len(array), 65_536):  # overlapping windows are never copied whole
        some = np.ascontiguousarray(array[start : start + 65_536])
        seen.update(some.data)
        passed += some.nbytes
        if passed >= AT_ONCE:
            release(array)
            passed = 0
