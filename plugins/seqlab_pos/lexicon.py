"""The words of the training split and how often each has which tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seqlab import normalize


class Lexicon:
    """Tag counts of the words of the training split, in normal form C, with their case.

    Args:
        counts: Word → tag → number of occurrences.
    """

    def __init__(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        self.counts = counts
        self._ids = {word: index for index, word in enumerate(counts)}

    @classmethod
    def of(cls, words: Iterable[str], tags: Iterable[str | None]) -> Lexicon:
        """Count tagged words; a word without a tag (None) is known, but counts for no tag."""
        counts: dict[str, Counter[str]] = {}
        for word, tag in zip(map(normalize, words), tags, strict=True):
            tags_of_word = counts.setdefault(word, Counter())
            if tag is not None:
                tags_of_word[tag] += 1
        return cls(counts)

    def __contains__(self, word: str) -> bool:
        return self._id(word) >= 0

    def tags(self) -> Counter[str]:
        """Number of occurrences of each tag."""
        total: Counter[str] = Counter()
        for tags in self.counts.values():
            total.update(tags)
        return total

    def encode(self, words: Sequence[str]) -> NDArray[np.int32]:
        """(N,) index of each word; −1 for words that are not in the training split."""
        return np.fromiter(map(self._id, words), np.int32, len(words))

    def tag_probabilities(
        self, word_ids: NDArray[np.int32], tags: Sequence[str]
    ) -> NDArray[np.float32]:
        """Smoothed relative frequencies of the tags of each word; never 0.

        One occurrence with the tag distribution of all words is added to each word. Therefore the
        most frequent tag of a word stays the most frequent, ties are broken by the overall
        frequency, and words that are not in the training split have the overall distribution.

        Args:
            word_ids: (N,) from `encode`.
            tags: The tags of the training split, in the order of the columns.

        Returns:
            (N, O)
        """
        columns = {tag: column for column, tag in enumerate(tags)}
        distinct, inverse = np.unique(word_ids, return_inverse=True)
        total = self.tags()
        overall = np.array([total[tag] / total.total() for tag in tags], np.float32)
        table = np.tile(overall, (len(distinct), 1))  # (U, O)
        words = list(self.counts)
        for row, word_id in zip(table, distinct, strict=True):
            if word_id >= 0:
                for tag, count in self.counts[words[word_id]].items():
                    row[columns[tag]] += count
        table /= table.sum(1, keepdims=True)
        probabilities: NDArray[np.float32] = table[inverse]
        return probabilities

    def _id(self, word: str) -> int:
        known = self._ids.get(word)
        return self._ids.get(normalize(word), -1) if known is None else known

    def to_json(self) -> dict[str, dict[str, int]]:
        """Everything that `from_json` needs."""
        return {word: dict(tags) for word, tags in self.counts.items()}

    @classmethod
    def from_json(cls, state: Mapping[str, Mapping[str, int]]) -> Lexicon:
        """Restore the lexicon from the result of `to_json`."""
        return cls(state)
