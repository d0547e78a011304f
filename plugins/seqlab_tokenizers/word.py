"""Word tokenizer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Annotated, Any, Literal, Self

from seqlab import Ragged, Range, Text, UserError, Vocabulary
from seqlab_tokenizers.ragged import to_ragged

WORD_PATTERN = r"\w+(?:['’]\w+)*|[^\w\s]"
"""Runs of letters and digits with inner apostrophes, or single other marks. Unicode-aware."""

LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


class WordTokenizer:
    """Words and punctuation marks, with one id per frequent word.

    Args:
        max_size: Maximum number of ids, including the unknown token; none for no limit.
        min_count: Words that occur less often in the training split are unknown.
        lowercase: Whether to convert text to lower case.
        pattern: Regular expression that matches one word.
        markup: How to treat HTML line breaks: replace them by a space, or keep them.
        unknown: How to encode unknown words: as the id of the unknown token, raise an error, or
            drop them.
    """

    def __init__(
        self,
        max_size: Annotated[int, Range(2)] | None = 30_000,
        min_count: Annotated[int, Range(1)] = 2,
        lowercase: bool = True,
        pattern: str = WORD_PATTERN,
        markup: Literal["space", "keep"] = "space",
        unknown: Literal["id", "error", "drop"] = "id",
    ) -> None:
        self.max_size, self.min_count = max_size, min_count
        self.lowercase, self.pattern, self.markup = lowercase, pattern, markup
        self.vocabulary = Vocabulary([], unknown)
        try:
            self._find_words = re.compile(pattern).findall
        except re.error as error:
            raise UserError(
                f"not a regular expression: {error}",
                location="tokenizer.pattern",
                remedy=f"the default is {WORD_PATTERN!r}",
            ) from None

    @property
    def size(self) -> int:
        """Number of ids."""
        return len(self.vocabulary)

    @property
    def unknown(self) -> int | None:
        """Id of the unknown token, if there is one."""
        return self.vocabulary.unknown

    def fit(self, texts: Iterable[Text]) -> None:
        """Learn the vocabulary of the training split."""
        self.vocabulary = Vocabulary.of(
            chain.from_iterable(map(self.tokenize, texts)),
            max_size=self.max_size,
            min_count=self.min_count,
            unknown=self.vocabulary.policy,
        )

    def tokenize(self, text: Text) -> list[str]:
        """Split a text into words; the words of a list are kept as they are."""
        if not isinstance(text, str):
            return [str(word).lower() if self.lowercase else str(word) for word in text]
        if self.markup == "space":
            text = LINE_BREAK.sub(" ", text)
        words: list[str] = self._find_words(text.lower() if self.lowercase else text)
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
        names = ("max_size", "min_count", "lowercase", "pattern", "markup")
        options = {name: getattr(self, name) for name in names}
        return {"options": options, "vocabulary": self.vocabulary.to_json()}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """Restore the tokenizer from the result of `to_json`."""
        tokenizer = cls(**state["options"])
        tokenizer.vocabulary = Vocabulary.from_json(state["vocabulary"])
        return tokenizer
