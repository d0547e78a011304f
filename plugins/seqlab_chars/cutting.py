"""Where pieces and windows of encoded texts lie; nothing of the texts is copied."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seqlab import Examples


def in_pieces(texts: Examples, length: int, *, stateful: bool) -> Examples:
    """Characters of `length` steps one after the other; a text's last one may be shorter.

    Args:
        texts: Whole texts, with a target a step.
        length: Of a piece.
        stateful: Whether what a model remembers of one piece can be stateful to the next.
    """
    counts = -(-texts.lengths // length)
    begins = np.cumsum(counts) - counts  # each text's first piece
    starts = np.arange(counts.sum())  # in place: there are millions in a long text
    starts -= np.repeat(begins, counts)
    starts *= length
    lengths = np.repeat(texts.lengths, counts)
    lengths -= starts
    starts += np.repeat(texts.starts, counts)
    return replace(
        texts,
        starts=starts,
        lengths=np.minimum(lengths, length, out=lengths),
        rows=np.repeat(texts.rows, counts),
        chunk_length=None,
        unit="window",
        stateful=stateful,
    )


def in_windows(texts: Examples, length: int, stride: int) -> Examples:
    """Overlapping windows of `length` steps, with the target of the last step only.

    A text with fewer steps is one window.

    Args:
        texts: Whole texts, with a target a step.
        length: Of a window.
        stride: From one window's start to the next one's.
    """
    sizes = np.minimum(length, texts.lengths)
    counts = (texts.lengths - sizes) // stride + 1
    begins = np.cumsum(counts) - counts
    within = stride * (np.arange(counts.sum()) - np.repeat(begins, counts))
    starts, lengths = np.repeat(texts.starts, counts) + within, np.repeat(sizes, counts)
    return replace(
        texts,
        starts=starts,
        lengths=lengths,
        chunk_length=None,
        targets=texts.targets[starts + lengths - 1],
        per="sequence",
        rows=np.repeat(texts.rows, counts),
        unit="window",
    )
