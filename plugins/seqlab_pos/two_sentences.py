"""The two sentences that the PyTorch tutorial on tagging memorises."""

from __future__ import annotations

from collections.abc import Mapping

from seqlab import DataSource, Split

SENTENCES = (
    ("The dog ate the apple", "DET NN V DET NN"),
    ("Everybody read that book", "NN V DET NN"),
)


class TwoSentences(DataSource):
    """Two tagged sentences: "The dog ate the apple" and "Everybody read that book".

    All splits hold the same two sentences. A result shows that a model can learn, not that it
    generalises.
    """

    def fingerprint(self) -> str:
        """The rows never change."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """Create three splits of the same two rows."""
        columns = {
            "words": [words.split() for words, _ in SENTENCES],
            "tags": [tags.split() for _, tags in SENTENCES],
        }
        names = ("train", "validation", "test")
        return {name: Split(name, columns, "two-sentences") for name in names}
