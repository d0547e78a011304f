"""Lists of numbers as flat arrays, and the units in which a model sees them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab.errors import UserError
from seqlab.spec import Ragged


@dataclass(frozen=True)
class Scaler:
    """Units in which each column has mean 0 and std 1.

    Args:
        mean: (F,) of each column.
        std: (F,) of each column, > 0.
    """

    mean: NDArray[np.float64]
    std: NDArray[np.float64]

    @classmethod
    def of(cls, values: NDArray[Any]) -> Scaler:
        """The units of (N, F) values; a column of one value keeps its own unit."""
        values = values.astype(np.float64)
        mean, std = values.mean(0), values.std(0)
        # what rounding leaves of a constant column is no std
        least = 10 * np.finfo(np.float64).eps * np.abs(mean)
        return cls(mean, np.where(std > least, std, 1.0))

    def scale(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """(…, F) values in the model's units."""
        return ((values - self.mean) / self.std).astype(np.float32)

    def unscale(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """(…, F) values in the user's units."""
        return np.asarray(values, np.float64) * self.std + self.mean

    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs."""
        return {"mean": self.mean.tolist(), "std": self.std.tolist()}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Scaler:
        """As `to_json` described it."""
        return cls(np.array(state["mean"]), np.array(state["std"]))


def read_numbers(values: Sequence[Any], place: str, *, size: int | None = None) -> Ragged:
    """Sequences of numbers, end to end.

    Args:
        values: Each a list of numbers, a list of lists of F numbers, or one of these as text:
            "1 2 3", "1, 2, 3" or JSON.
        place: Where they come from, for messages.
        size: F, where it is known.

    Returns:
        Values (N, F) and the steps of each.

    Raises:
        UserError: Something that is no number, no steps, or another F than before.
    """
    arrays: list[NDArray[np.float64]] = []
    for value in values:
        array = _array(_from_text(value) if isinstance(value, str) else value, value, place)
        size = array.shape[1] if size is None else size
        if array.shape[1] != size:
            raise UserError(
                f"a sequence has {array.shape[1]} numbers a step, not {size}: {_shown(value)}",
                location=place,
                remedy="give every step of every sequence the same features",
            )
        arrays.append(array)
    lengths = np.array([len(array) for array in arrays], np.int64)
    empty = np.zeros((0, size or 1))
    return Ragged(np.concatenate(arrays) if arrays else empty, lengths)


def _array(numbers: Any, given: Any, place: str) -> NDArray[np.float64]:
    try:
        array = np.asarray(numbers, np.float64)
    except (TypeError, ValueError):
        array = np.empty(())
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or not array.size or not np.isfinite(array).all():
        raise UserError(
            f"not a sequence of numbers: {_shown(given)}",
            location=place,
            remedy="give at least one step, as [1, 2, 3] or, with two features, [[1, 0], [2, 1]]",
        )
    return array


def _from_text(text: str) -> Any:
    try:
        return json.loads(text) if text.lstrip()[:1] == "[" else text.replace(",", " ").split()
    except (ValueError, RecursionError):
        return None


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "…"
