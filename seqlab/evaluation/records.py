"""Records of predictions: the columns of a row, and what is predicted beside them."""

from __future__ import annotations

from collections.abc import Mapping

from seqlab.data.reading.rows import WrittenRow
from seqlab.types import JsonObject, Row


class TypedRow(dict[str, object]):
    """A row that was typed as a line, under the names of the columns of training."""


class Record(dict[str, object]):
    """The columns of a row, and what is predicted beside them.

    Args:
        columns: The columns of the row, as they are.
        prediction: What is predicted. A name that is also a column gets a number: `predicted_2`.

    Attributes:
        names: What is predicted → its key in the record.
    """

    def __init__(self, columns: Row, prediction: JsonObject) -> None:
        super().__init__(columns)
        self.names: dict[str, str] = {}
        for name, value in prediction.items():
            self.names[name] = unused_name(name, self)
            self[self.names[name]] = value

    @property
    def row(self) -> JsonObject:
        """The columns of the row."""
        predicted = set(self.names.values())
        return {name: value for name, value in self.items() if name not in predicted}

    @property
    def prediction(self) -> JsonObject:
        """What is predicted, under the names that the presenter of the task gives."""
        return {name: self[key] for name, key in self.names.items() if key in self}


def unused_name(name: str, taken: Mapping[str, object]) -> str:
    """The name, or the first of `name_2`, `name_3` … that is not taken."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def record_of(row: Row, by_role: Row, presented: JsonObject) -> Record:
    """The record of a row.

    Args:
        row: The row: column → value.
        by_role: What the presenter received: role → value.
        presented: What it returned: these values, perhaps in another form, and the prediction.
    """
    prediction = {name: value for name, value in presented.items() if name not in by_role}
    if not prediction:  # a presenter that puts the prediction in the place of the target
        prediction = {
            name: value for name, value in presented.items() if value is not by_role[name]
        }
    if isinstance(row, TypedRow):  # it has no columns of its own
        shown = {name: value for name, value in presented.items() if name in by_role}
        return Record(shown, prediction)
    return Record({**row, **row.written} if isinstance(row, WrittenRow) else row, prediction)
