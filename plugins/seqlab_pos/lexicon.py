"""Which words training has, and how often with each tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Lexicon:
    """The words of the training split as they are written, with the counts of their tags.

    Args:
        counts: Word → tag → how often.
    """

    def __init__(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        self.counts = counts
        self._places = {word: place for place, word in enumerate(counts)}

    @classmethod
    def of(cls, words: Iterable[str], tags: Iterable[str]) -> Lexicon:
        """The lexicon of tagged words."""
        counts: dict[str, Counter[str]] = {}
        for word, tag in zip(words, tags, strict=True):
            counts.setdefault(word, Counter())[tag] += 1
        return cls(counts)

    def __contains__(self, word: object) -> bool:
        return word in self._places

    def words(self) -> Counter[str]:
        """How often each word occurs."""
        return Counter({word: sum(tags.values()) for word, tags in self.counts.items()})

    def tags(self) -> Counter[str]:
        """How often each tag occurs."""
        total: Counter[str] = Counter()
        for tags in self.counts.values():
            total.update(tags)
        return total

    def encode(self, words: Sequence[str]) -> NDArray[np.int32]:
        """(N,) each word's place, −1 for words that training has not."""
        return np.fromiter((self._places.get(word, -1) for word in words), np.int32, len(words))

    def shares(self, places: NDArray[np.int32], tags: Sequence[str]) -> NDArray[np.float32]:
        """The share of each tag among a word's occurrences, never 0.

        One occurrence is added to each word, divided like the tags of all words. So the most
        frequent tag stays the most frequent, the more frequent one overall decides a draw, and
        words that training has not have the shares of all words.

        Args:
            places: (N,) from `encode`.
            tags: Those of the training split, in the order of the columns.

        Returns:
            (N, O)
        """
        column = {tag: place for place, tag in enumerate(tags)}
        used, index = np.unique(places, return_inverse=True)
        total = self.tags()
        overall = np.array([total[tag] / total.total() for tag in tags], np.float32)
        table = np.tile(overall, (len(used), 1))  # (U, O)
        words = list(self.counts)
        for row, place in zip(table, used, strict=True):
            if place >= 0:
                for tag, count in self.counts[words[place]].items():
                    row[column[tag]] += count
        table /= table.sum(1, keepdims=True)
        found: NDArray[np.float32] = table[index]
        return found

    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs."""
        return {word: dict(tags) for word, tags in self.counts.items()}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Lexicon:
        """The lexicon that `to_json` described."""
        return cls(state)
