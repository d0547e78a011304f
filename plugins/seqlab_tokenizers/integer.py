"""Integers as symbols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Annotated, Any, Literal, Self

from seqlab import Ragged, Range, Text, UserError, Vocabulary
from seqlab_tokenizers.flat import end_to_end


class IntegerTokenizer:
    """Integers with spaces or commas between, or in a list; ids in the order of the numbers.

    Args:
        max_size: Ids at most, the unknown one included; none for no limit.
        min_count: Integers seen less often in training are unknown.
        unknown: What becomes of other integers: an id of their own, an error, or left out.
        below: The integers from 0 up to this one, without it, instead of training's own.
    """

    def __init__(
        self,
        max_size: Annotated[int, Range(2)] | None = None,
        min_count: Annotated[int, Range(1)] = 1,
        unknown: Literal["id", "error", "drop"] = "id",
        below: Annotated[int, Range(1)] | None = None,
    ) -> None:
        self.max_size, self.min_count, self.below = max_size, min_count, below
        self.vocabulary = Vocabulary([str(number) for number in range(below or 0)], unknown)

    @property
    def size(self) -> int:
        """How many ids there are."""
        return len(self.vocabulary)

    @property
    def unknown(self) -> int | None:
        """The id of unknown integers, where there is one."""
        return self.vocabulary.unknown

    def fit(self, texts: Iterable[Text]) -> None:
        """Learn the integers of the training split."""
        if self.below is not None:
            return
        frequent = Vocabulary.of(
            chain.from_iterable(map(self.split, texts)),
            max_size=self.max_size,
            min_count=self.min_count,
            unknown=self.vocabulary.policy,
        )
        self.vocabulary = Vocabulary(sorted(frequent.symbols, key=int), frequent.policy)

    def split(self, text: Text) -> list[str]:
        """The integers of a text, without signs and zeros that say nothing.

        Raises:
            UserError: Something else stands there.
        """
        symbols = text.replace(",", " ").split() if isinstance(text, str) else text
        return [_canonical(symbol) for symbol in symbols]

    def encode(self, texts: Iterable[Text]) -> Ragged:
        """The ids of each text's integers."""
        return end_to_end(self.vocabulary.encode(self.split(text)) for text in texts)

    def decode(self, ids: Sequence[int]) -> str:
        """The integers with a space between."""
        return " ".join(self.vocabulary.decode(ids))

    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs."""
        options = {name: getattr(self, name) for name in ("max_size", "min_count", "below")}
        return {"options": options, "vocabulary": self.vocabulary.to_json()}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """The tokenizer that `to_json` described."""
        made = cls(**state["options"])
        made.vocabulary = Vocabulary.from_json(state["vocabulary"])
        return made


def _canonical(symbol: object) -> str:
    try:
        return str(int(str(symbol)))  # through text, so that 1.5 is no integer
    except ValueError:
        raise UserError(
            f"{symbol!r} is no integer",
            location="--tokenizer integer",
            remedy="give integers with spaces or commas between; --tokenizer word takes others",
        ) from None
