"""Duplicate rows: within a split, with a different target, and across splits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from seqlab.data.checking.findings import Finding
from seqlab.data.checking.hashing import Hashes
from seqlab.data.checking.survey import Survey
from seqlab.data.split import Split
from seqlab.data.words import fold
from seqlab.types import Booleans

MAX_COMPARED = 2_000_000
"""Rows of a split that are compared with others; more would take memory that a run needs."""


class _Hashes:
    """The hashes of those rows of a split that are not empty.

    `rows` are the indices of these rows in the split.
    """

    def __init__(self, split: Split, survey: Survey) -> None:
        root_rows = split.rows
        self.rows = np.flatnonzero((root_rows < MAX_COMPARED) & ~survey.empty[root_rows])
        hashes = survey.hashes.select(root_rows[self.rows])
        self.inputs, self.whole = hashes.inputs, hashes.whole


def find_copies(
    splits: Mapping[str, Split], surveys: Mapping[Split, Survey], column: str
) -> Iterator[Finding]:
    """Find identical rows, equal inputs with different targets, and rows in two splits.

    Args:
        splits: The splits that a model is trained and evaluated on.
        surveys: The surveys of the splits as they were read.
        column: The column that findings show the value of.
    """
    hashes = {
        name: _Hashes(split, surveys[split.root])
        for name, split in splits.items()
        if split.root in surveys and len(split) > 1
    }
    for name in hashes:
        yield from _copies_within(splits[name], hashes[name], column)
    for first, second in combinations(hashes, 2):
        yield from _copies_across(
            splits[first], splits[second], hashes[first], hashes[second], column
        )


def _copies_within(split: Split, hashes: _Hashes, column: str) -> Iterator[Finding]:
    is_first = _first_occurrences(hashes.whole)
    copies = hashes.rows[~is_first]
    if len(copies):
        yield Finding.of_rows(
            split,
            "identical rows",
            "kept",
            "duplicate{s} an earlier row",
            copies,
            remedy="remove the copies, unless these rows should have a higher weight",
            column=column,
            value=split[int(copies[0])][column],
        )
    # equal inputs in rows that are not identical: the targets differ
    contradicts = is_first & ~_first_occurrences(hashes.inputs)
    if contradicts.any():
        rows = hashes.rows[contradicts]
        yield Finding.of_rows(
            split,
            "contradiction",
            "kept",
            "duplicate{s} an earlier row, but with a different target",
            rows,
            remedy="keep only one of the targets",
            column=column,
            value=split[int(rows[0])][column],
        )


def _copies_across(
    first: Split, second: Split, first_hashes: _Hashes, second_hashes: _Hashes, column: str
) -> Iterator[Finding]:
    is_shared = np.isin(second_hashes.inputs, first_hashes.inputs)
    if not is_shared.any():
        return
    rows = second_hashes.rows[is_shared]
    example = second_hashes.inputs[is_shared][0]
    original = first_hashes.rows[int((first_hashes.inputs == example).argmax())]
    yield Finding.of_rows(
        second,
        "in two splits",
        "kept",
        f"also occur{{s}} in the {first.name} split (the first as its row "
        f"{first.number(int(original))})",
        rows,
        remedy=_leak_remedy(second.name),
        column=column,
        value=second[int(rows[0])][column],
    )


def _leak_remedy(split: str) -> str:
    return f"remove the copies: they bias the metrics of the {split} split"


def _first_occurrences(hashes: Hashes) -> Booleans:
    """(M,) a mask of the values that do not occur earlier."""
    first = np.zeros(len(hashes), np.bool_)
    first[np.unique(hashes, return_index=True)[1]] = True
    return first


def find_near_copies(splits: Mapping[str, Split], column: str) -> Iterator[Finding]:
    """Find texts in two splits that differ only in case, white space and punctuation.

    Args:
        splits: The splits that a model is trained and evaluated on.
        column: The column with the texts; values of other types are ignored.
    """
    hashes = {name: _text_hashes(split, column) for name, split in splits.items()}
    for first, second in combinations(hashes, 2):
        exact, normalized = hashes[first]
        originals = {value: row for row, value in enumerate(normalized) if value}
        exact_copies = set(exact)
        rows = [
            row
            for row, (text, words) in enumerate(zip(*hashes[second], strict=True))
            if words in originals and text not in exact_copies
        ]
        if rows:
            original = originals[hashes[second][1][rows[0]]]
            yield Finding.of_rows(
                splits[second],
                "nearly in two splits",
                "kept",
                f"also occur{{s}} in the {first} split, except for case, white space and "
                f"punctuation (the first as its row {splits[first].number(original)})",
                rows,
                remedy=_leak_remedy(second),
                column=column,
                value=splits[second][rows[0]][column],
            )


def _text_hashes(split: Split, column: str) -> tuple[list[int], list[int]]:
    """Hashes of each text, and of its lower-case words alone; 0 where there are none."""
    exact, normalized = [], []
    for value in split.column(column, lazy=True):
        words = fold(value) if isinstance(value, str) else ""
        exact.append(hash(value) if isinstance(value, str) else 0)
        normalized.append(hash(words) if words else 0)
    return exact, normalized
