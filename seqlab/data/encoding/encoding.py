"""Texts as ids of the smallest type, a piece at a time: neither texts nor ids fill the memory."""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab.data.contracts import Text, Tokenizer
from seqlab.data.encoding.growing import Growing
from seqlab.data.encoding.workers import encode_beside, worker_count
from seqlab.data.long_text import LongText
from seqlab.errors import PluginError
from seqlab.spec import Ragged

_TEXTS = 1024
_CHARACTERS = 1 << 22
"""What is encoded at a time, at most."""


def chunks_of(texts: Iterable[Text | LongText], tokenizer: Tokenizer) -> Iterator[Text]:
    """Texts as `Tokenizer.fit` takes them; a long one in pieces where its `cut_at` allows that."""
    return (piece for _, piece in _numbered(texts, tokenizer))


def encode_texts(tokenizer: Tokenizer, texts: Iterable[Text | LongText]) -> Ragged:
    """The ids of each text: one byte each, or two, where there are not too many symbols.

    Many ids lie in a file, and are mapped into memory.

    Args:
        tokenizer: Fitted.
        texts: Also such as are too long for memory.

    Raises:
        PluginError: The tokenizer gives ids that are not 0 … size − 1.
    """
    values, lengths = Growing(_smallest(tokenizer.size)), array("q")
    with closing(_encoded(tokenizer, texts)) as pieces:
        for rows, found in pieces:
            values.append(found.values)
            lengths.extend([0] * (rows[-1] + 1 - len(lengths)))
            for row, length in zip(rows, found.lengths.tolist(), strict=True):
                lengths[row] += length
    return Ragged(values.finish(), np.array(lengths, np.int64))


def count_ids(tokenizer: Tokenizer, texts: Iterable[Text | LongText]) -> NDArray[np.int64]:
    """(V,) how often each id occurs."""
    counts = np.zeros(tokenizer.size, np.int64)
    with closing(_encoded(tokenizer, texts)) as pieces:
        for _, found in pieces:
            counts += np.bincount(found.values, minlength=len(counts))
    return counts


def _encoded(
    tokenizer: Tokenizer, texts: Iterable[Text | LongText]
) -> Generator[tuple[list[int], Ragged]]:
    """Some pieces at a time: which text each is of, and their ids."""
    pieces = _together(tokenizer, texts)
    begun = list(islice(pieces, 2 if worker_count() > 1 else 0))
    pieces = chain(begun, pieces)
    if len(begun) > 1:  # for a single one, nobody else is asked
        yield from encode_beside(tokenizer, pieces)
    else:
        for rows, some in pieces:
            yield rows, encode_checked(tokenizer, some)


def _together(
    tokenizer: Tokenizer, texts: Iterable[Text | LongText]
) -> Iterator[tuple[list[int], list[Text]]]:
    """Some pieces at a time, and which text each is of."""
    rows, waiting, room = list[int](), list[Text](), _CHARACTERS
    for row, piece in _numbered(texts, tokenizer):
        rows.append(row)
        waiting.append(piece)
        room -= len(piece)
        if room <= 0 or len(waiting) == _TEXTS:
            yield rows, waiting
            rows, waiting, room = [], [], _CHARACTERS
    if waiting:
        yield rows, waiting


def _numbered(texts: Iterable[Text | LongText], tokenizer: Tokenizer) -> Iterator[tuple[int, Text]]:
    cut = getattr(tokenizer, "cut_at", None)
    for row, text in enumerate(texts):
        if not isinstance(text, LongText):
            yield row, text
        elif cut is None:
            yield row, text.read()
        else:
            yield from ((row, piece) for piece in text.pieces(cut))


def encode_checked(tokenizer: Tokenizer, texts: list[Text]) -> Ragged:
    """The ids of some texts.

    Raises:
        PluginError: As in `encode_texts`.
    """
    found = tokenizer.encode(texts)
    values = found.values
    if values.size and not 0 <= int(values.min()) <= int(values.max()) < tokenizer.size:
        raise PluginError(
            f"a tokenizer of {tokenizer.size} symbols gives ids from {values.min()} to "
            f"{values.max()}",
            location=f"{type(tokenizer).__module__}:{type(tokenizer).__qualname__}.encode",
            remedy="ids are 0 … size − 1",
        )
    return found


def _smallest(size: int) -> np.dtype[Any]:
    """The smallest type that holds so many ids."""
    return np.min_scalar_type(max(size - 1, 0)) if size <= 1 << 16 else np.dtype(np.int32)
