"""Entities: the spans of words that tags such as `B-PER`, `I-PER` and `O` stand for.

A span begins and ends by the rules of conlleval, the script of the shared tasks of CoNLL, which
are those of seqeval in its default mode: a span begins at `B-` and `S-`, after `E-` or `S-`, after
a word outside, and wherever the type changes; it ends before the next one begins, and before a
word outside. Therefore every sequence of tags has spans, such as one with `I-PER` after `O`, and
tags of the schemes IOB1 (where an entity begins with `I-`), IOB2 and IOBES are read alike. `L-`
and `U-` of BILOU, and `M-` and `W-` of BMEW, are read as `E-`, `S-`, `I-` and `S-`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

OUTSIDE = "O"

_FORM = re.compile(r"([BIESLUMW])-(.+)", re.DOTALL)
_LIKE_FORM = re.compile(r"[BIESLUMW][-_:].+", re.DOTALL | re.IGNORECASE)
_UNTYPED = frozenset("BIOESLUMW")
_KINDS = {"B": 0, "I": 1, "E": 2, "S": 3, "L": 2, "U": 3, "M": 1, "W": 3}
_BEGIN, _INSIDE, _END, _SINGLE = range(4)


class Spans(NamedTuple):
    """The spans of each sentence of a batch, by the step at which each begins.

    Args:
        begins: (B, T) True where a span begins.
        last: (B, T) the last step of the span that begins here; any number elsewhere.
        types: (B, T) the type of the span that begins here, as a number.
    """

    begins: NDArray[np.bool_]
    last: NDArray[np.int64]
    types: NDArray[np.int64]

    def equal(self, other: Spans) -> NDArray[np.bool_]:
        """(B, T) True where a span begins in both, with the same last step and type."""
        begins = self.begins & other.begins
        same: NDArray[np.bool_] = (self.last == other.last) & (self.types == other.types)
        return begins & same


class EntityTags:
    """The meaning of tags as parts of entities.

    A tag has a code: 0 outside of all entities, else 1 + 4 × type + kind, where kind is 0 for `B-`,
    1 for `I-`, 2 for `E-` and 3 for `S-`.

    Args:
        labels: The tags in the order of their ids.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        self.types = sorted({type_of(label) for label in labels if label != OUTSIDE})
        self.codes = self.encode(labels)

    @classmethod
    def of(cls, labels: Sequence[str]) -> EntityTags | None:
        """The meaning of tags that have the form of entities; None for others.

        All have the form `B-TYPE` (with one of the letters B, I, E, S, L, U, M, W) or are `O`; or
        they are such letters alone, `B` and one of I, E and M among them.
        """
        alone = set(labels) <= _UNTYPED and "B" in labels and bool(set(labels) & set("IEM"))
        typed = all(label == OUTSIDE or _FORM.fullmatch(label) for label in labels)
        has_entity = any(label != OUTSIDE for label in labels)
        return cls(labels) if alone or (typed and has_entity) else None

    def encode(self, tags: Iterable[str | None]) -> NDArray[np.int64]:
        """(N,) the code of each tag; types that `labels` do not have get numbers beyond theirs."""
        types = {name: index for index, name in enumerate(self.types)}
        codes: dict[str | None, int] = {None: 0, OUTSIDE: 0}

        def code(tag: str | None) -> int:
            if tag not in codes:
                is_entity = tag is not None and (tag in _UNTYPED or _FORM.fullmatch(tag))
                codes[tag] = 0
                if tag is not None and is_entity:
                    number = types.setdefault(type_of(tag), len(types))
                    codes[tag] = 1 + 4 * number + _KINDS[tag[0]]
            return codes[tag]

        return np.fromiter(map(code, tags), np.int64)


def type_of(tag: str) -> str:
    """The type of an entity's tag: `PER` of `B-PER`; `_` of `B`, which has none."""
    return tag[2:] or "_"


def odd_tags(labels: Sequence[str]) -> list[str]:
    """The tags for which no entities are read, although most tags have their form, or nearly so."""
    inside = [label for label in labels if label.upper() != OUTSIDE]
    if len(inside) < len(labels) and inside and all(map(_LIKE_FORM.fullmatch, inside)):
        return [label for label in labels if label != OUTSIDE and not _FORM.fullmatch(label)]
    odd = [label for label in labels if label != OUTSIDE and not _FORM.fullmatch(label)]
    entities = len(labels) - len(odd) - (OUTSIDE in labels)
    return odd if OUTSIDE in labels and entities > len(odd) else []


def spans_of(codes: NDArray[np.int64]) -> Spans:
    """The spans of sentences.

    Args:
        codes: (B, T) codes of tags, 0 in the padding.
    """
    inside = codes > 0
    kinds, types = (codes - 1) % 4, (codes - 1) // 4
    before = _shifted(inside, 1)
    previous_kind, previous_type = _shifted(kinds, 1), _shifted(types, 1)
    closed = np.isin(previous_kind, (_END, _SINGLE))
    opens = np.isin(kinds, (_BEGIN, _SINGLE))
    begins = inside & (opens | ~before | closed | (previous_type != types))
    ends = inside & (~_shifted(inside, -1) | _shifted(begins, -1))
    steps = np.where(ends, np.arange(codes.shape[1]), codes.shape[1])
    last = np.minimum.accumulate(steps[:, ::-1], axis=1)[:, ::-1]
    return Spans(begins, last, types)


def _shifted(values: NDArray[np.generic], steps: int) -> NDArray[np.int64]:
    """(B, T) the values of the step before (1) or after (−1); 0 beyond the ends."""
    shifted = np.zeros_like(values)
    if steps > 0:
        shifted[:, 1:] = values[:, :-1]
    else:
        shifted[:, :-1] = values[:, 1:]
    return shifted
