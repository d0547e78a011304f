"""Tokens ↔ ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, TypedDict

from seqlab.errors import UserError

UnknownPolicy = Literal["id", "error", "drop"]
UNKNOWN = "<unk>"


class VocabularyState(TypedDict):
    """A vocabulary as JSON."""

    tokens: list[str]
    unknown: UnknownPolicy


class Vocabulary:
    """A list of distinct tokens; the id of a token is its index.

    Args:
        tokens: In the order of their ids, without the unknown token.
        unknown: What to do with tokens outside the vocabulary: give all of them one additional id
            (the last one), raise an error, or drop them.

    Raises:
        UserError: A token occurs more than once.
    """

    def __init__(self, tokens: Sequence[str], unknown: UnknownPolicy = "id") -> None:
        self.tokens = list(tokens)
        self.policy: UnknownPolicy = unknown
        self._ids = {token: index for index, token in enumerate(self.tokens)}
        if len(self._ids) != len(self.tokens):
            duplicate = next(token for token, n in Counter(self.tokens).items() if n > 1)
            raise UserError(
                f"token {duplicate!r} occurs twice in the vocabulary",
                location="tokenizer.characters",
                remedy="give each token once",
            )

    @classmethod
    def of(
        cls,
        tokens: Iterable[str],
        *,
        max_size: int | None = None,
        min_count: int = 1,
        unknown: UnknownPolicy = "id",
    ) -> Vocabulary:
        """Build a vocabulary of the most frequent tokens, ties in order of first appearance.

        Args:
            tokens: All tokens of the training split.
            max_size: Maximum number of ids, including the unknown one.
            min_count: Tokens that occur less often are unknown.
            unknown: As in `Vocabulary`.
        """
        counts = Counter(tokens)
        limit = None if max_size is None else max(max_size - (unknown == "id"), 0)
        frequent = [token for token, n in counts.most_common(limit) if n >= min_count]
        return cls(frequent, unknown)

    def __len__(self) -> int:
        """Number of ids, including the unknown one."""
        return len(self.tokens) + (self.policy == "id")

    @property
    def unknown(self) -> int | None:
        """The id of unknown tokens; None where they have no id."""
        return len(self.tokens) if self.policy == "id" else None

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Convert tokens to ids.

        Raises:
            UserError: A token is unknown and the policy is "error".
        """
        ids, unknown = self._ids, self.unknown
        if unknown is not None:
            return [ids.get(token, unknown) for token in tokens]
        if self.policy == "drop":
            return [ids[token] for token in tokens if token in ids]
        try:
            return [ids[token] for token in tokens]
        except KeyError as error:
            raise UserError(
                f"token {error.args[0]!r} is not in the vocabulary",
                location="tokenizer.unknown",
                remedy="-o tokenizer.unknown=id gives unknown tokens an id",
            ) from None

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Convert ids to tokens."""
        return [self.tokens[i] if i < len(self.tokens) else UNKNOWN for i in ids]

    def to_json(self) -> VocabularyState:
        """Everything that `from_json` needs."""
        return {"tokens": self.tokens, "unknown": self.policy}

    @classmethod
    def from_json(cls, state: VocabularyState) -> Vocabulary:
        """Restore the vocabulary from the result of `to_json`."""
        return cls(state["tokens"], state["unknown"])
