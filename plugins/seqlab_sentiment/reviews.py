"""Short reviews from a grammar in which negation, contrast and order decide what is meant."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Annotated

from seqlab import DataSource, Range, Split

LABELS = ("negative", "positive")
_LONGEST = 20

_THINGS: Mapping[str, tuple[str, ...]] = {
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
"""What is reviewed: its aspects, and the praise and blame that are said of these only."""

_PRAISE = "good, great, wonderful, excellent, lovely, brilliant, fantastic, pleasant"
_BLAME = "bad, terrible, awful, poor, horrible, dreadful, disappointing, annoying"
_VERBS = (
    (("hate", "hated", "hating"), ("dislike", "disliked", "disliking")),
    (("love", "loved", "loving"), ("enjoy", "enjoyed", "enjoying")),
)
_ADVERBS = ("", "", "", "really ", "truly ", "quite ", "rather ", "simply ", "just ")
_SAID = (
    "{thing} was {adverb}{word}",
    "{thing} seemed {adverb}{word}",
    "I found {thing} {adverb}{word}",
    "everybody called {thing} {word}",
    "to me {thing} felt {adverb}{word}",
)
_DENIED = (
    "{thing} was not {word}",
    "{thing} was never {word}",
    "{thing} was hardly {word}",
    "{thing} was far from {word}",
    "{thing} was anything but {word}",
    "nobody could call {thing} {word}",
    "I did not find {thing} {word}",
    "I never thought that {thing} was {word}",
)
_FELT = ("I {past} {thing}", "we {past} {thing}", "my sister {past} {thing}")
_NOT_FELT = (
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
    """Made-up reviews of films, meals, phones and books: no download, no counting of words.

    "I did not find the plot dull" and "the plot was clever, but the film was not good" hold the
    same kinds of words: only who reads them in order knows what is meant.

    Args:
        rows: How many reviews, over all splits.
        seed: The same seed writes the same reviews on every machine.
    """

    def __init__(self, rows: Annotated[int, Range(100, 100_000)] = 20_000, seed: int = 0) -> None:
        self.rows = rows
        self.seed = seed

    def fingerprint(self) -> str:
        """The options say it all."""
        return ""

    def load(self) -> Mapping[str, Split]:
        """80 % train, 10 % validation, 10 % test; no text is there twice."""
        texts = write(self.rows, random.Random(self.seed))
        tenth = self.rows // 10
        bounds = {"train": (2 * tenth, self.rows), "validation": (0, tenth)}
        bounds["test"] = (tenth, 2 * tenth)
        splits: dict[str, Split] = {}
        for name, (start, end) in bounds.items():
            labels = [LABELS[row % 2] for row in range(start, end)]
            splits[name] = Split(name, {"text": texts[start:end], "label": labels}, "reviews")
        return splits


def write(rows: int, rng: random.Random) -> list[str]:
    """Reviews without a repetition; every other one is positive."""
    texts: dict[str, None] = {}
    while len(texts) < rows:
        text = _review(len(texts) % 2 == 1, rng)
        if len(text.split()) <= _LONGEST:
            texts.setdefault(text)
    return [text + rng.choice((".", ".", ".", "!")) for text in texts]


def _review(positive: bool, rng: random.Random) -> str:
    topic = rng.choice(_TOPICS)
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


def _clause(topic: _Topic, positive: bool, rng: random.Random) -> str:
    things, words = topic
    thing, denied = rng.choice(things), rng.random() < 0.4
    said = positive != denied  # "not bad" praises
    if rng.random() < 0.2:
        verb, past, gerund = rng.choice(_VERBS[said])
        frame = rng.choice(_NOT_FELT if denied else _FELT)
        return frame.format(thing=thing, verb=verb, past=past, gerund=gerund)
    frame = rng.choice(_DENIED if denied else _SAID)
    return frame.format(thing=thing, word=rng.choice(words[said]), adverb=rng.choice(_ADVERBS))


_Topic = tuple[list[str], tuple[list[str], list[str]]]


def _topic(things: str, praise: str, blame: str) -> _Topic:
    words = f"{blame}, {_BLAME}".split(", "), f"{praise}, {_PRAISE}".split(", ")
    return things.split(", "), words


_TOPICS = [_topic(*kind) for kind in _THINGS.values()]
