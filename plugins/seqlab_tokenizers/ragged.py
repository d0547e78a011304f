"""Concatenation of id sequences in one pass."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np

from seqlab import Ragged


def to_ragged(sequences: Iterable[Iterable[int]]) -> Ragged:
    """Concatenate sequences of ids to (N,) int32; at most one sequence is held as a list."""
    values, lengths = array("i"), array("q")
    for ids in sequences:
        previous = len(values)
        values.extend(ids)
        lengths.append(len(values) - previous)
    return Ragged(np.asarray(values, np.int32), np.asarray(lengths, np.int64))
