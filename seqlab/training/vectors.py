"""Word vectors from a text file: one symbol a line, then its numbers."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqlab.errors import UserError, nearest
from seqlab.nn import Model, SequenceModel, TokenEmbedding
from seqlab.task import Fitted

PLACE = "model.vectors"


def load_vectors(model: Model, fitted: Fitted) -> list[str]:
    """Start the embedding of each stream of known symbols from the file that the model names.

    Symbols that the file lacks keep their start weights; a symbol with capitals takes the vector
    of its lower case where the file has no other.

    Returns:
        How many symbols have a vector.

    Raises:
        UserError: The file cannot be read or does not fit, or no stream can use it.
    """
    if not isinstance(model, SequenceModel) or model.vectors is None:
        return []
    path, notices = Path(model.vectors), []
    for name, (table, symbols) in _tables(model, fitted).items():
        rows, vectors = read_vectors(path, symbols, table.size(1))
        with torch.no_grad():
            table[torch.from_numpy(rows)] = torch.from_numpy(vectors)
        notices.append(f"{name}: {len(rows):,} of {len(symbols):,} symbols have a vector in {path}")
        if len(rows) == 0:
            raise UserError(
                f"no symbol of '{name}' has a vector",
                location=f"{PLACE}, {path}",
                remedy="give vectors of the language and the kind of symbols: "
                + ", ".join(repr(symbol) for symbol in symbols[:5]),
            )
    return notices


def freeze_vectors(model: Model, fitted: Fitted) -> None:
    """Train no embedding that has vectors from a file, if the model says so.

    Raises:
        UserError: There is no file of vectors.
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


def read_vectors(
    path: Path, symbols: Sequence[str], size: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The vectors of symbols, those that the file has.

    Args:
        path: A text file, also `.gz`: "word v1 v2 …"; a first line with two counts is no vector.
        symbols: What is looked for.
        size: D.

    Returns:
        (N,) places in `symbols`, and their (N, D) vectors.

    Raises:
        UserError: No such file, or vectors of another width, or no numbers.
    """
    exact = {symbol: place for place, symbol in enumerate(symbols)}
    lower: dict[str, list[int]] = {}
    for place, symbol in enumerate(symbols):
        lower.setdefault(symbol.lower(), []).append(place)
    own: dict[int, NDArray[np.float32]] = {}
    lent: dict[int, NDArray[np.float32]] = {}
    for number, word, rest in _lines(path, size):
        if word in exact or word in lower:
            vector = _vector(rest, size, f"{path}, line {number}")
            if vector is not None:
                for place in lower.get(word, ()):
                    lent.setdefault(place, vector)
                if word in exact:
                    own.setdefault(exact[word], vector)  # the first of several counts
    found = {**lent, **own}
    vectors = np.array(list(found.values()), np.float32).reshape(-1, size)  # (N, D)
    return np.array(list(found), np.int64), vectors


def _tables(model: SequenceModel, fitted: Fitted) -> dict[str, tuple[Tensor, Sequence[str]]]:
    """The (V, D) weights of each stream whose symbols are known, with these."""
    found: dict[str, tuple[Tensor, Sequence[str]]] = {}
    for name, part in model.embedder.streams.items():
        symbols = fitted.tokens(name) if isinstance(part, TokenEmbedding) else None
        if isinstance(part, TokenEmbedding) and symbols is not None:
            found[name] = part.table.weight, symbols
    if not found:
        raise UserError(
            "there is no embedding that could take vectors",
            location=PLACE,
            remedy="vectors are for words as symbols, with -o model.input=embedding",
        )
    return found


def _lines(path: Path, size: int) -> Iterator[tuple[int, str, str]]:
    """Number, word and the rest of each line; checks the width of the first vector."""
    if not path.is_file():
        beside = path.parent.iterdir() if path.parent.is_dir() else ()
        near = nearest(path.name, [p.name for p in beside])
        raise UserError(
            f"there is no file '{path}'",
            location=PLACE,
            remedy=f"did you mean '{path.parent / near}'?" if near else "give a file of vectors",
        )
    try:
        with (gzip.open if path.suffix == ".gz" else open)(
            path, "rt", encoding="utf-8", errors="replace"
        ) as file:
            checked = False
            for number, line in enumerate(file, 1):
                word, _, rest = line.rstrip().partition(" ")
                if not rest or (number == 1 and size > 1 and _is_header(word, rest)):
                    continue
                if not checked:
                    _check_width(path, len(rest.split()), size)
                    checked = True
                yield number, word, rest
    except (OSError, EOFError) as error:
        raise UserError(
            f"the vectors cannot be read: {error}",
            location=f"{PLACE}, {path}",
            remedy="mend the file",
        ) from None


def _is_header(word: str, rest: str) -> bool:
    """Whether a line is the two counts that word2vec and fastText write: words and width."""
    return word.isdecimal() and rest.isdecimal()


def _check_width(path: Path, width: int, size: int) -> None:
    if width != size:
        raise UserError(
            f"the vectors have {width} numbers, and the embedding {size}",
            location=f"{PLACE}, {path}",
            remedy=f"-o model.embedding_size={width}",
        )


def _vector(rest: str, size: int, place: str) -> NDArray[np.float32] | None:
    """The numbers of a line; None where its word has spaces, so that it is another word."""
    fields = rest.split()
    if len(fields) > size:
        return None
    try:
        vector = np.array(fields, np.float32)
    except ValueError:
        vector = np.full(1, np.nan, np.float32)
    if len(vector) != size or not np.isfinite(vector).all():
        raise UserError(
            f"not {size} numbers: '{rest[:40]}…'",
            location=f"{PLACE}, {place}",
            remedy="write a word and its numbers on each line, with a space between",
        )
    return vector
