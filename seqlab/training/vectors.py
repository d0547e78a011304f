"""Word vectors from a text file: one token per line, followed by its numbers."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqlab.data.words import lowercase, normalize
from seqlab.errors import UserError, nearest
from seqlab.nn import Model, SequenceModel, TokenEmbedding
from seqlab.task import Fitted
from seqlab.types import Integers

LOCATION = "model.vectors"

Vectors = NDArray[np.float32]


def load_vectors(model: Model, fitted: Fitted) -> list[str]:
    """Initialize the token embeddings from the file that the model names, if it names one.

    A token that the file lacks keeps its initial weights. A token with capital letters takes the
    vector of its lower-case form if the file does not have its own.

    Returns:
        Notices for the user: how many tokens have a vector.

    Raises:
        UserError: The file cannot be read or does not fit, or no stream can use it.
    """
    if not isinstance(model, SequenceModel) or model.vectors is None:
        return []
    path, notices = Path(model.vectors), []
    for stream, (table, tokens) in _tables(model, fitted).items():
        ids, vectors = read_vectors(path, tokens, table.size(1))
        with torch.no_grad():
            table[torch.from_numpy(ids)] = torch.from_numpy(vectors)
        notices.append(f"{stream}: {len(ids):,} of {len(tokens):,} tokens have a vector in {path}")
        if len(ids) == 0:
            examples = ", ".join(repr(token) for token in tokens[:5])
            raise UserError(
                f"no token of '{stream}' has a vector",
                location=f"{LOCATION}, {path}",
                remedy=f"use vectors for this language and for tokens such as {examples}",
            )
    return notices


def freeze_vectors(model: Model, fitted: Fitted) -> None:
    """Exclude the embeddings with vectors from a file from training, if the model asks for it.

    Raises:
        UserError: The model names no file of vectors.
    """
    if not isinstance(model, SequenceModel) or not model.freeze_vectors:
        return
    if model.vectors is None:
        raise UserError(
            "there are no vectors to freeze",
            location="model.freeze_vectors",
            remedy="-o model.vectors=FILE, or -o 'train.freeze=embedder.*'",
        )
    for table, _ in _tables(model, fitted).values():
        table.requires_grad_(False)


def read_vectors(path: Path, tokens: Sequence[str], size: int) -> tuple[Integers, Vectors]:
    """Read the vectors of those tokens that the file has.

    Args:
        path: A text file with lines "word v1 v2 …", possibly compressed (`.gz`). A first line with
            two integers, as word2vec and fastText write it, is skipped.
        tokens: The tokens to look up.
        size: The length D of a vector.

    Returns:
        (N,) indices into `tokens`, and the (N, D) vectors of these tokens.

    Raises:
        UserError: There is no such file, a vector has a different length, or is not numeric.
    """
    indices_of: dict[str, list[int]] = {}
    by_lower_case: dict[str, list[int]] = {}
    for index, token in enumerate(map(normalize, tokens)):
        indices_of.setdefault(token, []).append(index)
        by_lower_case.setdefault(lowercase(token), []).append(index)
    exact: dict[int, Vectors] = {}
    lower_case: dict[int, Vectors] = {}
    for number, spelling, rest in _lines(path, size):
        word = normalize(spelling)
        if word in indices_of or word in by_lower_case:
            vector = _parse(rest, size, f"{path}, line {number}")
            if vector is not None:
                for index in by_lower_case.get(word, ()):
                    lower_case.setdefault(index, vector)
                for index in indices_of.get(word, ()):
                    exact.setdefault(index, vector)  # the first of several lines
    matches = {**lower_case, **exact}
    vectors = np.array(list(matches.values()), np.float32).reshape(-1, size)  # (N, D)
    return np.array(list(matches), np.int64), vectors


def _tables(model: SequenceModel, fitted: Fitted) -> dict[str, tuple[Tensor, Sequence[str]]]:
    """By stream: the (V, D) weights of its token embedding, and its tokens."""
    tables: dict[str, tuple[Tensor, Sequence[str]]] = {}
    for stream, embedding in model.embedder.streams.items():
        tokens = fitted.tokens(stream) if isinstance(embedding, TokenEmbedding) else None
        if isinstance(embedding, TokenEmbedding) and tokens is not None:
            tables[stream] = embedding.table.weight, tokens
    if not tables:
        raise UserError(
            "the model has no embedding that can use vectors",
            location=LOCATION,
            remedy="vectors require words as tokens, and -o model.input=embedding",
        )
    return tables


def _lines(path: Path, size: int) -> Iterator[tuple[int, str, str]]:
    """Yield line number, word and the rest of each line; check the length of the first vector."""
    if not path.is_file():
        raise _missing(path)
    try:
        with (gzip.open if path.suffix == ".gz" else open)(
            path, "rt", encoding="utf-8", errors="replace"
        ) as file:
            is_checked = False
            for number, line in enumerate(file, 1):
                word, _, rest = line.rstrip().partition(" ")
                if not rest or (number == 1 and size > 1 and _is_header(word, rest)):
                    continue
                if not is_checked:
                    _check_size(path, len(rest.split()), size)
                    is_checked = True
                yield number, word, rest
    except (OSError, EOFError) as error:
        raise UserError(
            f"the vectors cannot be read: {error}",
            location=f"{LOCATION}, {path}",
            remedy="fix the file",
        ) from None


def _missing(path: Path) -> UserError:
    files = path.parent.iterdir() if path.parent.is_dir() else ()
    near = nearest(path.name, [file.name for file in files])
    return UserError(
        f"there is no file '{path}'",
        location=LOCATION,
        remedy=f"did you mean '{path.parent / near}'?" if near else "give a file of vectors",
    )


def _is_header(word: str, rest: str) -> bool:
    """Whether a line has the number of words and the vector size, as word2vec writes it."""
    return word.isdecimal() and rest.isdecimal()


def _check_size(path: Path, length: int, size: int) -> None:
    if length != size:
        raise UserError(
            f"the vectors have {length} numbers, but the embedding has {size}",
            location=f"{LOCATION}, {path}",
            remedy=f"-o model.embedding_size={length}",
        )


def _parse(rest: str, size: int, location: str) -> Vectors | None:
    """The numbers of a line; None if the word contains spaces, since then it is another word."""
    fields = rest.split()
    if len(fields) > size:
        return None
    try:
        vector = np.array(fields, np.float32)
    except ValueError:
        vector = np.full(1, np.nan, np.float32)
    if len(vector) != size or not np.isfinite(vector).all():
        raise UserError(
            f"expected {size} numbers, got '{rest[:40]}…'",
            location=f"{LOCATION}, {location}",
            remedy="write one word per line, followed by its numbers, separated by spaces",
        )
    return vector
