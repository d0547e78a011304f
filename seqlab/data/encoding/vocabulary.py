"""Symbols ↔ ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from seqlab.errors import UserError

UnknownPolicy = Literal["id", "error", "drop"]
UNKNOWN = "<unk>"


class Vocabulary:
    """A list of symbols; a symbol's id is its place.

    Args:
        symbols: In the order of their ids, without the unknown one.
        unknown: What becomes of other symbols: one further id (the last), an error, or they
            are left out.
    """

    def __init__(self, symbols: Sequence[str], unknown: UnknownPolicy = "id") -> None:
        self.symbols = list(symbols)
        self.policy: UnknownPolicy = unknown
        self._ids = {symbol: place for place, symbol in enumerate(self.symbols)}
        if len(self._ids) != len(self.symbols):
            twice = next(s for s, n in Counter(self.symbols).items() if n > 1)
            raise UserError(
                f"symbol {twice!r} stands twice in the vocabulary",
                location="tokenizer.symbols",
                remedy="give each symbol once",
            )

    @classmethod
    def of(
        cls,
        symbols: Iterable[str],
        *,
        max_size: int | None = None,
        min_count: int = 1,
        unknown: UnknownPolicy = "id",
    ) -> Vocabulary:
        """The most frequent symbols, ties in order of first appearance.

        Args:
            symbols: All symbols of the training split.
            max_size: Ids at most, the unknown one included.
            min_count: Symbols seen less often are unknown.
            unknown: As in `Vocabulary`.
        """
        counts = Counter(symbols)
        limit = None if max_size is None else max(max_size - (unknown == "id"), 0)
        kept = [symbol for symbol, n in counts.most_common(limit) if n >= min_count]
        return cls(kept, unknown)

    def __len__(self) -> int:
        """Ids, the unknown one included."""
        return len(self.symbols) + (self.policy == "id")

    @property
    def unknown(self) -> int | None:
        """The id of unknown symbols, where there is one."""
        return len(self.symbols) if self.policy == "id" else None

    def encode(self, symbols: Iterable[str]) -> list[int]:
        """Ids of symbols.

        Raises:
            UserError: An unknown symbol, where that is an error.
        """
        ids, unknown = self._ids, self.unknown
        if unknown is not None:
            return [ids.get(symbol, unknown) for symbol in symbols]
        if self.policy == "drop":
            return [ids[symbol] for symbol in symbols if symbol in ids]
        try:
            return [ids[symbol] for symbol in symbols]
        except KeyError as error:
            raise UserError(
                f"symbol {error.args[0]!r} is not in the vocabulary",
                location="tokenizer.unknown",
                remedy="-o tokenizer.unknown=id gives unknown symbols an id of their own",
            ) from None

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Symbols of ids."""
        return [self.symbols[i] if i < len(self.symbols) else UNKNOWN for i in ids]

    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs."""
        return {"symbols": self.symbols, "unknown": self.policy}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Vocabulary:
        """The vocabulary that `to_json` described."""
        return cls(state["symbols"], state["unknown"])
