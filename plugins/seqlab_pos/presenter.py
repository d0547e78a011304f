"""Tagged sentences as a person types and reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab import Presenter, find_words, softmax
from seqlab_pos.lexicon import Lexicon
from seqlab_pos.rows import split_words, tokens_of


class TagPresenter(Presenter):
    """Words with the tag of each.

    Args:
        labels: The tags in the order of their ids.
        lexicon: The words of the training split.
    """

    def __init__(self, labels: Sequence[str], lexicon: Lexicon) -> None:
        self.labels, self.lexicon = list(labels), lexicon

    def parse(self, line: str) -> dict[str, object]:
        """Split a sentence into words.

        Punctuation at the ends of a word becomes words, unless training has the word as it is. A
        no-break space separates words, unless training has a word with it.
        """
        chunks = split_words(line)
        return {"words": [word for chunk in chunks for word in self._words(chunk)]}

    def present(
        self, row: Mapping[str, Any], outputs: NDArray[Any], predictions: NDArray[np.int64]
    ) -> dict[str, object]:
        """The row with its words, the tag of each word, and the probability of each tag."""
        words = tokens_of(row["words"])
        tags = [int(tag) for tag in predictions][: len(words)]
        steps = zip(softmax(outputs), tags, strict=False)  # (T, O) probabilities
        return {
            **row,
            "words": words,
            "predicted": [self.labels[tag] for tag in tags],
            "scores": [float(probabilities[tag]) for probabilities, tag in steps],
        }

    def _words(self, chunk: str) -> Iterator[str]:
        """The words between two spaces; other white space separates those of an unknown word."""
        if chunk in self.lexicon:
            yield chunk
        else:
            for part in _OTHER_SPACE.split(chunk):
                yield from self._split(part)

    def _split(self, chunk: str) -> Iterator[str]:
        if chunk in self.lexicon:
            yield chunk
            return
        pieces = find_words(chunk)  # each punctuation mark and symbol is one of them
        has_letters = [any(c.isalnum() or c == "_" for c in piece) for piece in pieces]
        if not any(has_letters):
            yield from pieces
            return
        start, stop = has_letters.index(True), len(pieces) - has_letters[::-1].index(True)
        before, after = pieces[:start], pieces[stop:]
        word = chunk[sum(map(len, before)) : len(chunk) - sum(map(len, after))]
        yield from before
        yield from [word] if word in self.lexicon else word.split()
        yield from after


_OTHER_SPACE = re.compile(r"[^\S\u00a0\u2007\u202f]+|\u200b")
"""White space that a word cannot have: all but no-break spaces."""
