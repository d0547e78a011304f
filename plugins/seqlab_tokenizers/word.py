"""Word tokenizer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Annotated, Any, Literal, Self

from seqlab import (
    NormalForm,
    Ragged,
    Range,
    Text,
    UserError,
    Vocabulary,
    find_words,
    is_segmented,
    lowercase,
    normalize,
)
from seqlab_tokenizers.ragged import to_ragged

FORMAT = 2
"""Number of the format of a saved tokenizer."""

SAMPLE = 1000
"""Number of texts that show whether spaces separate words."""

LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


class WordTokenizer:
    """Words and punctuation marks, with one id per frequent word.

    Args:
        max_size: Maximum number of ids, including the unknown token; none for no limit.
        min_count: Words that occur less often in the training split are unknown.
        lowercase: Whether to convert text to lower case.
        pattern: Regular expression that matches one word; none for the word boundaries of Unicode,
            by which each character is a word in scripts without spaces such as Chinese.
        normalize: Unicode normal form of texts: "NFC" composes letters and accents, "NFKC" replaces
            ligatures and fullwidth letters, too; both leave out invisible characters such as soft
            hyphens. "none" changes nothing.
        markup: How to treat HTML line breaks: replace them by a space, or keep them.
        unknown: How to encode unknown words: as the id of the unknown token, raise an error, or
            drop them.
    """

    def __init__(
        self,
        max_size: Annotated[int, Range(2)] | None = 30_000,
        min_count: Annotated[int, Range(1)] = 2,
        lowercase: bool = True,
        pattern: str | None = None,
        normalize: NormalForm = "NFC",
        markup: Literal["space", "keep"] = "space",
        unknown: Literal["id", "error", "drop"] = "id",
    ) -> None:
        self.max_size, self.min_count = max_size, min_count
        self.lowercase, self.pattern, self.markup = lowercase, pattern, markup
        self.normalize: NormalForm = normalize
        self.vocabulary = Vocabulary([], unknown)
        self._find = None if pattern is None else _compile(pattern).findall
        self._format = FORMAT
        self._segmented = False

    @property
    def size(self) -> int:
        """Number of ids."""
        return len(self.vocabulary)

    @property
    def unknown(self) -> int | None:
        """Id of the unknown token, if there is one."""
        return self.vocabulary.unknown

    @property
    def needs_spaces(self) -> bool:
        """Whether no word is found in scripts without spaces, only characters."""
        return self.pattern is None and not self._segmented

    def fit(self, texts: Iterable[Text]) -> None:
        """Learn the vocabulary of the training split.

        If spaces separate most words in a script that needs none, such as Chinese, they are words.
        """
        texts = iter(texts)
        first = list(islice(texts, SAMPLE))
        self._segmented = is_segmented(text for text in first if isinstance(text, str))
        texts = chain(first, texts)
        self.vocabulary = Vocabulary.of(
            chain.from_iterable(map(self.tokenize, texts)),
            max_size=self.max_size,
            min_count=self.min_count,
            unknown=self.vocabulary.policy,
        )

    def tokenize(self, text: Text) -> list[str]:
        """Split a text into words; the words of a list are kept as they are."""
        if not isinstance(text, str):
            return [self._lowered(normalize(str(word), self.normalize)) for word in text]
        if self.markup == "space":
            text = LINE_BREAK.sub(" ", text)
        text = normalize(text, self.normalize)
        if self._find is None:
            return find_words(text, lower=self.lowercase, segmented=self._segmented)
        words: list[str] = self._find(self._lowered(text))
        return words

    def encode(self, texts: Iterable[Text]) -> Ragged:
        """Ids of the words of each text.

        Raises:
            UserError: A word is unknown, and `unknown` is "error".
        """
        return to_ragged(self.vocabulary.encode(self.tokenize(text)) for text in texts)

    def decode(self, ids: Sequence[int]) -> str:
        """Words separated by spaces."""
        return " ".join(self.vocabulary.decode(ids))

    def to_json(self) -> dict[str, object]:
        """State that `from_json` restores."""
        names = ["max_size", "min_count", "lowercase", "pattern", "markup"]
        names += ["normalize"] * (self._format == FORMAT)
        options = {name: getattr(self, name) for name in names}
        state: dict[str, object] = {"options": options, "vocabulary": self.vocabulary.to_json()}
        if self._format == 1:
            return state
        return {**state, "segmented": self._segmented, "format": FORMAT}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """Restore the tokenizer from the result of `to_json`.

        A state without a format is of a version that did not normalize texts.
        """
        tokenizer = cls(**{"normalize": "none", **state["options"]})
        tokenizer._format = state.get("format", 1)
        tokenizer._segmented = state.get("segmented", False)
        tokenizer.vocabulary = Vocabulary.from_json(state["vocabulary"])
        return tokenizer

    def _lowered(self, text: str) -> str:
        if not self.lowercase:
            return text
        return lowercase(text) if self._format == FORMAT else text.lower()


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UserError(
            f"not a regular expression: {error}",
            location="tokenizer.pattern",
            remedy=r"leave it out for the default, or write one such as -o 'tokenizer.pattern=\S+'",
        ) from None
