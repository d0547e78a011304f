"""The contract of presenters: rows from typed lines, and records from predictions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np

from seqlab.metrics.softmax import softmax
from seqlab.types import Array, Floats, JsonObject, Row


class Presenter(ABC):
    """Shows the predictions of a task in readable form.

    Attributes:
        labels: The names of the classes in the order of their ids; empty without classes.
    """

    labels: Sequence[str] = ()

    @abstractmethod
    def parse(self, line: str) -> JsonObject:
        """Convert a typed line to a row: role → value."""

    @abstractmethod
    def present(self, row: Row, outputs: Array, predictions: Array) -> JsonObject:
        """Convert the prediction for a row to a record: the row, and the prediction beside it.

        The prediction itself is `predicted`. A record that a user sees has the names and values of
        the columns as they are in the row, and its other columns, too.

        Args:
            row: The columns of the task in the row: role → value.
            outputs: The outputs of the model for this row: (T, O) per step, (O,) per sequence.
            predictions: The predictions of the head: (T, …) per step, (…) per sequence.
        """

    def values(self, values: Array, target_offset: Array | None = None) -> Floats:
        """Convert values of the model to the units of the user.

        Args:
            values: (…, O) targets or predictions.
            target_offset: The values to which they are relative, as in `Examples`.
        """
        return np.asarray(values if target_offset is None else values + target_offset, np.float64)


class ClassPresenter(Presenter):
    """Shows one class per row: its label and probability, and the probability of each class.

    Args:
        labels: The names of the classes in the order of their ids.
        role: The role of the input.
        read: Converts a line to the value of this role; the line itself is the value if None.
    """

    def __init__(
        self,
        labels: Sequence[str],
        role: str = "text",
        read: Callable[[str], object] | None = None,
    ) -> None:
        self.labels, self.role, self.read = list(labels), role, read

    def parse(self, line: str) -> JsonObject:
        """The line is the input."""
        return {self.role: line if self.read is None else self.read(line)}

    def present(self, row: Row, outputs: Array, predictions: Array) -> JsonObject:
        """The row with the label as `predicted`, its `score`, and `probabilities`."""
        probabilities = softmax(outputs)  # (O,)
        predicted = int(predictions)
        return {
            **row,
            "predicted": self.labels[predicted],
            "score": float(probabilities[predicted]),
            "probabilities": dict(zip(self.labels, map(float, probabilities), strict=True)),
        }
