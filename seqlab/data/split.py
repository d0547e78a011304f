"""One split of a data set (train, validation or test), read in batches of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from seqlab.data.arrow_table import ArrowTable
from seqlab.data.text_files.long_text import LongText
from seqlab.errors import UserError
from seqlab.types import Integers, Row

if TYPE_CHECKING:
    import datasets

Columns: TypeAlias = Mapping[str, Sequence[object]]
Batch: TypeAlias = dict[str, list[Any]]
"""Some rows as columns."""

SERIES_LENGTH = 1 << 40
"""The positions of series number k begin at k times this number."""

Conversion: TypeAlias = Callable[[object], object]
"""Makes the value of a column from what is stored there."""

_SAMPLE_LENGTH = 10_000
"""Most characters of a long text in a sample."""


class Split:
    """Rows of a data set.

    A column of `datasets.ClassLabel` holds the names of the classes, and None for -1.

    Args:
        name: "train", "validation" or "test".
        table: A `datasets.Dataset` or an `ArrowTable`, which stay on disk, or columns in memory.
        origin: Where the rows come from, for messages: a file, a Hub id, a built-in name.
        before: If the rows are steps of series, the split with the rows before these.
        root: The split that `rows` refers to; this split if None.
        rows: Row numbers in the root, from 0 on; all rows if None.
        positions: If the rows are steps of series, (N,) their positions there: the next row of
            the same series has the next number, also in the splits before. The row numbers in
            the root if None.
    """

    def __init__(
        self,
        name: str,
        table: datasets.Dataset | ArrowTable | Columns,
        origin: str,
        before: Split | None = None,
        root: Split | None = None,
        rows: Integers | None = None,
        positions: Integers | None = None,
    ) -> None:
        self.name = name
        self.origin = origin
        self.before = before
        self._root = root
        self._rows = rows
        self._positions = positions
        self._table: datasets.Dataset | ArrowTable | Columns = table
        self._classes = {} if isinstance(table, Mapping) else _class_names(table)
        self._conversions: Mapping[str, Conversion] = {}

    @classmethod
    def from_rows(cls, name: str, rows: Iterable[object], origin: str) -> Split:
        """Create a split from rows, which are kept in memory.

        Raises:
            UserError: A row is not a mapping, or its columns differ from those of the first row.
        """
        columns: dict[str, list[object]] = {}
        for row in checked_rows(name, rows, origin):
            columns = columns or {key: [] for key in row}
            for key, value in row.items():
                columns[key].append(value)
        return cls(name, columns, origin)

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
        if isinstance(self._table, Mapping):
            return list(self._table)
        return list(self._table.column_names)

    @property
    def root(self) -> Split:
        """The split that these rows were selected from, or this split."""
        return self if self._root is None else self._root  # storing `self` would make a cycle

    @property
    def rows(self) -> Integers:
        """(N,) row numbers in the root, from 0 on."""
        return np.arange(len(self), dtype=np.int64) if self._rows is None else self._rows

    @property
    def positions(self) -> Integers:
        """(N,) the position of each row in its series: the next row has the next number.

        A series ends, or has a gap, where the numbers do not follow each other.
        """
        return self.rows if self._positions is None else self._positions

    @property
    def series(self) -> Integers:
        """(N,) the number of the series of each row."""
        return self.positions // SERIES_LENGTH

    def in_series(self, order: Integers, positions: Integers) -> Split:
        """The same rows as steps of series.

        Args:
            order: (N,) the rows of this split in the order of their series.
            positions: (N,) their positions, as in `positions`.
        """
        split = self.select(order)
        split._positions = np.asarray(positions, np.int64)
        return split

    def number(self, row: int) -> int:
        """The number of a row for messages: its position in the source, from 1 on."""
        return 1 + (row if self._rows is None else int(self._rows[row]))

    def locate(self, rows: Integers) -> tuple[str, list[int]]:
        """Where rows come from, and their numbers there, as messages name them."""
        return self.location(), [self.number(int(row)) for row in rows]

    def location(self, column: str | None = None) -> str:
        """The file or data set, the split and the column, as a message names them."""
        return f"{self.origin}, {self.name}" + (f", column '{column}'" if column else "")

    def __len__(self) -> int:
        if isinstance(self._table, Mapping):
            return len(next(iter(self._table.values()), ()))
        return len(self._table)

    def __getitem__(self, row: int) -> dict[str, Any]:
        """One row: column → value."""
        if isinstance(self._table, Mapping):
            values = {name: _read(column[row]) for name, column in self._table.items()}
        else:
            values = dict(self._table[int(row)])
            for name, classes in self._classes.items():
                values[name] = _class_name(values[name], classes)
        for name in self._conversions.keys() & values.keys():
            values[name] = self._conversions[name](values[name])
        return values

    def batches(self, size: int = 1024, *, lazy: bool = False) -> Iterator[Batch]:
        """Yield all rows in order as batches of columns.

        Args:
            size: Rows per batch.
            lazy: Whether a text that is larger than memory stays a `LongText`; else it is read.
        """
        for start in range(0, len(self), size):
            if isinstance(self._table, Mapping):
                rows = slice(start, start + size)
                batch: Batch = {
                    name: list(values[rows]) if lazy else [_read(value) for value in values[rows]]
                    for name, values in self._table.items()
                }
            else:
                batch = dict(self._table[start : start + size])
                for name in self._classes.keys() & batch.keys():
                    batch[name] = [_class_name(v, self._classes[name]) for v in batch[name]]
            yield self._convert(batch)

    def column(self, name: str, *, lazy: bool = False) -> Iterator[Any]:
        """Yield the values of one column in order; `lazy` as in `batches`."""
        for batch in self.select_columns([name]).batches(lazy=lazy):
            yield from batch[name]

    def sample(self, size: int) -> Batch:
        """The first rows as columns; a text that is larger than memory is truncated."""
        if not isinstance(self._table, Mapping):
            return next(self.batches(size), {})
        return self._convert(
            {
                name: [_read(value, _SAMPLE_LENGTH) for value in values[:size]]
                for name, values in self._table.items()
            }
        )

    @property
    def conversions(self) -> Mapping[str, Conversion]:
        """Column → the function by which its values are converted."""
        return self._conversions

    def converted(self, conversions: Mapping[str, Conversion]) -> Split:
        """The same rows with other values in some columns, which are made when they are read.

        Args:
            conversions: Column → function of a value as it is stored. They replace those of an
                earlier call; columns that the split lacks do not count.
        """
        split = self._with(self.name, self._table, self.before)
        if self._root is None:
            split._root, split._rows = None, self._rows
        known = self.column_names
        split._conversions = {name: conversions[name] for name in conversions if name in known}
        return split

    def with_name(self, name: str) -> Split:
        """The same rows as a split of another name."""
        return self._with(name, self._table, self.before)

    def is_same(self, other: Split) -> bool:
        """Whether another split has exactly these rows, such as one of `with_name`."""
        return self._table is other._table and self.before is other.before

    def select_columns(self, names: Iterable[str]) -> Split:
        """The same rows with some of the columns; the other columns are not read."""
        unique = list(dict.fromkeys(names))
        table: datasets.Dataset | ArrowTable | Columns
        if isinstance(self._table, Mapping):
            table = {name: self._table[name] for name in unique}
        else:
            table = self._table.select_columns(unique)
        return self._with(self.name, table, self.before)

    def after(self, before: Split | None) -> Split:
        """The same rows, preceded by those of another split."""
        return self._with(self.name, self._table, before)

    def select(self, rows: Integers, name: str | None = None, before: Split | None = None) -> Split:
        """Some of the rows as a split.

        Args:
            rows: Positions of the rows in this split, from 0 on.
            name: Name of the new split; the name of this split if None.
            before: As in `Split`.
        """
        table: datasets.Dataset | ArrowTable | Columns
        if isinstance(self._table, Mapping):
            table = {key: [values[row] for row in rows] for key, values in self._table.items()}
        else:
            table = self._table.select(rows)
        root_rows = np.asarray(rows, np.int64) if self._rows is None else self._rows[rows]
        positions = None if self._positions is None else self._positions[rows]
        name = name or self.name
        split = Split(name, table, self.origin, before, self.root, root_rows, positions)
        split._conversions = self._conversions
        return split

    def _with(self, name: str, table: datasets.Dataset | Columns, before: Split | None) -> Split:
        split = Split(name, table, self.origin, before, self.root, self._rows, self._positions)
        split._conversions = self._conversions
        return split

    def _convert(self, batch: Batch) -> Batch:
        """Convert the values of a batch, except texts that stay in their files."""
        for name in self._conversions.keys() & batch.keys():
            convert = self._conversions[name]
            batch[name] = [v if isinstance(v, LongText) else convert(v) for v in batch[name]]
        return batch


def checked_rows(name: str, rows: Iterable[object], origin: str) -> Iterator[Row]:
    """Yield the rows after a check that all have the same columns.

    Args:
        name: Name of the split, for messages.
        rows: The rows; they are iterated once.
        origin: Where the rows come from, for messages.

    Raises:
        UserError: A row is not a mapping, or its columns differ from those of the first row.
    """
    columns: set[str] = set()
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise UserError(
                f"the {name} split cannot be made from rows of {type(row).__name__}",
                location=f"{origin}, row {number}",
                remedy='give each row as a dict, such as {"text": "so", "label": 1}',
            )
        if number == 1:
            columns = set(row)
        if row.keys() != columns:
            raise UserError(
                f"row {number} has the columns {sorted(row)}, the first {sorted(columns)}",
                location=origin,
                remedy="give every row the same columns",
            )
        yield row


def _read(value: object, length: int | None = None) -> object:
    """A value; of a long text, its first characters or all of them."""
    return value[:length].read() if isinstance(value, LongText) else value


def _class_names(table: datasets.Dataset | ArrowTable) -> dict[str, Sequence[str]]:
    """The names of the classes in each column of classes, or of lists of classes."""
    if isinstance(table, ArrowTable):
        return table.class_names
    names: dict[str, Sequence[str]] = {}
    for column, feature in table.features.items():
        inner = feature[0] if isinstance(feature, list) else getattr(feature, "feature", feature)
        if type(inner).__name__ == "ClassLabel":  # works without an import of `datasets`
            names[column] = inner.names
    return names


def _class_name(value: Any, classes: Sequence[str]) -> object:
    """The name of a class, or None where the class is -1 or missing."""
    if isinstance(value, list):
        return [_class_name(item, classes) for item in value]
    return None if value is None or value < 0 else classes[value]
