"""Words and tags out of the rows of a data set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab import Finding, Split, UserError


def read_lists(split: Split, column: str, role: str) -> Iterator[list[str]]:
    """Each row's words or tags.

    Args:
        split: The rows.
        column: Which column.
        role: What it holds, for messages: "words" or "tags".

    Raises:
        UserError: A row that holds something else.
    """
    for row, value in enumerate(split.column(column)):
        if not isinstance(value, str | list | tuple | np.ndarray) or any(
            entry is None for entry in value
        ):
            raise UserError(
                f"row {split.number(row)}: the {role} are {value!r}, not a list of texts",
                location=f"{split.origin}, {split.name}, column '{column}'",
                remedy=f"mend the row, or name another column with -o data.columns.{role}=NAME",
            )
        yield symbols(value)


def read_tags(
    split: Split, columns: Mapping[str, str], lengths: NDArray[np.int64]
) -> Iterator[list[str]]:
    """Each row's tags, one a word.

    Args:
        split: The rows.
        columns: Which column fills each role.
        lengths: (R,) words of each row.

    Raises:
        UserError: A row with more or fewer tags than words.
    """
    for row, tags in enumerate(read_lists(split, columns["tags"], "tags")):
        if len(tags) != lengths[row]:
            raise UserError(
                f"row {split.number(row)} has {lengths[row]} words and {len(tags)} tags",
                location=f"{split.origin}, {split.name}, columns '{columns['words']}' and "
                f"'{columns['tags']}'",
                remedy="give a tag for each word",
            )
        yield tags


def uneven(split: Split, columns: Mapping[str, str]) -> Iterator[Finding]:
    """A finding about the rows that have more or fewer tags than words."""
    wrong: list[tuple[int, int, int]] = []
    start = 0
    for batch in split.only([columns["words"], columns["tags"]]).batches():
        pairs = zip(batch[columns["words"]], batch[columns["tags"]], strict=True)
        sizes = ((row, _size(words), _size(tags)) for row, (words, tags) in enumerate(pairs, start))
        wrong += (each for each in sizes if each[1] != each[2])
        start += len(batch[columns["words"]])
    if wrong:
        yield Finding.of_rows(
            split,
            "uneven tags",
            "refused",
            "{are} not even: as many tags as words are needed",
            [row for row, _, _ in wrong],
            remedy="give a tag for each word",
            column=columns["tags"],
            value=f"{wrong[0][1]} words, {wrong[0][2]} tags",
        )


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value.split())
    return len(value) if isinstance(value, list | tuple | np.ndarray) else 0


def symbols(value: Any) -> list[str]:
    """A list's entries; a text's pieces between white space."""
    return value.split() if isinstance(value, str) else [str(entry) for entry in value]
