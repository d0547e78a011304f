"""Words and punctuation marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Annotated, Any, Literal, Self

from seqlab import Ragged, Range, Text, UserError, Vocabulary
from seqlab_tokenizers.flat import end_to_end

WORDS = r"\w+(?:['’]\w+)*|[^\w\s]"
"""Runs of letters and digits, inner apostrophes included; each other mark alone. Unicode-aware."""

MARKUP = re.compile(r"<br\s*/?>", re.IGNORECASE)


class WordTokenizer:
    """Words and punctuation marks, the frequent ones with an id each.

    Args:
        max_size: Ids at most, the unknown one included; none for no limit.
        min_count: Words seen less often in training are unknown.
        lowercase: Whether case is dropped.
        pattern: Regular expression of one word.
        markup: What becomes of HTML line breaks: a space, or kept as they are.
        unknown: What becomes of other words: an id of their own, an error, or left out.
    """

    def __init__(
        self,
        max_size: Annotated[int, Range(2)] | None = 30_000,
        min_count: Annotated[int, Range(1)] = 2,
        lowercase: bool = True,
        pattern: str = WORDS,
        markup: Literal["space", "keep"] = "space",
        unknown: Literal["id", "error", "drop"] = "id",
    ) -> None:
        self.max_size, self.min_count = max_size, min_count
        self.lowercase, self.pattern, self.markup = lowercase, pattern, markup
        self.vocabulary = Vocabulary([], unknown)
        try:
            self._find = re.compile(pattern).findall
        except re.error as error:
            raise UserError(
                f"not a regular expression: {error}",
                location="tokenizer.pattern",
                remedy=f"its default is {WORDS!r}",
            ) from None

    @property
    def size(self) -> int:
        """How many ids there are."""
        return len(self.vocabulary)

    @property
    def unknown(self) -> int | None:
        """The id of unknown words, where there is one."""
        return self.vocabulary.unknown

    def fit(self, texts: Iterable[Text]) -> None:
        """Learn the words of the training split."""
        words = chain.from_iterable(map(self.split, texts))
        self.vocabulary = Vocabulary.of(
            words,
            max_size=self.max_size,
            min_count=self.min_count,
            unknown=self.vocabulary.policy,
        )

    def split(self, text: Text) -> list[str]:
        """The words of a text; one that is split already keeps its words."""
        if not isinstance(text, str):
            return [str(word).lower() if self.lowercase else str(word) for word in text]
        if self.markup == "space":
            text = MARKUP.sub(" ", text)
        words: list[str] = self._find(text.lower() if self.lowercase else text)
        return words

    def encode(self, texts: Iterable[Text]) -> Ragged:
        """The ids of each text's words."""
        return end_to_end(self.vocabulary.encode(self.split(text)) for text in texts)

    def decode(self, ids: Sequence[int]) -> str:
        """The words with a space between."""
        return " ".join(self.vocabulary.decode(ids))

    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs."""
        options = {name: getattr(self, name) for name in ("max_size", "min_count", "lowercase")}
        options |= {"pattern": self.pattern, "markup": self.markup}
        return {"options": options, "vocabulary": self.vocabulary.to_json()}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """The tokenizer that `to_json` described."""
        made = cls(**state["options"])
        made.vocabulary = Vocabulary.from_json(state["vocabulary"])
        return made
