"""Tagged sentences from a grammar in which the tag of a word depends on its neighbours."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Annotated, TypeAlias

from seqlab import DataSource, Range, Split

_MAX_WORDS = 18

_INTRANSITIVE = "walk dance sail fish work jump swim rest march sleep"
_TRANSITIVE = "guard watch paint guide judge cook answer question plan trade help call"
_REPORTING = "know say hope think believe"
_NOUNS = "boat garden king dog river house apple horse letter bridge"
_PEOPLE = "old young rich poor blind wise brave"
_ADJECTIVES_AND_VERBS = "dry clean warm calm open empty cool slow"
_ADJECTIVES_AND_ADVERBS = "fast hard early late straight"
_PARTICLES = "in over up down around through"
_TIMES = "before after until since"
_NAME_STEMS = "Al Ben Cor Dan El Fran Gor Han Is Jon Kar Lin Mar Nor Os Pet Quin Ros Tam Ul Vin Wil"
_NAME_ENDINGS = "a al bert by do ela en ett ic ina ir is la mo ny ock ric son ta ton us win"

_RULES: Mapping[str, str] = {
    "SENTENCE": "CLAUSE, CLAUSE, CLAUSE CONJUNCTION CLAUSE, CLAUSE and/CCONJ CLAUSE,"
    " SUBJECT_SG REPORT_SG that/SCONJ CLAUSE, SUBJECT_PL REPORT_PL that/SCONJ CLAUSE",
    "CLAUSE": "SUBJECT_SG VP_SG, SUBJECT_PL VP_PL, SUBJECT_PL VP_PL, SUBJECT_SG MODAL VP_PL,"
    " SUBJECT_PL MODAL VP_PL, SUBJECT_PL MODAL not/PART VP_PL,"
    " SUBJECT_SG is/AUX ADJECTIVE, SUBJECT_PL are/AUX ADJECTIVE",
    "SUBJECT_SG": "NP_SG, NP_SG, NAME, he/PRON, this/PRON, that/PRON, NP_SG of/ADP MASS_NOUN",
    "SUBJECT_PL": "NP_PL, NP_PL, the/DET PEOPLE, the/DET PEOPLE, they/PRON, these/PRON, those/PRON",
    "NP_SG": "DET_SG NOUN_SG, DET_SG ADJECTIVE NOUN_SG, DET_SG ADJECTIVE NOUN_SG",
    "NP_PL": "DET_PL NOUN_PL, DET_PL ADJECTIVE NOUN_PL, NUMBER NOUN_PL",
    "VP_PL": "INTRANSITIVE_PL, INTRANSITIVE_PL ADVERB, INTRANSITIVE_PL WHERE,"
    " TRANSITIVE_PL OBJECT, TRANSITIVE_PL OBJECT, TRANSITIVE_PL OBJECT ADVERB,"
    " want/VERB to/PART VP_PL",
    "VP_SG": "INTRANSITIVE_SG, INTRANSITIVE_SG ADVERB, INTRANSITIVE_SG WHERE,"
    " TRANSITIVE_SG OBJECT, TRANSITIVE_SG OBJECT, TRANSITIVE_SG OBJECT ADVERB,"
    " wants/VERB to/PART VP_PL",
    "OBJECT": "NP_SG, NP_PL, NAME, NP_SG of/ADP MASS_NOUN, them/PRON, this/PRON, those/PRON",
    "WHERE": "PARTICLE, PREPOSITION NP_SG, to/ADP NP_SG, TIME DET_SG NOUN_SG, TIME DET_PL NOUN_PL",
}
"""The alternatives of each nonterminal; a terminal is a word with its tag."""


def _add_s(words: str) -> str:
    """Plural nouns, which are also third-person verbs: watch → watches, dry → dries."""
    return " ".join(map(_with_s, words.split()))


def _with_s(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("sh", "ch")) else "s")


_WORDS: Mapping[str, tuple[str, str]] = {
    "MODAL": ("AUX", "can will might must"),
    "DET_SG": ("DET", "the the a this that every"),
    "DET_PL": ("DET", "the the these those many"),
    "ADJECTIVE": ("ADJ", f"{_PEOPLE} {_ADJECTIVES_AND_VERBS} {_ADJECTIVES_AND_ADVERBS}"),
    "PEOPLE": ("NOUN", _PEOPLE),
    "NOUN_SG": ("NOUN", f"{_INTRANSITIVE} {_TRANSITIVE} {_NOUNS} man man can can will might"),
    "NOUN_PL": ("NOUN", f"{_add_s(f'{_INTRANSITIVE} {_TRANSITIVE} {_NOUNS} can')} men"),
    "MASS_NOUN": ("NOUN", "fish water paint work help"),
    "INTRANSITIVE_PL": ("VERB", _INTRANSITIVE),
    "INTRANSITIVE_SG": ("VERB", _add_s(_INTRANSITIVE)),
    "TRANSITIVE_PL": ("VERB", f"{_TRANSITIVE} {_ADJECTIVES_AND_VERBS} man man"),
    "TRANSITIVE_SG": ("VERB", _add_s(f"{_TRANSITIVE} {_ADJECTIVES_AND_VERBS} man")),
    "REPORT_PL": ("VERB", _REPORTING),
    "REPORT_SG": ("VERB", _add_s(_REPORTING)),
    "ADVERB": ("ADV", f"{_ADJECTIVES_AND_ADVERBS} today"),
    "PARTICLE": ("ADV", _PARTICLES),
    "PREPOSITION": ("ADP", _PARTICLES),
    "TIME": ("ADP", _TIMES),
    "CONJUNCTION": ("SCONJ", _TIMES),
    "NUMBER": ("NUM", " ".join(map(str, range(2, 400)))),
    "NAME": ("PROPN", " ".join(map("".join, product(_NAME_STEMS.split(), _NAME_ENDINGS.split())))),
}
"""The tag and the words of each word class."""

Sentence: TypeAlias = list[tuple[str, str]]
"""Words with their tags."""


class Tagged(DataSource):
    """Synthetic sentences with the tag of each word; nothing is downloaded.

    "the old man the boats", "the old man walks", "they can fish", "a can of fish": most words
    have several tags, and only the neighbours of a word decide which. Some names and numbers of
    the validation and test splits are not in the training split.

    Args:
        rows: Number of sentences over all splits.
        seed: The same seed gives the same sentences on every machine.
    """

    def __init__(self, rows: Annotated[int, Range(100, 100_000)] = 4000, seed: int = 0) -> None:
        self.rows = rows
        self.seed = seed

    def fingerprint(self) -> str:
        """The options alone determine the rows."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """Generate 80 % train, 10 % validation, 10 % test, without duplicate sentences."""
        sentences = generate(self.rows, random.Random(self.seed))
        tenth = self.rows // 10
        bounds = {"train": (2 * tenth, self.rows), "validation": (0, tenth)}
        bounds["test"] = (tenth, 2 * tenth)
        splits: dict[str, Split] = {}
        for name, (start, end) in bounds.items():
            words = [[word for word, _ in sentence] for sentence in sentences[start:end]]
            tags = [[tag for _, tag in sentence] for sentence in sentences[start:end]]
            splits[name] = Split(name, {"words": words, "tags": tags}, "tagged")
        return splits


def generate(rows: int, rng: random.Random) -> list[Sentence]:
    """Generate distinct sentences."""
    sentences: dict[tuple[str, ...], Sentence] = {}
    while len(sentences) < rows:
        sentence = _expand("SENTENCE", rng)
        if len(sentence) <= _MAX_WORDS:
            sentences.setdefault(tuple(word for word, _ in sentence), sentence)
    return list(sentences.values())


def _expand(term: str, rng: random.Random) -> Sentence:
    if term in _RULES:
        expansion = rng.choice(_alternatives(term))
        return [tagged_word for inner in expansion for tagged_word in _expand(inner, rng)]
    if term in _WORDS:
        return [(rng.choice(_words_of(term)), _WORDS[term][0])]
    word, _, tag = term.partition("/")
    return [(word, tag)]


@cache
def _alternatives(nonterminal: str) -> list[list[str]]:
    return [alternative.split() for alternative in _RULES[nonterminal].split(",")]


@cache
def _words_of(word_class: str) -> list[str]:
    return _WORDS[word_class][1].split()
