"""Short reviews from a grammar in which negation, contrast and word order decide the label."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Annotated, TypeAlias

from seqlab import DataSource, Range, Split

LABELS = ("negative", "positive")
_MAX_WORDS = 20

_TOPICS: Mapping[str, tuple[str, str, str]] = {
    "film": (
        "the film, the movie, the plot, the story, the acting, the ending, the soundtrack,"
        " the dialogue, the pacing, the camera work, the cast, the humour, the script",
        "clever, funny, gripping, moving, convincing, touching, original, thrilling",
        "boring, predictable, clumsy, tedious, silly, forgettable, shallow, dull",
    ),
    "meal": (
        "the meal, the dinner, the soup, the starter, the dessert, the bread, the fish,"
        " the curry, the salad, the sauce, the service, the coffee, the wine",
        "delicious, fresh, tasty, generous, perfect, superb, inviting, flavourful",
        "bland, stale, greasy, soggy, overpriced, tasteless, disgusting, sloppy",
    ),
    "phone": (
        "the phone, the screen, the battery, the camera, the speaker, the keyboard,"
        " the charger, the case, the software, the design, the display, the signal",
        "fast, sturdy, reliable, bright, handy, smooth, elegant, precise",
        "slow, flimsy, buggy, noisy, ugly, clunky, useless, laggy",
    ),
    "book": (
        "the book, the novel, the prose, the first chapter, the narrator, the hero,"
        " the dialogue, the translation, the final chapter, the villain, the mystery, the style",
        "witty, vivid, poetic, absorbing, wise, compelling, subtle, charming",
        "confusing, pompous, dreary, lifeless, muddled, wordy, pointless, stilted",
    ),
}
"""Kinds of things that are reviewed: their aspects, and words of praise and of blame for them."""

_PRAISE = "good, great, wonderful, excellent, lovely, brilliant, fantastic, pleasant"
_BLAME = "bad, terrible, awful, poor, horrible, dreadful, disappointing, annoying"
_VERBS = (
    (("hate", "hated", "hating"), ("dislike", "disliked", "disliking")),
    (("love", "loved", "loving"), ("enjoy", "enjoyed", "enjoying")),
)
"""Negative and positive verbs: infinitive, past tense and gerund."""
_ADVERBS = ("", "", "", "really ", "truly ", "quite ", "rather ", "simply ", "just ")
_STATEMENTS = (
    "{thing} was {adverb}{word}",
    "{thing} seemed {adverb}{word}",
    "I found {thing} {adverb}{word}",
    "everybody called {thing} {word}",
    "to me {thing} felt {adverb}{word}",
)
_NEGATED_STATEMENTS = (
    "{thing} was not {word}",
    "{thing} was never {word}",
    "{thing} was hardly {word}",
    "{thing} was far from {word}",
    "{thing} was anything but {word}",
    "nobody could call {thing} {word}",
    "I did not find {thing} {word}",
    "I never thought that {thing} was {word}",
)
_FEELINGS = ("I {past} {thing}", "we {past} {thing}", "my sister {past} {thing}")
_NEGATED_FEELINGS = (
    "I did not {verb} {thing}",
    "we never {past} {thing}",
    "nobody here {past} {thing}",
    "I was far from {gerund} {thing}",
)
_CONTRASTS = (
    "{other}, but {main}",
    "{other}, yet {main}",
    "{other}; even so, {main}",
    "although {other}, {main}",
    "even though {other}, {main}",
    "{main}, although {other}",
    "{main}, even though {other}",
    "{main}, no matter that {other}",
    "at first {other}, but in the end {main}",
    "one might say that {other}; in truth, {main}",
    "{main}, even if {other}",
)
_AGREEMENTS = (
    "{other} and {main}",
    "{other}, and {main}",
    "{other}; what is more, {main}",
    "{other}; on top of that, {main}",
)
_ASIDES = (
    "{text}",
    "{text}",
    "{text}",
    "{text}",
    "to be honest, {text}",
    "all in all, {text}",
    "well, {text}",
    "I had not heard of it before, and {text}",
    "it was not my idea to try it, and {text}",
    "on a rainy Sunday we gave it a try: {text}",
    "a colleague told me about it: {text}",
    "I never write reviews, so believe me: {text}",
)


class Reviews(DataSource):
    """Synthetic reviews of films, meals, phones and books; nothing is downloaded.

    "I did not find the plot dull" and "the plot was clever, but the film was not good" contain the
    same kinds of words: counting words is not enough, the order of the words matters.

    Args:
        rows: Number of reviews over all splits.
        seed: The same seed gives the same reviews on every machine.
    """

    def __init__(self, rows: Annotated[int, Range(100, 100_000)] = 20_000, seed: int = 0) -> None:
        self.rows = rows
        self.seed = seed

    def fingerprint(self) -> str:
        """The options alone determine the rows."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """Generate 80 % train, 10 % validation, 10 % test, without duplicate texts."""
        texts = generate(self.rows, random.Random(self.seed))
        tenth = self.rows // 10
        bounds = {"train": (2 * tenth, self.rows), "validation": (0, tenth)}
        bounds["test"] = (tenth, 2 * tenth)
        splits: dict[str, Split] = {}
        for name, (start, end) in bounds.items():
            labels = [LABELS[row % 2] for row in range(start, end)]
            splits[name] = Split(name, {"text": texts[start:end], "label": labels}, "reviews")
        return splits


def generate(rows: int, rng: random.Random) -> list[str]:
    """Generate distinct reviews, negative and positive in turn."""
    texts: dict[str, None] = {}
    while len(texts) < rows:
        text = _review(len(texts) % 2 == 1, rng)
        if len(text.split()) <= _MAX_WORDS:
            texts.setdefault(text)
    return [text + rng.choice((".", ".", ".", "!")) for text in texts]


def _review(positive: bool, rng: random.Random) -> str:
    topic = rng.choice(_TOPIC_WORDS)
    main = _clause(topic, positive, rng)
    form = rng.random()
    if form < 0.55:
        other = _clause(topic, not positive, rng)
        main = rng.choice(_CONTRASTS).format(main=main, other=other)
    elif form < 0.7:
        other = _clause(topic, positive, rng)
        main = rng.choice(_AGREEMENTS).format(main=main, other=other)
    text = rng.choice(_ASIDES).format(text=main)
    return text[0].upper() + text[1:]


def _clause(topic: _TopicWords, positive: bool, rng: random.Random) -> str:
    aspects, words = topic
    aspect, negated = rng.choice(aspects), rng.random() < 0.4
    polarity = positive != negated  # of the word itself: "not bad" is positive
    if rng.random() < 0.2:
        verb, past, gerund = rng.choice(_VERBS[polarity])
        template = rng.choice(_NEGATED_FEELINGS if negated else _FEELINGS)
        return template.format(thing=aspect, verb=verb, past=past, gerund=gerund)
    template = rng.choice(_NEGATED_STATEMENTS if negated else _STATEMENTS)
    word = rng.choice(words[polarity])
    return template.format(thing=aspect, word=word, adverb=rng.choice(_ADVERBS))


_TopicWords: TypeAlias = tuple[list[str], tuple[list[str], list[str]]]
"""The aspects of a topic, and its negative and positive words."""


def _words(aspects: str, praise: str, blame: str) -> _TopicWords:
    words = f"{blame}, {_BLAME}".split(", "), f"{praise}, {_PRAISE}".split(", ")
    return aspects.split(", "), words


_TOPIC_WORDS = [_words(*topic) for topic in _TOPICS.values()]
