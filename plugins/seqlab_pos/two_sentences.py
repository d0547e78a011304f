"""The two sentences that the PyTorch tutorial on tagging learns by heart."""

from __future__ import annotations

from collections.abc import Mapping

from seqlab import DataSource, Split

SENTENCES = (
    ("The dog ate the apple", "DET NN V DET NN"),
    ("Everybody read that book", "NN V DET NN"),
)


class TwoSentences(DataSource):
    """A tutorial's two: "The dog ate the apple" and "Everybody read that book", with their tags.

    All three splits are the same two: this shows that a model can learn, not that it has learned
    more than these.
    """

    def fingerprint(self) -> str:
        """The options say it all."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """Both sentences, as each split."""
        columns = {
            "words": [words.split() for words, _ in SENTENCES],
            "tags": [tags.split() for _, tags in SENTENCES],
        }
        names = ("train", "validation", "test")
        return {name: Split(name, columns, "two-sentences") for name in names}
