"""The input streams of words: the word itself, its affixes and its characters."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab import Characters, CharacterTable, Ids, Vocabulary, lowercase
from seqlab import normalize as normal_form

InputKind: TypeAlias = Literal["affixes", "characters", "both", "words"]

MAX_AFFIX = 4
"""Characters of the longest affix."""

MAX_CHARACTERS = 32
"""Characters of a word that a model reads; longer words keep their beginning and their end."""

_MAX_SHAPE = 8
_MIN_COUNT = 2
"""Affixes and characters of fewer training words do not generalise to other words."""

FORMAT = 2
"""Number of the format of saved inputs."""

Field: TypeAlias = Ids | Characters
Lower: TypeAlias = Callable[[str], str]
Stream: TypeAlias = NDArray[np.int32] | CharacterTable


class WordInputs:
    """Encodes words as input streams, with the vocabularies of the training split.

    Words are brought to Unicode normal form C first, except in inputs of format 1, which a version
    without normal forms saved.

    Args:
        words: Vocabulary of the words after `normalize`.
        affixes: Vocabulary of the `features` of words; None if they are not an input.
        characters: Vocabulary of characters; None if they are not an input.
        lowercase: Whether words are lowercased; affixes and characters keep their case.
        format: Number of the format.
    """

    def __init__(
        self,
        words: Vocabulary,
        affixes: Vocabulary | None,
        characters: Vocabulary | None,
        *,
        lowercase: bool,
        format: int = FORMAT,  # noqa: A002 — the key of the saved state
    ) -> None:
        self.words, self.affixes, self.characters = words, affixes, characters
        self.lowercase, self.format = lowercase, format

    @classmethod
    def of(
        cls, counts: Counter[str], kind: InputKind, *, lowercase: bool, min_count: int
    ) -> WordInputs:
        """Build the vocabularies from word counts, most frequent words first."""
        spellings: Counter[str] = Counter()
        for word, count in counts.items():
            spellings[normal_form(word)] += count
        words: Counter[str] = Counter()
        for word, count in spellings.items():
            words[normalize(word, lowercase)] += count
        frequent = [word for word, count in words.most_common() if count >= min_count]
        affixes = characters = None
        if kind in ("affixes", "both"):
            all_features = chain.from_iterable(map(features, spellings))
            affixes = Vocabulary.of(all_features, min_count=_MIN_COUNT, unknown="drop")
        if kind in ("characters", "both"):
            all_characters = chain.from_iterable(set(_truncate(word)) for word in spellings)
            characters = Vocabulary.of(sorted(all_characters), min_count=_MIN_COUNT)
        return cls(Vocabulary(frequent), affixes, characters, lowercase=lowercase)

    @property
    def fields(self) -> dict[str, Field]:
        """The streams that a model reads, by name."""
        fields: dict[str, Field] = {"words": Ids(len(self.words), unknown=self.words.unknown)}
        if self.affixes is not None:
            fields["affixes"] = Ids(max(len(self.affixes), 1), many=True)
        if self.characters is not None:
            fields["characters"] = Characters(len(self.characters))
        return fields

    def encode(self, words: Sequence[str]) -> dict[str, Stream]:
        """Encode N words; each distinct word is processed once.

        Returns:
            `words` (N,), `affixes` (N, K) padded with −1, `characters` as a table.
        """
        indices: dict[str, int] = {}
        index = np.fromiter((indices.setdefault(w, len(indices)) for w in words), np.int32)  # (N,)
        is_first_format = self.format == 1
        distinct = list(indices) if is_first_format else list(map(normal_form, indices))
        lower = str.lower if is_first_format else lowercase
        ids = self.words.encode(normalize(word, self.lowercase, lower) for word in distinct)
        streams: dict[str, Stream] = {"words": np.array(ids, np.int32)[index]}
        if self.affixes is not None:
            streams["affixes"] = _affix_table(distinct, self.affixes, lower)[index]
        if self.characters is not None:
            streams["characters"] = _character_table(distinct, self.characters, index)
        return streams

    def to_json(self) -> dict[str, object]:
        """Everything that `from_json` needs."""
        optional = {"affixes": self.affixes, "characters": self.characters}
        return {
            **({} if self.format == 1 else {"format": self.format}),
            "lowercase": self.lowercase,
            "words": self.words.to_json(),
            **{
                name: vocabulary.to_json()
                for name, vocabulary in optional.items()
                if vocabulary is not None
            },
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> WordInputs:
        """Restore the inputs from the result of `to_json`."""
        affixes, characters = (
            Vocabulary.from_json(state[name]) if name in state else None
            for name in ("affixes", "characters")
        )
        words = Vocabulary.from_json(state["words"])
        version = state.get("format", 1)
        return cls(words, affixes, characters, lowercase=state["lowercase"], format=version)


def normalize(word: str, is_lower: bool, lower: Lower = lowercase) -> str:
    """Replace each digit by 0, and lowercase the word if required."""
    return re.sub(r"\d", "0", lower(word) if is_lower else word)


def features(word: str, lower: Lower = lowercase) -> Iterator[str]:
    """Features that a word may share with other words.

    These are its prefixes and suffixes of 1 to 4 characters, its shape (`McDonald's` is
    `XxXx'x`), and one feature that combines case, hyphen, digits and length. Combining marks count
    in affixes, such as the vowel signs that are endings in Hindi, but neither in shape nor length.

    Args:
        word: The word.
        lower: Converts to lower case; `str.lower` leaves combining marks in shape and length, as in
            inputs of format 1.
    """
    small = normalize(word, True, lower)
    for size in range(1, min(MAX_AFFIX, len(small)) + 1):
        yield f"…{small[-size:]}"
        yield f"{small[:size]}…"
    if lower is lowercase and not word.isascii():
        word = "".join(c for c in word if not unicodedata.category(c).startswith("M"))
    yield "shape " + "".join(kind for kind, _ in groupby(map(_kind, word)))[:_MAX_SHAPE]
    yield f"case {_case(word)} {'-' in word:d}{any(map(str.isdigit, word)):d} {min(len(word), 9)}"


def _kind(character: str) -> str:
    if character.isdigit():
        return "d"
    if character.isupper():
        return "X"
    return "x" if character.isalpha() else character


def _case(word: str) -> str:
    if word.islower():
        return "lower"
    if word.isupper():
        return "upper" if len(word) > 1 else "capital"
    return "capital" if word[:1].isupper() else "other"


def _truncate(word: str) -> str:
    half = MAX_CHARACTERS // 2
    return word if len(word) <= MAX_CHARACTERS else word[:half] + word[-half:]


def _affix_table(words: Sequence[str], affixes: Vocabulary, lower: Lower) -> NDArray[np.int32]:
    """(U, K) ids of the features of each word, padded with −1."""
    table = np.full((len(words), 2 * MAX_AFFIX + 2), -1, np.int32)
    for row, word in zip(table, words, strict=True):
        ids = affixes.encode(features(word, lower))
        row[: len(ids)] = ids
    return table


def _character_table(
    words: Sequence[str], vocabulary: Vocabulary, index: NDArray[np.int32]
) -> CharacterTable:
    """The characters of each distinct word; a word without characters has one unknown character."""
    ids = [vocabulary.encode(_truncate(word)) or [len(vocabulary) - 1] for word in words]
    offsets = np.concatenate([[0], np.cumsum([len(word) for word in ids])])
    characters = np.fromiter(chain.from_iterable(ids), np.int32, int(offsets[-1]))
    return CharacterTable(index, characters, offsets.astype(np.int64))
