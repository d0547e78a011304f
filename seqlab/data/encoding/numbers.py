"""Lists of numbers as flat arrays, and their standardization."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqlab.errors import UserError, shorten
from seqlab.spec import Ragged
from seqlab.types import Array, Floats


@dataclass(frozen=True)
class Scaler:
    """Standardizes columns to mean 0 and standard deviation 1.

    Args:
        mean: (F,) mean of each column.
        std: (F,) standard deviation of each column, > 0.
    """

    mean: Floats
    std: Floats

    @classmethod
    def of(cls, values: Array) -> Scaler:
        """Fit to (N, F) values; a constant column is centered but not scaled."""
        values = values.astype(np.float64)
        mean, std = values.mean(0), values.std(0)
        # rounding errors give a constant column a tiny standard deviation, which must not scale it
        smallest = 10 * np.finfo(np.float64).eps * np.abs(mean)
        return cls(mean, np.where(std > smallest, std, 1.0))

    def scale(self, values: Array) -> NDArray[np.float32]:
        """Standardize (…, F) values."""
        return ((values - self.mean) / self.std).astype(np.float32)

    def unscale(self, values: Array) -> Floats:
        """Convert (…, F) standardized values back to the units of the data."""
        return np.asarray(values, np.float64) * self.std + self.mean

    def to_json(self) -> dict[str, list[float]]:
        """Everything that `from_json` needs."""
        return {"mean": self.mean.tolist(), "std": self.std.tolist()}

    @classmethod
    def from_json(cls, state: Mapping[str, Sequence[float]]) -> Scaler:
        """Restore the scaler from the result of `to_json`."""
        return cls(np.array(state["mean"]), np.array(state["std"]))


def read_numbers(values: Sequence[object], location: str, *, size: int | None = None) -> Ragged:
    """Concatenate sequences of numbers.

    Args:
        values: Each is a list of numbers, a list of lists of F numbers, or one of these as text:
            "1 2 3", "1, 2, 3" or JSON.
        location: Where the values come from, for messages.
        size: F, where it is known.

    Returns:
        Values (N, F) and the number of steps of each sequence.

    Raises:
        UserError: A value is not a number, a sequence has no steps, or F differs.
    """
    arrays: list[Floats] = []
    for value in values:
        array = _to_array(value, location)
        size = array.shape[1] if size is None else size
        if array.shape[1] != size:
            raise UserError(
                f"a sequence has {array.shape[1]} numbers per step, not {size}: {shorten(value)}",
                location=location,
                remedy="give every step of every sequence the same features",
            )
        arrays.append(array)
    lengths = np.array([len(array) for array in arrays], np.int64)
    empty = np.zeros((0, size or 1))
    return Ragged(np.concatenate(arrays) if arrays else empty, lengths)


def _to_array(value: object, location: str) -> Floats:
    """(T, F) one sequence."""
    numbers = _parse(value) if isinstance(value, str) else value
    try:
        array = np.asarray(numbers, np.float64)
    except (TypeError, ValueError):
        array = np.empty(())
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or not array.size or not np.isfinite(array).all():
        raise UserError(
            f"not a sequence of numbers: {shorten(value)}",
            location=location,
            remedy="give at least one step, as [1, 2, 3] or, with two features, [[1, 0], [2, 1]]",
        )
    return array


def _parse(text: str) -> object:
    try:
        if text.lstrip()[:1] == "[":
            return json.loads(text)
    except (ValueError, RecursionError):
        return None
    words = text.split()
    if len(words) > 1 and any("," in word.strip(",") for word in words):
        return None  # "1,5 2,5" may be two numbers or four
    return text.replace(",", " ").split()
