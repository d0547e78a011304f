import tracemalloc

import numpy as np

from seqlab.data.checking.encoded import find_encoded
from seqlab.data.encoding.examples import Examples
from seqlab.data.split import Split

STEPS = 40_000_000


def test_targets_are_not_copied_as_a_whole() -> None:
    """They are one byte each on disk, and may be far more than memory holds."""
    targets = np.zeros(STEPS, np.uint8)
    targets[::1000] = 1
    examples = Examples(
        {"ids": targets},
        np.zeros(1, np.int64),
        np.full(1, STEPS),
        targets,
        per="step",
        rows=np.zeros(1, np.int64),
        chunk_length=100,
        known_classes=2,
    )
    split = Split("train", {"text": ["a"]}, "text.txt")
    tracemalloc.start()
    findings = list(
        find_encoded({"train": split}, {"train": examples}, ["a", "b"], None, ordered=True)
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * STEPS
    (finding,) = findings
    assert "40,000 of 40,000,000 'b'" in finding.cause
    assert finding.location == "text.txt, train"
