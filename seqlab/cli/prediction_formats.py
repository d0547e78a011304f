"""Formats of predictions: readable lines, JSON, and tables."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from seqlab.errors import UserError, printable

if TYPE_CHECKING:
    from seqlab.evaluation.records import Record

SCORES = frozenset({"score", "scores", "probabilities"})
"""What is not on a line of text, except the score of a label or token."""


class Format(ABC):
    """Writes records to a file, one after the other."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file

    @abstractmethod
    def write(self, record: Record) -> None:
        """Write one record."""

    def end(self) -> None:
        """Write what follows the last record."""
        self.file.flush()


class Lines(Format):
    """One readable line per record."""

    def write(self, record: Record) -> None:
        """Write one record."""
        self.file.write(line(record) + "\n")


class JsonLines(Format):
    """One JSON object per line."""

    def write(self, record: Record) -> None:
        """Write one record."""
        self.file.write(_json(record) + "\n")


class JsonArray(Format):
    """One JSON array of all records."""

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file)
        self._before = "[\n"

    def write(self, record: Record) -> None:
        """Write one record."""
        self.file.write(self._before + _json(record))
        self._before = ",\n"

    def end(self) -> None:
        """Write what follows the last record."""
        self.file.write("[]\n" if self._before == "[\n" else "\n]\n")


class Table(Format):
    """A header, and one row per record: the columns of the input, then what is predicted.

    Args:
        file: The file.
        separator: What separates the cells.
    """

    def __init__(self, file: IO[str], separator: str) -> None:
        super().__init__(file)
        self._separator = separator
        self._names: list[str] = []

    def write(self, record: Record) -> None:
        """Write one record, the first after the header."""
        cells = _flat(record)
        if not self._names:
            self._names = list(cells)
            self._write_row(self._names)
        further = [name for name in cells if name not in self._names]
        if further:
            raise UserError(
                f"a row has the column '{further[0]}', which the rows before it do not have",
                location="--output",
                remedy="write a .jsonl file, in which every record has its own keys",
            )
        self._write_row([_cell(cells.get(name)) for name in self._names])

    def _write_row(self, cells: Sequence[str]) -> None:
        from seqlab.data.writing.delimited_lines import delimited_line

        self.file.write(delimited_line(cells, self._separator))


class CommaSeparated(Table):
    """Cells that are separated by commas."""

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file, ",")


class TabSeparated(Table):
    """Cells that are separated by tabs."""

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file, "\t")


FORMATS: dict[str, type[Format]] = {
    ".csv": CommaSeparated,
    ".tsv": TabSeparated,
    ".jsonl": JsonLines,
    ".json": JsonArray,
    ".txt": Lines,
    "": Lines,
}
"""The format of each suffix."""


def line(record: Record) -> str:
    """A prediction on one readable line: a label with its score, or a value, then the row.

    Lists of text, such as words and tags, are joined by spaces; what is predicted follows the row
    unless it is one label or value.
    """
    prediction = record.prediction
    predicted, first = prediction.get("predicted"), []
    if isinstance(predicted, float):
        first.append(f"{predicted:.6g}")
    elif isinstance(predicted, str) and "score" in prediction:
        first.append(predicted)
    omitted = SCORES | ({"predicted"} if first else set())
    if isinstance(prediction.get("score"), float):
        first.append(f"{prediction['score']:.3f}")
    cells = [*first, *map(_text, record.row.values())]
    cells += [_rounded(value) for name, value in prediction.items() if name not in omitted]
    return "\t".join(printable(" ".join(cell.split())) for cell in cells)


def _rounded(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else _text(value)


def _text(value: object) -> str:
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return " ".join(value)
    return value if isinstance(value, str) else _json(value)


def _flat(record: Record) -> dict[str, object]:
    """The cells of a row; of probabilities, one cell per label."""
    from seqlab.evaluation.records import unused_name

    cells: dict[str, object] = dict(record.row)
    for name, value in record.prediction.items():
        if not isinstance(value, dict):
            cells[record.names[name]] = value
            continue
        for label, number in value.items():
            cells[unused_name(f"{record.names[name]}.{label}", cells)] = number
    return cells


def _cell(value: object) -> str:
    """The text of a cell; lists as a data file has them, with a space between the entries."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list | tuple):
        entries = [value for value in map(_entry, value) if value is not None]
        if len(entries) == len(value):
            return " ".join(entries)
        return _json(value)
    return _json(value) if isinstance(value, dict) else str(value)


def _entry(value: object) -> str | None:
    """An entry of a list as one word; None if it is not one."""
    if isinstance(value, str):
        return value if value.split() == [value] else None
    return str(value) if isinstance(value, int | float) else None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
