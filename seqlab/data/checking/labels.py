"""Findings about the labels of a split: white space, look-alikes, several in one, no repetition."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from seqlab.data.checking.findings import Finding
from seqlab.data.encoding.labels import canonical, label_text
from seqlab.data.split import Split
from seqlab.errors import shorten

_SEPARATORS = (",", ";", "|", "/", "+", "&")
_WITHIN_WORDS = re.compile(r"(?<=[^\W\d_])[\s_-]+(?=[^\W\d_])")
"""What is written between words in different ways: spaces, hyphens and underscores."""

_MAX_DISTINCT = 100_000
"""Distinct labels that are compared; with more, no column of labels is meant."""

_MIN_ROWS = 40
"""With at least so many rows, most labels must repeat."""


def find_odd_labels(split: Split, column: str) -> Iterator[Finding]:
    """Check the labels of a split.

    Args:
        split: The rows; their labels may be cleaned already.
        column: The column of the labels.
    """
    stored = _counts(split, column)
    if len(stored) > _MAX_DISTINCT:
        stored = Counter()
    texts: Counter[str] = Counter()
    spaced: dict[str, str] = {}
    for value, count in stored.items():
        if (text := _text(value)) is not None:
            texts[text] += count
            if isinstance(value, str) and text != value:
                spaced[value] = text
    yield from _white_space(split, column, spaced)
    yield from _look_alikes(split, column, texts)
    yield from _several(split, column, texts)
    yield from _without_repetition(split, column, texts)


def _text(value: object) -> str | None:
    try:
        return label_text(value)
    except TypeError:  # no label, which is reported elsewhere
        return None


def _counts(split: Split, column: str) -> Counter[object]:
    """How often each value occurs, as it is stored."""
    counts: Counter[object] = Counter()
    for batch in split.select_columns([column]).converted({}).batches():
        values = batch[column]
        try:
            counts.update(values)
        except TypeError:  # lists cannot be counted
            counts.update(value for value in values if isinstance(value, str))
    return counts


def _white_space(split: Split, column: str, spaced: Mapping[str, str]) -> Iterator[Finding]:
    if spaced:
        first, text = next(iter(spaced.items()))
        # accents of one or of two characters look alike
        shown = ascii if unicodedata.normalize("NFC", first) == text else repr
        yield Finding.of_rows(
            split,
            "white space",
            "kept",
            "{are} read without spaces, invisible characters and separate accents in the label: "
            f"{shown(first)} is {shown(text)}",
            _rows_with(split, column, spaced),
            remedy="write labels alike, unless nothing else is meant",
            column=column,
            value=first,
        )


def _look_alikes(split: Split, column: str, texts: Counter[str]) -> Iterator[Finding]:
    """Labels that a reader would take for one."""
    forms: dict[str, list[str]] = {}
    for text, _ in texts.most_common():
        forms.setdefault(_skeleton(text), []).append(text)
    groups = [group for group in forms.values() if len(group) > 1]
    if groups:
        shown = "; ".join(
            ", ".join(f"{text!r} ({texts[text]:,} rows)" for text in group) for group in groups[:3]
        )
        rarer = {text for group in groups for text in group[1:]}
        yield Finding.of_rows(
            split,
            "labels that look alike",
            "kept",
            f"{{are}} labelled almost like others: {shown}",
            _rows_with(split, column, rarer),
            remedy="write one label in one way, unless they are meant to differ",
            column=column,
            value=groups[0][1],
        )


def _several(split: Split, column: str, texts: Counter[str]) -> Iterator[Finding]:
    """Labels that are lists of other labels."""
    for separator in _SEPARATORS:
        lists = {text for text in texts if separator in text and _is_list(text, separator, texts)}
        if lists:
            first = next(text for text in texts if text in lists)
            yield Finding.of_rows(
                split,
                "several labels",
                "kept",
                f"hold{{s}} several labels in one, such as {shorten(first)}: each combination is a "
                "class of its own",
                _rows_with(split, column, lists),
                remedy="give each row one label, unless combinations are what is to be predicted",
                column=column,
                value=first,
            )


def _is_list(text: str, separator: str, texts: Counter[str]) -> bool:
    parts = [part.strip() for part in text.split(separator)]
    return all(part in texts for part in parts)


def _without_repetition(split: Split, column: str, texts: Counter[str]) -> Iterator[Finding]:
    if texts.total() >= _MIN_ROWS and len(texts) > texts.total() / 2:
        yield Finding(
            "labels that do not repeat",
            "kept",
            f"{len(texts):,} different labels in {texts.total():,} rows: a class that occurs once "
            "cannot be learned",
            split.location(column),
            "name the column of classes with -o data.columns.label=NAME; numbers are predicted by "
            "the task regression",
            split.name,
        )


def _skeleton(text: str) -> str:
    """What is left of a label without case, width and the ways to join words."""
    folded = unicodedata.normalize("NFKC", canonical(text)).casefold()
    return _WITHIN_WORDS.sub("", folded)


def _rows_with(split: Split, column: str, labels: Collection[str]) -> list[int]:
    stored = split.select_columns([column]).converted({}).column(column)
    return [
        row
        for row, value in enumerate(stored)
        if (isinstance(value, str) and value in labels) or _text(value) in labels
    ]
