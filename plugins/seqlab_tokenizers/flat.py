"""Ids end to end, made in one pass."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np

from seqlab import Ragged


def end_to_end(sequences: Iterable[Iterable[int]]) -> Ragged:
    """The ids of all sequences as (N,) int32; only one sequence at a time is held as a list."""
    values, lengths = array("i"), array("q")
    for ids in sequences:
        before = len(values)
        values.extend(ids)
        lengths.append(len(values) - before)
    return Ragged(np.asarray(values, np.int32), np.asarray(lengths, np.int64))
