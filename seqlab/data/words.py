r"""Words, lower case and normal forms of texts in any script.

Word boundaries follow Unicode Standard Annex 29, tailored so that an English text has the words
that it would have by `\w` alone: "3.5" and "e.g." are not one word each.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Literal, TypeAlias

NormalForm: TypeAlias = Literal["none", "NFC", "NFKC"]
FindWords: TypeAlias = Callable[[str], list[str]]

_find_simple: FindWords = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]").findall

_SPACES = re.compile(r"[\s\u200b]+")
"""White space, and the space without a width that separates words in Thai and Khmer."""

_MAX_KNOWN = 32
"""Most characters between two spaces whose words are remembered: text repeats its words."""

_runs: FindWords = re.compile(r"\w+").findall

_is_simple = re.compile(
    "[\0-\u00ac\u00ae-\u00b6\u00b8-\u02ff"  # ASCII and Latin without soft hyphen and middle dot
    "\u0388-\u03a2\u03a4-\u03ff\u0400-\u0482\u048a-\u0556"  # Greek without Σ, Cyrillic, Armenian
    "\u060c\u061b\u061f\u0621-\u064a\u0660-\u066a\u0671-\u06d3\u06f0-\u06f9"  # Arabic without marks
    "\uac00-\ud7a3"  # Korean
    "\u1e00-\u1eff\u2010-\u2026\u2030-\u203e\u20a0-\u20c0\u2190-\u2328\u232b-\u27bf]*"
).fullmatch
"""Whether `_find_simple` finds the words of a text: it has neither combining marks nor letters,
apostrophes and symbols that need the rules of `_word_finder`, and is in normal form C. Most texts
in European languages are simple, and this pattern takes a third of the time."""

_INVISIBLE = re.compile("[\u061c\u180e\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")
"""Marks of direction, joiners without a shape, and the byte order mark."""

_is_invisible = re.compile(f"[\\s\u00ad\u200b-\u200d{_INVISIBLE.pattern[1:-2]}]*").fullmatch

_UNSPACED = r"\p{Han}\p{Hiragana}\p{WB=Katakana}\p{LB=SA}\uff9e\uff9f"
"""Letters of scripts without spaces between words. Line breaks of class SA are those of Thai, Lao,
Khmer and Myanmar, for which words are found with a dictionary only."""

_MIN_SPACES = 0.15
"""Spaces per letter of texts that are divided into words, in scripts without spaces. A word has one
to five letters, while spaces between phrases follow ten and more."""

_SCRIPTS = ("Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar")


def is_invisible(text: str) -> bool:
    """Whether nothing of a text can be seen: white space, and characters without a shape."""
    return _is_invisible(text) is not None


def lowercase(text: str) -> str:
    """Convert a text to lower case; each letter stays one letter.

    The capital "İ" of Turkish becomes "i", and not "i" with a combining dot as by `str.lower`.
    A text in normal form C stays in it.
    """
    if text.isascii():
        return text.lower()
    lower = text.replace("İ", "i").replace("I\u0307", "i").lower()
    return unicodedata.normalize("NFC", lower) if unicodedata.is_normalized("NFC", text) else lower


def normalize(text: str, form: NormalForm = "NFC") -> str:
    """Spell characters that look alike in one way.

    Args:
        text: The text.
        form: The Unicode normal form. NFC composes letters and accents. NFKC replaces ligatures,
            fullwidth letters and the like by plain letters, too. Both leave out soft hyphens inside
            words, marks of direction and other characters without a shape. "none" changes nothing.
    """
    if form == "none" or text.isascii():
        return text
    text = unicodedata.normalize(form, _INVISIBLE.sub("", text))
    if "\u00ad" in text:
        text = unicodedata.normalize(form, _soft_hyphens().sub("", text))
    return text


def find_words(text: str, *, lower: bool = False, segmented: bool = False) -> list[str]:
    """Split a text into words, and single punctuation marks and symbols; white space is left out.

    A combining mark belongs to its letter, an apostrophe between letters to its word, and the code
    points of an emoji or a flag together. In scripts without spaces, each Han character, Hiragana
    and cluster of Thai, Lao, Khmer or Myanmar is a word, and so is a run of Katakana.

    Args:
        text: The text.
        lower: Whether to convert the words to lower case.
        segmented: Whether spaces separate the words in these scripts, too, as in `is_segmented`.
    """
    if text.isascii() or _is_simple(text):
        return _find_simple(text.replace("İ", "i").lower() if lower else text)
    # the lower case of Σ depends on its place in the word; that of other letters on nothing
    word_by_word = lower and "Σ" in text
    if lower and not word_by_word:
        text = lowercase(text)
    unspaced = "" if segmented else _UNSPACED
    words: list[str] = []
    for chunk in _SPACES.split(text):
        words += (_known_words if len(chunk) <= _MAX_KNOWN else _words)(chunk, unspaced)
    return [lowercase(word) for word in words] if word_by_word else words


def is_segmented(texts: Iterable[str]) -> bool:
    """Whether spaces separate the words of texts in scripts that have no spaces otherwise."""
    spaces = letters = 0
    for text in texts:
        if not (text.isascii() or _is_simple(text)):
            spaces += len(_spaces().findall(text))
            letters += len(_unspaced().findall(text))
    return spaces > _MIN_SPACES * letters


def fold(text: str) -> str:
    """The words of a text for a comparison without case, punctuation, white space and spelling.

    Accents and other marks count: texts that differ in them differ in meaning.
    """
    if text.isascii():
        return " ".join(_runs(text.lower()))
    folded = unicodedata.normalize("NFKC", lowercase(normalize(text, "NFKC")).casefold())
    return " ".join(_runs_of_any_script().findall(folded))


def count_words(text: str) -> int:
    """The number of words between white space, or in scripts without spaces that of `find_words`.

    Punctuation is no word of its own.
    """
    if text.isascii() or _is_simple(text):
        return len(text.split())
    if is_segmented([text]):
        return len(text.split())
    is_word, has_unspaced = _compiled(r"\w").search, _unspaced().search
    return sum(
        sum(is_word(word) is not None for word in find_words(chunk)) if has_unspaced(chunk) else 1
        for chunk in text.split()
    )


def unspaced_script(text: str) -> str | None:
    """The script of a text most of whose letters are of a script without spaces between words."""
    if text.isascii() or _is_simple(text):
        return None
    letters = _compiled(r"\p{L}").findall(text)
    unspaced = "".join(filter(_unspaced().match, letters))
    if 2 * len(unspaced) <= len(letters):
        return None
    counts = {name: len(_compiled(rf"\p{{{name}}}").findall(unspaced)) for name in _SCRIPTS}
    return max(counts, key=lambda name: counts[name])


def _runs_of_any_script() -> re.Pattern[str]:
    return _compiled(rf"[{_UNSPACED}]\p{{M}}*|[[\w\p{{N}}]--[{_UNSPACED}]]+")


def _words(chunk: str, unspaced: str) -> list[str]:
    """The words between two spaces."""
    return _word_finder(unspaced)(chunk)


_known_words = lru_cache(1 << 15)(_words)


@cache
def _word_finder(unspaced: str) -> FindWords:
    """The function that finds words, in which letters of `unspaced` do not form words."""
    without = f"--[{unspaced}]" if unspaced else ""
    letter = rf"[[\p{{L}}\p{{N}}\p{{Pc}}\u05f3]{without}]"
    rest = rf"[[\p{{L}}\p{{N}}\p{{Pc}}\p{{M}}\u05f3\u200c\u200d]{without}]*+"
    invisible = f"[\u00ad{_INVISIBLE.pattern[1:-2]}]+"
    inside = (
        r"['’＇]",
        invisible,
        r"(?<=[\p{L}\p{M}])[·‧](?=\p{L})",  # as in Catalan
        r"(?<=\p{Hebrew}\p{M}*)[\"״](?=\p{Hebrew})",  # an acronym
    )
    patterns = (
        f"{letter}{rest}(?:(?:{'|'.join(inside)}){letter}{rest})*",
        r"\p{WB=Katakana}[\p{WB=Katakana}\p{M}\uff9e\uff9f]*+",
        r"\X",
    )
    return _compiled("|".join(patterns)).findall


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    import regex  # its import takes longer than a listing may take

    compiled: re.Pattern[str] = regex.compile(pattern, regex.VERSION1)
    return compiled


def _unspaced() -> re.Pattern[str]:
    return _compiled(f"[{_UNSPACED}]")


def _spaces() -> re.Pattern[str]:
    return _compiled(rf"(?<=[{_UNSPACED}]\p{{M}}*)[\s\u200b]+(?=[{_UNSPACED}])")


def _soft_hyphens() -> re.Pattern[str]:
    return _compiled("(?<=[\\w\\p{N}])\u00ad+(?=[\\w\\p{N}])")
