"""Rows that are there twice: within a split, with another target, and across splits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from seqlab.data.checking.findings import Finding
from seqlab.data.checking.survey import Survey
from seqlab.data.split import Split

_WORDS = re.compile(r"\w+")


class _Hashed:
    """The hashes of a split's rows, without rows that hold nothing."""

    def __init__(self, split: Split, survey: Survey) -> None:
        places = np.flatnonzero(split.rows < len(survey.inputs))
        self.places = places[~survey.empty[split.rows[places]]]
        rows = split.rows[self.places]
        self.inputs, self.whole = survey.inputs[rows], survey.whole[rows]


def find_copies(
    splits: Mapping[str, Split], surveys: Mapping[Split, Survey], column: str
) -> Iterator[Finding]:
    """Identical rows, equal inputs with different targets, and rows that two parts share.

    Args:
        splits: As a model is given them.
        surveys: Of the splits as they were read.
        column: What is shown of a row.
    """
    hashed = {
        name: _Hashed(split, surveys[split.root])
        for name, split in splits.items()
        if split.root in surveys and len(split) > 1
    }
    for name, own in hashed.items():
        yield from _within(splits[name], own, column)
    for first, second in combinations(hashed, 2):
        yield from _across(splits[first], splits[second], hashed[first], hashed[second], column)


def _within(split: Split, own: _Hashed, column: str) -> Iterator[Finding]:
    kept = _first(own.whole)
    copies = own.places[~kept]
    if len(copies):
        yield Finding.of_rows(
            split,
            "identical rows",
            "kept",
            "{are} the same as an earlier one",
            copies,
            remedy="leave the copies out, if they are not meant to weigh more",
            column=column,
            value=split[int(copies[0])][column],
        )
    other = kept & ~_first(own.inputs)  # another row with the same inputs, not the same target
    if other.any():
        rows = own.places[other]
        yield Finding.of_rows(
            split,
            "contradiction",
            "kept",
            "{are} the same as an earlier one, but for the target",
            rows,
            remedy="decide on one of the targets",
            column=column,
            value=split[int(rows[0])][column],
        )


def _across(
    first: Split, second: Split, one: _Hashed, other: _Hashed, column: str
) -> Iterator[Finding]:
    shared = np.isin(other.inputs, one.inputs)
    if not shared.any():
        return
    rows = other.places[shared]
    twin = one.places[int((one.inputs == other.inputs[shared][0]).argmax())]
    yield Finding.of_rows(
        second,
        "in two splits",
        "kept",
        f"{{are}} in the {first.name} split, too (the first as its row {first.number(int(twin))})",
        rows,
        remedy=f"leave the copies out: what is measured on the {second.name} split counts them",
        column=column,
        value=second[int(rows[0])][column],
    )


def _first(hashes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(M,) which are not the same as an earlier one."""
    first = np.zeros(len(hashes), np.bool_)
    first[np.unique(hashes, return_index=True)[1]] = True
    return first


def find_near_copies(splits: Mapping[str, Split], column: str) -> Iterator[Finding]:
    """Texts of two parts that differ only in case, spaces and marks.

    Args:
        splits: As a model is given them.
        column: Where the texts are; other values are passed over.
    """
    keys = {name: _keys(split, column) for name, split in splits.items()}
    for first, second in combinations(keys, 2):
        exact, loose = keys[first]
        known, other = set(exact), {key: row for row, key in enumerate(loose) if key}
        rows = [
            row
            for row, (own, key) in enumerate(zip(*keys[second], strict=True))
            if key in other and own not in known
        ]
        if rows:
            twin = splits[first].number(other[keys[second][1][rows[0]]])
            yield Finding.of_rows(
                splits[second],
                "nearly in two splits",
                "kept",
                f"{{are}} in the {first} split, too, but for case, spaces and marks (the first as "
                f"its row {twin})",
                np.array(rows),
                remedy=f"leave the copies out: what is measured on the {second} split counts them",
                column=column,
                value=splits[second][rows[0]][column],
            )


def _keys(split: Split, column: str) -> tuple[list[int], list[int]]:
    """A hash of each text, and one of its letters and digits alone; 0 where there are none."""
    exact, loose = [], []
    for value in split.texts(column):
        words = _WORDS.findall(value.casefold()) if isinstance(value, str) else ()
        exact.append(hash(value) if isinstance(value, str) else 0)
        loose.append(hash(" ".join(words)) if words else 0)
    return exact, loose
