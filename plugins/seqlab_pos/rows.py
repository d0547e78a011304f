"""Words and tags from the rows of a data set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from seqlab import Finding, Split, UserError


def read_lists(split: Split, column: str, role: str) -> Iterator[list[str]]:
    """Read the words or the tags of each row.

    Args:
        split: The rows.
        column: The column to read.
        role: What the column holds, for messages: "words" or "tags".

    Raises:
        UserError: A value is neither text nor a list without missing entries.
    """
    for row, value in enumerate(split.column(column)):
        if not isinstance(value, str | list | tuple | np.ndarray) or any(
            entry is None for entry in value
        ):
            raise UserError(
                f"row {split.number(row)}: the {role} are {value!r}, not a list of strings",
                location=split.location(column),
                remedy=f"fix the row, or name another column with -o data.columns.{role}=NAME",
            )
        yield tokens_of(value)


def read_tags(
    split: Split, columns: Mapping[str, str], lengths: NDArray[np.int64]
) -> Iterator[list[str]]:
    """Read the tags of each row, one per word.

    Args:
        split: The rows.
        columns: The column of each role.
        lengths: (R,) number of words of each row.

    Raises:
        UserError: A row does not have one tag per word.
    """
    for row, tags in enumerate(read_lists(split, columns["tags"], "tags")):
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


def tokens_of(value: str | Iterable[object]) -> list[str]:
    """The entries of a list, or a text split at white space."""
    return value.split() if isinstance(value, str) else [str(entry) for entry in value]


def _length(value: object) -> int:
    if isinstance(value, str):
        return len(value.split())
    return len(value) if isinstance(value, list | tuple | np.ndarray) else 0
