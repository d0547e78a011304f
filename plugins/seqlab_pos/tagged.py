"""Tagged sentences from a grammar in which what a word is depends on its neighbours."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Annotated

from seqlab import DataSource, Range, Split

_LONGEST = 18

_ACTS = "walk dance sail fish work jump swim rest march sleep"
_DEEDS = "guard watch paint guide judge cook answer question plan trade help call"
_SAYINGS = "know say hope think believe"
_THINGS = "boat garden king dog river house apple horse letter bridge"
_PEOPLE = "old young rich poor blind wise brave"
_CHANGES = "dry clean warm calm open empty cool slow"
_WAYS = "fast hard early late straight"
_PLACES = "in over up down around through"
_TIMES = "before after until since"
_FIRST = "Al Ben Cor Dan El Fran Gor Han Is Jon Kar Lin Mar Nor Os Pet Quin Ros Tam Ul Vin Wil"
_LAST = "a al bert by do ela en ett ic ina ir is la mo ny ock ric son ta ton us win"

_RULES: Mapping[str, str] = {
    "SENTENCE": "CLAUSE, CLAUSE, CLAUSE TIME CLAUSE, CLAUSE and/CCONJ CLAUSE,"
    " ONE SAYS that/SCONJ CLAUSE, SOME SAY that/SCONJ CLAUSE",
    "CLAUSE": "ONE DOES, SOME DO, SOME DO, ONE WILL DO, SOME WILL DO, SOME WILL not/PART DO,"
    " ONE is/AUX QUALITY, SOME are/AUX QUALITY",
    "ONE": "HEAD, HEAD, NAME, he/PRON, this/PRON, that/PRON, HEAD of/ADP STUFF",
    "SOME": "HEADS, HEADS, the/DET PEOPLE, the/DET PEOPLE, they/PRON, these/PRON, those/PRON",
    "HEAD": "A THING, A QUALITY THING, A QUALITY THING",
    "HEADS": "ALL THINGS, ALL QUALITY THINGS, NUMBER THINGS",
    "DO": "ACT, ACT HOW, ACT WHERE, DEED OBJECT, DEED OBJECT, DEED OBJECT HOW,"
    " want/VERB to/PART DO",
    "DOES": "ACTS, ACTS HOW, ACTS WHERE, DEEDS OBJECT, DEEDS OBJECT, DEEDS OBJECT HOW,"
    " wants/VERB to/PART DO",
    "OBJECT": "HEAD, HEADS, NAME, HEAD of/ADP STUFF, them/PRON, this/PRON, those/PRON",
    "WHERE": "AWAY, PLACE HEAD, to/ADP HEAD, WHEN A THING, WHEN ALL THINGS",
}
"""What each symbol can become; single words stand with their tag."""


def _several(words: str) -> str:
    """Nouns in the plural, which are verbs of one who acts: watch → watches, dry → dries."""
    return " ".join(map(_with_s, words.split()))


def _with_s(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("sh", "ch")) else "s")


_WORDS: Mapping[str, tuple[str, str]] = {
    "WILL": ("AUX", "can will might must"),
    "A": ("DET", "the the a this that every"),
    "ALL": ("DET", "the the these those many"),
    "QUALITY": ("ADJ", f"{_PEOPLE} {_CHANGES} {_WAYS}"),
    "PEOPLE": ("NOUN", _PEOPLE),
    "THING": ("NOUN", f"{_ACTS} {_DEEDS} {_THINGS} man man can can will might"),
    "THINGS": ("NOUN", f"{_several(f'{_ACTS} {_DEEDS} {_THINGS} can')} men"),
    "STUFF": ("NOUN", "fish water paint work help"),
    "ACT": ("VERB", _ACTS),
    "ACTS": ("VERB", _several(_ACTS)),
    "DEED": ("VERB", f"{_DEEDS} {_CHANGES} man man"),
    "DEEDS": ("VERB", f"{_several(f'{_DEEDS} {_CHANGES} man')}"),
    "SAY": ("VERB", _SAYINGS),
    "SAYS": ("VERB", _several(_SAYINGS)),
    "HOW": ("ADV", f"{_WAYS} today"),
    "AWAY": ("ADV", _PLACES),
    "PLACE": ("ADP", _PLACES),
    "WHEN": ("ADP", _TIMES),
    "TIME": ("SCONJ", _TIMES),
    "NUMBER": ("NUM", " ".join(map(str, range(2, 400)))),
    "NAME": ("PROPN", " ".join(map("".join, product(_FIRST.split(), _LAST.split())))),
}
"""The words of each class, with their tag."""

Sentence = list[tuple[str, str]]
"""Words with their tags."""


class Tagged(DataSource):
    """Made-up sentences with the tag of each word: no download.

    "the old man the boats", "the old man walks", "they can fish", "a can of fish": most words
    have several tags, and only who reads a word's neighbours knows which. Some names and
    numbers of validation and test are not in training.

    Args:
        rows: How many sentences, over all splits.
        seed: The same seed writes the same sentences on every machine.
    """

    def __init__(self, rows: Annotated[int, Range(100, 100_000)] = 4000, seed: int = 0) -> None:
        self.rows = rows
        self.seed = seed

    def fingerprint(self) -> str:
        """The options say it all."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """80 % train, 10 % validation, 10 % test; no sentence is there twice."""
        sentences = write(self.rows, random.Random(self.seed))
        tenth = self.rows // 10
        bounds = {"train": (2 * tenth, self.rows), "validation": (0, tenth)}
        bounds["test"] = (tenth, 2 * tenth)
        splits: dict[str, Split] = {}
        for name, (start, end) in bounds.items():
            words = [[word for word, _ in sentence] for sentence in sentences[start:end]]
            tags = [[tag for _, tag in sentence] for sentence in sentences[start:end]]
            splits[name] = Split(name, {"words": words, "tags": tags}, "tagged")
        return splits


def write(rows: int, rng: random.Random) -> list[Sentence]:
    """Sentences without a repetition."""
    sentences: dict[tuple[str, ...], Sentence] = {}
    while len(sentences) < rows:
        sentence = _expanded("SENTENCE", rng)
        if len(sentence) <= _LONGEST:
            sentences.setdefault(tuple(word for word, _ in sentence), sentence)
    return list(sentences.values())


def _expanded(symbol: str, rng: random.Random) -> Sentence:
    if symbol in _RULES:
        chosen = rng.choice(_alternatives(symbol))
        return [tagged for each in chosen for tagged in _expanded(each, rng)]
    if symbol in _WORDS:
        return [(rng.choice(_choices(symbol)), _WORDS[symbol][0])]
    word, _, tag = symbol.partition("/")
    return [(word, tag)]


@cache
def _alternatives(symbol: str) -> list[list[str]]:
    return [each.split() for each in _RULES[symbol].split(",")]


@cache
def _choices(symbol: str) -> list[str]:
    return _WORDS[symbol][1].split()
