"""Character tokenizer."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from seqlab import NormalForm, Ragged, Range, Text, UserError, Vocabulary, lowercase, normalize

CODE_POINTS = sys.maxunicode + 1
SURROGATES = slice(0xD800, 0xE000)
"""Code points that are not characters and that no file can contain."""

BLOCK_SIZE = 1 << 20
"""Number of characters that are looked up at a time."""

FORMAT = 2
"""Number of the format of a saved tokenizer."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class CharTokenizer:
    """Characters of a text, including spaces and line ends; ids in Unicode order.

    Args:
        lowercase: Whether to convert text to lower case.
        max_size: Maximum number of ids, including the unknown token; none for no limit.
        min_count: Characters that occur less often in the training split are unknown.
        unknown: How to encode unknown characters: as the id of the unknown token, raise an error,
            or drop them.
        characters: Fixed vocabulary, in the order of the ids; none to learn it from the training
            split.
        normalize: Unicode normal form of texts: "NFC" composes letters and accents, "NFKC" replaces
            ligatures and fullwidth letters, too; both leave out invisible characters such as soft
            hyphens. "none" changes nothing, so that decoding restores a text exactly.
    """

    def __init__(
        self,
        lowercase: bool = False,
        max_size: Annotated[int, Range(2)] | None = None,
        min_count: Annotated[int, Range(1)] = 1,
        unknown: Literal["id", "error", "drop"] = "id",
        characters: str | None = None,
        normalize: NormalForm = "none",
    ) -> None:
        self.lowercase, self.max_size, self.min_count = lowercase, max_size, min_count
        self.characters, self.normalize = characters, normalize
        self._format = FORMAT
        self._set_vocabulary(Vocabulary(characters or "", unknown))

    @property
    def size(self) -> int:
        """Number of ids."""
        return len(self.vocabulary)

    @property
    def unknown(self) -> int | None:
        """Id of the unknown token, if there is one."""
        return self.vocabulary.unknown

    @property
    def cut_at(self) -> Literal["anywhere", "lines"]:
        """Where a long text may be cut: lower case and accents depend on their neighbours."""
        return "lines" if self.lowercase or self.normalize != "none" else "anywhere"

    def fit(self, texts: Iterable[Text]) -> None:
        """Learn the vocabulary of the training split, unless it is fixed.

        If there are more characters than `max_size`, the most frequent ones are kept.
        """
        if self.characters is not None:
            return
        counts = np.zeros(CODE_POINTS, np.int64)
        for block in _blocks(map(self._prepare, texts), []):
            block_counts = np.bincount(_code_points(block))
            counts[: len(block_counts)] += block_counts
        counts[SURROGATES] = 0
        kept = np.flatnonzero(counts >= self.min_count)
        if self.max_size is not None:
            limit = self.max_size - (self.vocabulary.policy == "id")
            kept = np.sort(kept[np.argsort(-counts[kept], kind="stable")[:limit]])
        self._set_vocabulary(Vocabulary([chr(point) for point in kept], self.vocabulary.policy))

    def tokenize(self, text: Text) -> list[str]:
        """Split a text into characters."""
        return list(self._prepare(text))

    def encode(self, texts: Iterable[Text]) -> Ragged:
        """Ids of the characters of each text.

        Raises:
            UserError: A character is unknown, and `unknown` is "error".
        """
        sizes: list[int] = []
        blocks = [self._look_up(block) for block in _blocks(map(self._prepare, texts), sizes)]
        values = np.concatenate([np.empty(0, np.int32), *blocks])
        lengths = np.array(sizes, np.int64)
        if self.vocabulary.policy == "drop":
            known = values >= 0
            text_index = np.repeat(np.arange(len(lengths)), lengths)
            lengths = np.bincount(text_index[known], minlength=len(lengths))
            values = values[known]
        return Ragged(values, lengths)

    def decode(self, ids: Sequence[int]) -> str:
        """Characters without separators; the unknown token becomes U+FFFD."""
        characters = [*self.vocabulary.tokens, REPLACEMENT]
        return "".join(characters[token] for token in ids)

    def to_json(self) -> dict[str, object]:
        """State that `from_json` restores."""
        names = ["lowercase", "max_size", "min_count", "characters"]
        names += ["normalize"] * (self._format == FORMAT)
        options = {name: getattr(self, name) for name in names}
        state: dict[str, object] = {"options": options, "vocabulary": self.vocabulary.to_json()}
        return {**state, "format": FORMAT} if self._format == FORMAT else state

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """Restore the tokenizer from the result of `to_json`.

        A state without a format is of a version in which the lower case of "İ" were two characters.
        """
        tokenizer = cls(**state["options"])
        tokenizer._format = state.get("format", 1)
        tokenizer._set_vocabulary(Vocabulary.from_json(state["vocabulary"]))
        return tokenizer

    def _set_vocabulary(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        default = -1 if vocabulary.unknown is None else vocabulary.unknown
        self._ids = np.full(CODE_POINTS, default, np.int32)  # code point → id
        self._ids[_code_points("".join(vocabulary.tokens))] = np.arange(len(vocabulary.tokens))

    def _look_up(self, block: str) -> NDArray[np.int32]:
        ids: NDArray[np.int32] = self._ids[_code_points(block)]
        if self.vocabulary.policy == "error" and len(ids) and ids.min() < 0:
            # raises an error that names the character
            self.vocabulary.encode(block[int(ids.argmin())])
        return ids

    def _prepare(self, text: Text) -> str:
        """The text in its normal form and case; a list must consist of single characters."""
        if not isinstance(text, str):
            tokens = list(map(str, text))
            if longer := next((token for token in tokens if len(token) != 1), None):
                raise UserError(
                    f"token {longer!r} is not a single character",
                    location="--tokenizer char",
                    remedy="--tokenizer word takes lists of any tokens",
                )
            text = "".join(tokens)
        text = normalize(text, self.normalize)
        if not self.lowercase:
            return text
        return lowercase(text) if self._format == FORMAT else text.lower()


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))


def _blocks(texts: Iterable[str], sizes: list[int]) -> Iterator[str]:
    """Concatenate the texts in blocks of about `BLOCK_SIZE` characters.

    Args:
        texts: The texts.
        sizes: The length of each text is appended to it.
    """
    buffer: list[str] = []
    room = BLOCK_SIZE
    for text in texts:
        sizes.append(len(text))
        for start in range(0, len(text), BLOCK_SIZE):
            chunk = text[start : start + BLOCK_SIZE]
            buffer.append(chunk)
            room -= len(chunk)
            if room <= 0:
                yield "".join(buffer)
                buffer, room = [], BLOCK_SIZE
    if buffer:
        yield "".join(buffer)
