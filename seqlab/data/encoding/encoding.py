"""Encode texts as ids of the smallest type, in chunks: neither texts nor ids fill the memory."""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from itertools import chain, islice

import numpy as np
from numpy.typing import DTypeLike

from seqlab.data.contracts import Text, Tokenizer
from seqlab.data.encoding.growing import Growing
from seqlab.data.encoding.workers import encode_in_workers, worker_count
from seqlab.data.text_files.long_text import LongText
from seqlab.errors import PluginError
from seqlab.spec import Ragged
from seqlab.types import Integers

_MAX_TEXTS = 1024
_MAX_CHARACTERS = 1 << 22
"""Limits of what is encoded at a time."""


def chunks_of(texts: Iterable[Text | LongText], tokenizer: Tokenizer) -> Iterator[Text]:
    """Texts for `Tokenizer.fit`; a long text is cut into chunks where `cut_at` allows it."""
    return (chunk for _, chunk in _numbered_chunks(texts, tokenizer))


def encode_texts(tokenizer: Tokenizer, texts: Iterable[Text | LongText]) -> Ragged:
    """Encode texts; ids take one or two bytes where the vocabulary is small enough.

    A large result is stored in a temporary file and mapped into memory.

    Args:
        tokenizer: A fitted tokenizer.
        texts: May include texts that do not fit into memory.

    Raises:
        PluginError: The tokenizer returns ids outside 0 … size − 1.
    """
    values, lengths = Growing(_smallest_type(tokenizer.size)), array("q")
    with closing(_encoded(tokenizer, texts)) as batches:
        for rows, encoded in batches:
            values.append(encoded.values)
            lengths.extend([0] * (rows[-1] + 1 - len(lengths)))
            for row, length in zip(rows, encoded.lengths.tolist(), strict=True):
                lengths[row] += length
    return Ragged(values.finish(), np.array(lengths, np.int64))


def count_ids(tokenizer: Tokenizer, texts: Iterable[Text | LongText]) -> Integers:
    """(V,) how often each id occurs in the encoded texts."""
    counts = np.zeros(tokenizer.size, np.int64)
    with closing(_encoded(tokenizer, texts)) as batches:
        for _, encoded in batches:
            counts += np.bincount(encoded.values, minlength=len(counts))
    return counts


def _encoded(
    tokenizer: Tokenizer, texts: Iterable[Text | LongText]
) -> Generator[tuple[list[int], Ragged]]:
    """Encode batches of chunks: the index of each chunk's text, and the ids."""
    batches = _batched(tokenizer, texts)
    first = list(islice(batches, 2 if worker_count() > 1 else 0))
    batches = chain(first, batches)
    if len(first) > 1:  # a single batch is encoded sooner than a worker has started
        yield from encode_in_workers(tokenizer, batches)
    else:
        for rows, chunks in batches:
            yield rows, encode_checked(tokenizer, chunks)


def _batched(
    tokenizer: Tokenizer, texts: Iterable[Text | LongText]
) -> Iterator[tuple[list[int], list[Text]]]:
    """Batches of chunks, and the index of each chunk's text."""
    rows, chunks, room = list[int](), list[Text](), _MAX_CHARACTERS
    for row, chunk in _numbered_chunks(texts, tokenizer):
        rows.append(row)
        chunks.append(chunk)
        room -= len(chunk)
        if room <= 0 or len(chunks) == _MAX_TEXTS:
            yield rows, chunks
            rows, chunks, room = [], [], _MAX_CHARACTERS
    if chunks:
        yield rows, chunks


def _numbered_chunks(
    texts: Iterable[Text | LongText], tokenizer: Tokenizer
) -> Iterator[tuple[int, Text]]:
    cut = getattr(tokenizer, "cut_at", None)
    for row, text in enumerate(texts):
        if not isinstance(text, LongText):
            yield row, text
        elif cut is None:
            yield row, text.read()
        else:
            yield from ((row, chunk) for chunk in text.chunks(cut))


def encode_checked(tokenizer: Tokenizer, texts: list[Text]) -> Ragged:
    """Encode texts in one call, and check the ids.

    Raises:
        PluginError: The tokenizer returns ids outside 0 … size − 1.
    """
    encoded = tokenizer.encode(texts)
    ids = encoded.values
    if ids.size and not 0 <= int(ids.min()) <= int(ids.max()) < tokenizer.size:
        raise PluginError(
            f"a tokenizer with {tokenizer.size} tokens returned ids from {ids.min()} to "
            f"{ids.max()}",
            location=f"{type(tokenizer).__module__}:{type(tokenizer).__qualname__}.encode",
            remedy="ids are 0 … size − 1",
        )
    return encoded


def _smallest_type(size: int) -> DTypeLike:
    """The smallest integer type that holds the ids 0 … size − 1."""
    return np.min_scalar_type(max(size - 1, 0)) if size <= 1 << 16 else np.int32
