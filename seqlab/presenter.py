"""The contract of what a person types and reads: rows from lines, records from predictions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab.metrics.softmax import softmax


class Presenter(ABC):
    """Shows the predictions of a task to a person.

    Attributes:
        labels: Of the classes, in the order of their ids, where they have names.
    """

    labels: Sequence[str] = ()

    @abstractmethod
    def parse(self, line: str) -> dict[str, Any]:
        """A line that a person typed, as a row: role → value."""

    @abstractmethod
    def present(
        self, row: Mapping[str, Any], outputs: NDArray[Any], predictions: NDArray[Any]
    ) -> dict[str, Any]:
        """One prediction as a record.

        Args:
            row: The row that it was made for: role → value.
            outputs: The model's outputs for this row: (T, O) per step, (O,) per sequence.
            predictions: The head's decisions: (T, …) per step, (…) per sequence.
        """

    def values(
        self, values: NDArray[Any], target_offset: NDArray[Any] | None = None
    ) -> NDArray[np.float64]:
        """Values of the model in the user's units.

        Args:
            values: (…, O) targets or predictions.
            target_offset: What they are counted from, as in `Examples`.
        """
        return np.asarray(values if target_offset is None else values + target_offset, np.float64)


class ClassPresenter(Presenter):
    """One class per row: its label, the label's probability, and the probability of each class.

    Args:
        labels: In the order of their ids.
        role: The role of the input.
        read: A line as the value of this role; the line itself if None.
    """

    def __init__(
        self, labels: Sequence[str], role: str = "text", read: Callable[[str], Any] | None = None
    ) -> None:
        self.labels, self.role, self.read = list(labels), role, read

    def parse(self, line: str) -> dict[str, Any]:
        """The line is the input."""
        return {self.role: line if self.read is None else self.read(line)}

    def present(
        self, row: Mapping[str, Any], outputs: NDArray[Any], predictions: NDArray[Any]
    ) -> dict[str, Any]:
        """The row with `label`, `score` and `probabilities`."""
        probabilities = softmax(outputs)  # (O,)
        predicted = int(predictions)
        return {
            **row,
            "label": self.labels[predicted],
            "score": float(probabilities[predicted]),
            "probabilities": dict(zip(self.labels, map(float, probabilities), strict=True)),
        }
