"""What a model sees of a word: the word itself, its affixes, its characters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from seqlab import Characters, CharacterTable, Ids, Vocabulary

InputKind = Literal["affixes", "characters", "both", "words"]

AFFIX = 4
"""Characters of the longest affix."""

LONGEST = 32
"""Characters of a word that are read: of longer ones both ends."""

_SHAPE = 8
_SEEN = 2
"""Affixes and characters of fewer training words say nothing about other words."""

Field = Ids | Characters
Stream = NDArray[Any] | CharacterTable


class WordInputs:
    """The streams of words, with the vocabularies of the training split.

    Args:
        words: Of words, after `normalized`.
        affixes: Of the `features` of words; None where they are no input.
        characters: Of the characters of words; None where they are no input.
        lowercase: Whether the words' case is dropped; affixes and characters keep it.
    """

    def __init__(
        self,
        words: Vocabulary,
        affixes: Vocabulary | None,
        characters: Vocabulary | None,
        *,
        lowercase: bool,
    ) -> None:
        self.words, self.affixes, self.characters = words, affixes, characters
        self.lowercase = lowercase

    @classmethod
    def of(
        cls, counts: Counter[str], kind: InputKind, *, lowercase: bool, min_count: int
    ) -> WordInputs:
        """The vocabularies of words with their counts, most frequent first."""
        words: Counter[str] = Counter()
        for word, count in counts.items():
            words[normalized(word, lowercase)] += count
        kept = [word for word, count in words.most_common() if count >= min_count]
        affixes = characters = None
        if kind in ("affixes", "both"):
            found = chain.from_iterable(map(features, counts))
            affixes = Vocabulary.of(found, min_count=_SEEN, unknown="drop")
        if kind in ("characters", "both"):
            found = chain.from_iterable(set(_ends(word)) for word in counts)
            characters = Vocabulary.of(sorted(found), min_count=_SEEN)
        return cls(Vocabulary(kept), affixes, characters, lowercase=lowercase)

    @property
    def fields(self) -> dict[str, Field]:
        """What a model has to read."""
        fields: dict[str, Field] = {"words": Ids(len(self.words), unknown=self.words.unknown)}
        if self.affixes is not None:
            fields["affixes"] = Ids(max(len(self.affixes), 1), many=True)
        if self.characters is not None:
            fields["characters"] = Characters(len(self.characters))
        return fields

    def encode(self, words: Sequence[str]) -> dict[str, Stream]:
        """The streams of N words: every distinct word is looked at once.

        Returns:
            `words` (N,), `affixes` (N, K) with −1 for none, `characters` as pieces of words.
        """
        places: dict[str, int] = {}
        index = np.fromiter((places.setdefault(w, len(places)) for w in words), np.int32)  # (N,)
        distinct = list(places)
        ids = self.words.encode(normalized(word, self.lowercase) for word in distinct)
        streams: dict[str, Stream] = {"words": np.array(ids, np.int32)[index]}
        if self.affixes is not None:
            streams["affixes"] = _affix_table(distinct, self.affixes)[index]
        if self.characters is not None:
            streams["characters"] = _piece_table(distinct, self.characters, index)
        return streams

    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs."""
        kinds = {"affixes": self.affixes, "characters": self.characters}
        return {
            "lowercase": self.lowercase,
            "words": self.words.to_json(),
            **{name: own.to_json() for name, own in kinds.items() if own is not None},
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> WordInputs:
        """The inputs that `to_json` described."""
        words, affixes, characters = (
            Vocabulary.from_json(state[name]) if name in state else None
            for name in ("words", "affixes", "characters")
        )
        assert words is not None
        return cls(words, affixes, characters, lowercase=state["lowercase"])


def normalized(word: str, lowercase: bool) -> str:
    """The word with every digit a 0, and without case if asked for."""
    return re.sub(r"\d", "0", word.lower() if lowercase else word)


def features(word: str) -> Iterator[str]:
    """What other words may share with this one.

    These are the last and the first 1 to 4 characters, its shape (`McDonald's` is `XxXx'x`) and
    a key of its case, hyphen, digits and length.
    """
    small = normalized(word, lowercase=True)
    for size in range(1, min(AFFIX, len(small)) + 1):
        yield f"…{small[-size:]}"
        yield f"{small[:size]}…"
    yield "shape " + "".join(kind for kind, _ in groupby(map(_kind, word)))[:_SHAPE]
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


def _ends(word: str) -> str:
    return word if len(word) <= LONGEST else word[: LONGEST // 2] + word[-LONGEST // 2 :]


def _affix_table(words: Sequence[str], affixes: Vocabulary) -> NDArray[np.int32]:
    """(S, K) ids of each word's features, −1 after the last."""
    table = np.full((len(words), 2 * AFFIX + 2), -1, np.int32)
    for row, word in zip(table, words, strict=True):
        ids = affixes.encode(features(word))
        row[: len(ids)] = ids
    return table


def _piece_table(
    words: Sequence[str], characters: Vocabulary, index: NDArray[np.int32]
) -> CharacterTable:
    ids = [characters.encode(_ends(word)) or [len(characters) - 1] for word in words]
    offsets = np.concatenate([[0], np.cumsum([len(word) for word in ids])])
    pieces = np.fromiter(chain.from_iterable(ids), np.int32, int(offsets[-1]))
    return CharacterTable(index, pieces, offsets.astype(np.int64))
