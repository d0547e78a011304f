"""Chunks and windows of encoded texts, as offsets; the texts are not copied."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seqlab import Examples


def in_chunks(texts: Examples, length: int, *, stateful: bool) -> Examples:
    """Consecutive chunks of `length` steps; the last chunk of a text may be shorter.

    Args:
        texts: Whole texts, with one target per step.
        length: Number of steps per chunk.
        stateful: Whether a model may carry its state from one chunk to the next.
    """
    counts = -(-texts.lengths // length)
    first_chunks = np.cumsum(counts) - counts  # (E,) index of each text's first chunk
    starts = np.arange(counts.sum())  # modified in place: a long text has millions of chunks
    starts -= np.repeat(first_chunks, counts)
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
    """Overlapping windows of `length` steps, each with the target of its last step.

    A text that is shorter than a window becomes one window.

    Args:
        texts: Whole texts, with one target per step.
        length: Number of steps per window.
        stride: Distance between the starts of two successive windows.
    """
    sizes = np.minimum(length, texts.lengths)
    counts = (texts.lengths - sizes) // stride + 1
    first_windows = np.cumsum(counts) - counts  # (E,) index of each text's first window
    offsets = stride * (np.arange(counts.sum()) - np.repeat(first_windows, counts))
    starts, lengths = np.repeat(texts.starts, counts) + offsets, np.repeat(sizes, counts)
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
