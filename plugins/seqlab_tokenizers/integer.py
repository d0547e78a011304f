"""Integer tokenizer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Annotated, Any, Literal, Self

from seqlab import Ragged, Range, Text, UserError, Vocabulary
from seqlab_tokenizers.ragged import to_ragged


class IntegerTokenizer:
    """Integers of a list or of a text separated by spaces or commas; ids in numerical order.

    Args:
        max_size: Maximum number of ids, including the unknown token; none for no limit.
        min_count: Integers that occur less often in the training split are unknown.
        unknown: How to encode unknown integers: as the id of the unknown token, raise an error,
            or drop them.
        below: Fixed vocabulary of the integers 0 … below − 1; none to learn it from the training
            split.
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
        """Number of ids."""
        return len(self.vocabulary)

    @property
    def unknown(self) -> int | None:
        """Id of the unknown token, if there is one."""
        return self.vocabulary.unknown

    def fit(self, texts: Iterable[Text]) -> None:
        """Learn the vocabulary of the training split, unless it is fixed."""
        if self.below is not None:
            return
        frequent = Vocabulary.of(
            chain.from_iterable(map(self.tokenize, texts)),
            max_size=self.max_size,
            min_count=self.min_count,
            unknown=self.vocabulary.policy,
        )
        self.vocabulary = Vocabulary(sorted(frequent.tokens, key=int), frequent.policy)

    def tokenize(self, text: Text) -> list[str]:
        """Split a text into integers in canonical form, such as "7" for "+07".

        Raises:
            UserError: A token is not an integer.
        """
        tokens = text.translate(_COMMAS).split() if isinstance(text, str) else text
        return [_canonical(token) for token in tokens]

    def encode(self, texts: Iterable[Text]) -> Ragged:
        """Ids of the integers of each text.

        Raises:
            UserError: A token is not an integer; or it is unknown, and `unknown` is "error".
        """
        return to_ragged(self.vocabulary.encode(self.tokenize(text)) for text in texts)

    def decode(self, ids: Sequence[int]) -> str:
        """Integers separated by spaces."""
        return " ".join(self.vocabulary.decode(ids))

    def to_json(self) -> dict[str, object]:
        """State that `from_json` restores."""
        options = {name: getattr(self, name) for name in ("max_size", "min_count", "below")}
        return {"options": options, "vocabulary": self.vocabulary.to_json()}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """Restore the tokenizer from the result of `to_json`."""
        tokenizer = cls(**state["options"])
        tokenizer.vocabulary = Vocabulary.from_json(state["vocabulary"])
        return tokenizer


_COMMAS = dict.fromkeys(map(ord, ",،，、"), " ")


def _canonical(token: object) -> str:
    try:
        return str(int(str(token)))  # by way of text, because int(1.5) would be 1
    except ValueError:
        raise UserError(
            f"{token!r} is not an integer",
            location="--tokenizer integer",
            remedy="separate integers by spaces or commas; --tokenizer word takes any tokens",
        ) from None
