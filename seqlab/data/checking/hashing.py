"""Hashes of values that are the same in every process, by which rows are recognised later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

import numpy as np
import xxhash
from numpy.typing import NDArray

from seqlab.data.text_files.long_text import LongText
from seqlab.files.cache_folder import temporary_file
from seqlab.types import Array, Integers

Hashes: TypeAlias = NDArray[np.uint64]

_hash_bytes = xxhash.xxh3_64_intdigest

_MULTIPLIER = np.uint64(0x9E37_79B9_7F4A_7C15)
"""Odd, so that the hash of a row depends on every bit of the hashes of its columns."""

_MAX_IN_MEMORY = 4_000_000
"""Hashes that are kept in memory; more are mapped from a file."""


def no_hashes() -> Hashes:
    """An empty array."""
    return np.zeros(0, np.uint64)


@dataclass(frozen=True)
class RowHashes:
    """The hashes of the rows of a split, in order: 16 bytes per row.

    Args:
        inputs: (N,) hash of the inputs of each row.
        whole: (N,) hash of the inputs and the target of each row.
        pieces: (P,) hashes of pieces of a single text; see `with_pieces`.
    """

    inputs: Hashes
    whole: Hashes
    pieces: Hashes = field(default_factory=no_hashes)

    def __len__(self) -> int:
        return len(self.whole)

    @classmethod
    def space(cls, count: int) -> RowHashes:
        """Arrays for so many rows; those of very many rows are in a temporary file."""
        return cls(_space(count), _space(count))

    def select(self, rows: Integers) -> RowHashes:
        """The hashes of some of the rows."""
        selected = RowHashes.space(len(rows))
        np.take(self.inputs, rows, out=selected.inputs)
        np.take(self.whole, rows, out=selected.whole)
        return selected


def _space(count: int) -> Hashes:
    if count <= _MAX_IN_MEMORY:
        return np.zeros(count, np.uint64)
    with temporary_file() as file:  # the mapping stays when the file is closed
        return np.memmap(file, np.uint64, "w+", shape=count)


def hash_values(values: Sequence[object]) -> Hashes:
    """(N,) the hash of each value.

    Equal values have equal hashes, also if their types differ: a number is hashed as the text that
    it is written as, a list like an array of the same numbers.
    """
    if values and type(values[0]) is str:
        try:  # without a call of a Python function per text
            encoded = map(str.encode, cast("Sequence[str]", values))
            return np.fromiter(map(_hash_bytes, encoded), np.uint64, len(values))
        except (TypeError, UnicodeError):  # other values among the texts, or lone surrogates
            pass
    if set(map(type, values)) == {int}:
        encoded = map(str.encode, map(str, values))
        return np.fromiter(map(_hash_bytes, encoded), np.uint64, len(values))
    return np.fromiter(map(_hash_value, values), np.uint64, len(values))


def combine(hashes: Iterable[Hashes]) -> Hashes:
    """(N,) one hash per row from those of its columns, which depends on their order."""
    columns = iter(hashes)
    combined = next(columns)
    for column in columns:
        combined = combined * _MULTIPLIER + column
    return combined


def _hash_value(value: object) -> int:
    match value:
        case LongText():
            digest = xxhash.xxh3_64()
            for chunk in value.chunks():
                digest.update(_encoded(chunk))
            return digest.intdigest()
        case str():
            return _hash_bytes(_encoded(value))
        case list() | tuple() | np.ndarray():
            return _hash_list(value)
        case Mapping():
            names = sorted(value, key=str)
            return _hash_list([[str(name), value[name]] for name in names])
        case bytes():
            return _hash_bytes(b"\0bytes" + value)
    return _hash_bytes(_encoded(_number_text(value)))


def _hash_list(values: Sequence[object] | Array) -> int:
    """The hash of a list: of its texts joined, of its numbers as float64, or of their hashes."""
    if isinstance(values, np.ndarray) and values.ndim == 1:
        if values.dtype.kind in "iuf" and len(values):
            return _hash_numbers(values)
        values = values.tolist()
    types = set(map(type, values))
    if types == {str}:
        joined = "\0".join(map(str, values))
        if joined.count("\0") == len(values) - 1:
            return _hash_bytes(_encoded(f"\0texts{joined}"))
    if types and types <= {int, float}:
        try:
            return _hash_numbers(values)
        except OverflowError:  # an integer that no float is near to
            pass
    return _hash_bytes(b"\0values" + hash_values(list(values)).tobytes())


def _hash_numbers(values: Sequence[object] | Array) -> int:
    numbers = np.asarray(values, np.float64) + 0.0  # -0.0 becomes 0.0
    return _hash_bytes(b"\0numbers" + numbers.tobytes())


def _number_text(value: object) -> str:
    """A number as text, integers without a decimal point; other values as they are printed."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
