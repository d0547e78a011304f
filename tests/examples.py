"""Small encoded data for tests."""

import numpy as np

from seqlab.data.encoding.examples import Examples


def random_examples(
    count: int = 24, *, vocabulary: int = 11, classes: int = 3, longest: int = 9, seed: int = 0
) -> Examples:
    """Sequences of unequal length, each with the class of its first token, which can be learned."""
    generator = np.random.default_rng(seed)
    lengths = generator.integers(1, longest + 1, count)
    ids = generator.integers(0, vocabulary, int(lengths.sum())).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return Examples(
        inputs={"text": ids},
        starts=starts,
        lengths=lengths,
        targets=ids[starts].astype(np.int64) % classes,
        per="sequence",
        rows=np.arange(count),
    )
