"""Words and tags from the rows of a data set."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from seqlab import Finding, Split, UserError, label_text

_MAX_NAMED = 5
"""How many tags a finding lists."""


def read_words(split: Split, column: str) -> Iterator[list[str]]:
    """Read the words of each row.

    Args:
        split: The rows.
        column: The column to read.

    Raises:
        UserError: A value is neither text nor a list without missing entries.
    """
    for row, value in enumerate(split.column(column)):
        if not _is_list(value) or any(entry is None for entry in value):
            raise _not_a_list(split, row, column, value, "words")
        yield tokens_of(value)


def read_tags(
    split: Split, columns: Mapping[str, str], lengths: NDArray[np.int64], no_tag: str | None
) -> Iterator[list[str | None]]:
    """Read the tags of each row, one per word; None for a word without a tag.

    Args:
        split: The rows.
        columns: The column of each role.
        lengths: (R,) number of words of each row.
        no_tag: The tag that means that there is none.

    Raises:
        UserError: A value is neither text nor a list, or a row does not have one tag per word.
    """
    texts = _TagTexts(no_tag)
    for row, value in enumerate(split.column(columns["tags"])):
        if not _is_list(value):
            raise _not_a_list(split, row, columns["tags"], value, "tags")
        try:
            tags = texts.of(value)
        except TypeError:  # such as a list in the list
            raise _not_a_list(split, row, columns["tags"], value, "tags") from None
        if len(tags) != lengths[row]:
            raise UserError(
                f"row {split.number(row)} has {lengths[row]} words and {len(tags)} tags",
                location=f"{split.location()}, columns '{columns['words']}' and "
                f"'{columns['tags']}'",
                remedy="give one tag per word",
            )
        yield tags


def find_mismatches(split: Split, columns: Mapping[str, str]) -> Iterator[Finding]:
    """Report the rows that do not have one tag per word."""
    mismatches: list[tuple[int, int, int]] = []  # row, number of words, number of tags
    start = 0
    for batch in split.select_columns([columns["words"], columns["tags"]]).batches():
        pairs = zip(batch[columns["words"]], batch[columns["tags"]], strict=True)
        for row, (words, tags) in enumerate(pairs, start):
            word_count, tag_count = _length(words), _length(tags)
            if word_count != tag_count:
                mismatches.append((row, word_count, tag_count))
        start += len(batch[columns["words"]])
    if mismatches:
        _, word_count, tag_count = mismatches[0]
        yield Finding.of_rows(
            split,
            "tag mismatch",
            "refused",
            "need{s} one tag per word",
            [row for row, _, _ in mismatches],
            remedy="give one tag per word",
            column=columns["tags"],
            value=f"{word_count} words, {tag_count} tags",
        )


def find_untagged(split: Split, column: str, no_tag: str | None) -> Iterator[Finding]:
    """Report words without a tag, and words whose tag looks like one for this.

    Args:
        split: The rows.
        column: The column with the tags.
        no_tag: The tag that means that there is none.
    """
    texts = _TagTexts(no_tag)
    untagged: dict[int, int] = {}  # row → number of words
    doubtful: dict[int, int] = {}
    for row, value in enumerate(split.column(column)):
        try:
            tags = texts.of(value) if _is_list(value) else []
        except TypeError:  # is refused when the tags are read
            continue
        if None in tags:
            untagged[row] = tags.count(None)
        if _PLACEHOLDER in tags:
            doubtful[row] = tags.count(_PLACEHOLDER)
    if untagged:
        yield _about_words(
            split,
            column,
            untagged,
            "no tag",
            "without a tag",
            "tag them, unless they are meant as context alone: a model reads them, but no loss and "
            "no metric counts them",
        )
    if doubtful:
        yield _about_words(
            split,
            column,
            doubtful,
            "placeholder",
            f"with the tag '{_PLACEHOLDER}', which often means that there is none",
            f"leave them out of loss and metrics with -o task.no_tag={_PLACEHOLDER}, unless it is "
            "a tag like the others",
        )


_PLACEHOLDER = "_"


def _about_words(
    split: Split, column: str, counts: Mapping[int, int], kind: str, what: str, remedy: str
) -> Finding:
    """A finding about words; `counts` has their number in each row."""
    total = sum(counts.values())
    cause = f"hold{{s}} {total:,} word{'s' * (total > 1)} {what}"
    return Finding.of_rows(split, kind, "kept", cause, list(counts), remedy=remedy, column=column)


class _TagTexts:
    """The texts of tags; each distinct tag is converted once.

    Args:
        no_tag: The tag that means that there is none.
    """

    def __init__(self, no_tag: str | None) -> None:
        self._texts: dict[str, str | None] = {} if no_tag is None else {no_tag: None}

    def of(self, value: str | Iterable[object]) -> list[str | None]:
        """The tags of a row; None for a missing one."""
        texts = self._texts
        return [
            texts[tag] if isinstance(tag, str) and tag in texts else self._text(tag)
            for tag in _entries(value)
        ]

    def _text(self, tag: object) -> str | None:
        text = label_text(tag)
        if text in self._texts:  # such as `no_tag` with a space at its end
            text = self._texts[text]
        if isinstance(tag, str):
            self._texts[tag] = text
        return text


def find_odd_tags(split: Split, column: str, odd: Collection[str]) -> Iterator[Finding]:
    """Report the rows with tags that do not have the form of the other tags.

    Args:
        split: The rows.
        column: The column with the tags.
        odd: Tags such as "PER", where the others are such as "B-PER" and "O".
    """
    tags = set(odd)
    rows = [
        row for row, value in enumerate(split.column(column)) if tags & {*map(str, _entries(value))}
    ]
    listed = ", ".join(sorted(tags)[:_MAX_NAMED]) + ", …" * (len(tags) > _MAX_NAMED)
    yield Finding.of_rows(
        split,
        "tag form",
        "kept",
        f"hold{{s}} tags that are no part of an entity ({listed}): there is no F1 of entities",
        rows,
        remedy="write tags of entities such as B-PER, I-PER and O",
        column=column,
    )


def tokens_of(value: str | Iterable[object]) -> list[str]:
    """The entries of a list as strings, or a text split at white space."""
    return [str(entry) for entry in _entries(value)]


def split_words(text: str) -> list[str]:
    """Split at white space of ASCII: a no-break space or a zero-width space is part of a word."""
    return [word for word in _ASCII_SPACE.split(text) if word]


_ASCII_SPACE = re.compile(r"[ \t\n\r\f\v]+")


def _entries(value: str | Iterable[object]) -> Iterable[object]:
    return split_words(value) if isinstance(value, str) else value


def _is_list(value: object) -> TypeGuard[str | Sequence[object]]:
    """Whether a value is a list, or a text that is one by its white space."""
    if isinstance(value, str):
        return not _PRINTED_LIST.fullmatch(value)
    return isinstance(value, list | tuple | np.ndarray)


_PRINTED_LIST = re.compile(r"""\s*(?:array\()?(?:\[['"].*['"]\]|\(['"].*['"],.*\)).*""", re.DOTALL)
"""A list as Python prints it, such as "['PRON', 'VERB']", which is not a text of words."""


def _not_a_list(split: Split, row: int, column: str, value: object, role: str) -> UserError:
    return UserError(
        f"row {split.number(row)}: the {role} are {value!r}, not a list of strings",
        location=split.location(column),
        remedy="give words and tags as lists in a .jsonl file, as texts with spaces between them, "
        f"or in a .conll file; or name another column with -o data.columns.{role}=NAME",
    )


def _length(value: object) -> int:
    if isinstance(value, str):
        return len(split_words(value))
    return len(value) if isinstance(value, list | tuple | np.ndarray) else 0
