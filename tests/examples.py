"""Small encoded data for tests."""

import numpy as np

from seqlab.data.encoding.examples import Examples


def random_examples(
    count: int = 24, *, vocabulary: int = 11, classes: int = 3, longest: int = 9, seed: int = 0
) -> Examples:
    """Sequences of unequal length, a class each: the first symbol's, so that it can be learned."""
    draw = np.random.default_rng(seed)
    lengths = draw.integers(1, longest + 1, count)
    ids = draw.integers(0, vocabulary, int(lengths.sum())).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return Examples(
        inputs={"text": ids},
        starts=starts,
        lengths=lengths,
        targets=ids[starts].astype(np.int64) % classes,
        per="sequence",
        rows=np.arange(count),
    )
