"""Characters."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from seqlab import Ragged, Range, Text, UserError, Vocabulary

CODE_POINTS = sys.maxunicode + 1
SURROGATES = slice(0xD800, 0xE000)
"""Code points that are no characters and that no file can hold."""

BLOCK = 1 << 20
"""Characters that are looked up at a time."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class CharTokenizer:
    """Every character of a text, spaces and line ends included; ids in the order of Unicode.

    Args:
        lowercase: Whether case is dropped.
        max_size: Ids at most, the unknown one included; none for no limit.
        min_count: Characters seen less often in training are unknown.
        unknown: What becomes of other characters: an id of their own, an error, or left out.
        symbols: The characters in the order of their ids, instead of training's own.
    """

    def __init__(
        self,
        lowercase: bool = False,
        max_size: Annotated[int, Range(2)] | None = None,
        min_count: Annotated[int, Range(1)] = 1,
        unknown: Literal["id", "error", "drop"] = "id",
        symbols: str | None = None,
    ) -> None:
        self.lowercase, self.max_size, self.min_count = lowercase, max_size, min_count
        self.symbols = symbols
        self._take(Vocabulary(symbols or "", unknown))

    @property
    def size(self) -> int:
        """How many ids there are."""
        return len(self.vocabulary)

    @property
    def unknown(self) -> int | None:
        """The id of unknown characters, where there is one."""
        return self.vocabulary.unknown

    @property
    def cut_at(self) -> Literal["anywhere", "lines"]:
        """Where a long text may be cut; a small sigma looks at its neighbours."""
        return "lines" if self.lowercase else "anywhere"

    def fit(self, texts: Iterable[Text]) -> None:
        """Learn the characters of the training split: the most frequent ones, if not all fit."""
        if self.symbols is not None:
            return
        counts = np.zeros(CODE_POINTS, np.int64)
        for block in _blocks(map(self._read, texts), []):
            found = np.bincount(_code_points(block))
            counts[: len(found)] += found
        counts[SURROGATES] = 0
        kept = np.flatnonzero(counts >= self.min_count)
        if self.max_size is not None:
            limit = self.max_size - (self.vocabulary.policy == "id")
            kept = np.sort(kept[np.argsort(-counts[kept], kind="stable")[:limit]])
        self._take(Vocabulary([chr(point) for point in kept], self.vocabulary.policy))

    def split(self, text: Text) -> list[str]:
        """The characters of a text."""
        return list(self._read(text))

    def encode(self, texts: Iterable[Text]) -> Ragged:
        """The ids of each text's characters.

        Raises:
            UserError: An unknown character, where that is an error.
        """
        sizes: list[int] = []
        parts = [self._look_up(block) for block in _blocks(map(self._read, texts), sizes)]
        values = np.concatenate([np.empty(0, np.int32), *parts])
        lengths = np.array(sizes, np.int64)
        if self.vocabulary.policy == "drop":
            known = values >= 0
            owners = np.repeat(np.arange(len(lengths)), lengths)
            lengths = np.bincount(owners[known], minlength=len(lengths))
            values = values[known]
        return Ragged(values, lengths)

    def decode(self, ids: Sequence[int]) -> str:
        """The characters without anything between; an unknown one is U+FFFD."""
        symbols = [*self.vocabulary.symbols, REPLACEMENT]
        return "".join(symbols[place] for place in ids)

    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs."""
        names = ("lowercase", "max_size", "min_count", "symbols")
        options = {name: getattr(self, name) for name in names}
        return {"options": options, "vocabulary": self.vocabulary.to_json()}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """The tokenizer that `to_json` described."""
        made = cls(**state["options"])
        made._take(Vocabulary.from_json(state["vocabulary"]))
        return made

    def _take(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        other = -1 if vocabulary.unknown is None else vocabulary.unknown
        self._table = np.full(CODE_POINTS, other, np.int32)  # a code point's id
        self._table[_code_points("".join(vocabulary.symbols))] = np.arange(len(vocabulary.symbols))

    def _look_up(self, block: str) -> NDArray[np.int32]:
        ids: NDArray[np.int32] = self._table[_code_points(block)]
        if self.vocabulary.policy == "error" and len(ids) and ids.min() < 0:
            self.vocabulary.encode(block[int(ids.argmin())])  # raises, and names the character
        return ids

    def _read(self, text: Text) -> str:
        """The text itself; one that is split already must be split into characters."""
        if not isinstance(text, str):
            symbols = list(map(str, text))
            if longer := next((symbol for symbol in symbols if len(symbol) != 1), None):
                raise UserError(
                    f"symbol {longer!r} is not one character",
                    location="--tokenizer char",
                    remedy="--tokenizer word takes lists of any symbols",
                )
            text = "".join(symbols)
        return text.lower() if self.lowercase else text


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))


def _blocks(texts: Iterable[str], sizes: list[int]) -> Iterator[str]:
    """The texts end to end, about `BLOCK` characters at a time; notes how long each text is."""
    waiting: list[str] = []
    room = BLOCK
    for text in texts:
        sizes.append(len(text))
        for start in range(0, len(text), BLOCK):
            piece = text[start : start + BLOCK]
            waiting.append(piece)
            room -= len(piece)
            if room <= 0:
                yield "".join(waiting)
                waiting, room = [], BLOCK
    if waiting:
        yield "".join(waiting)
