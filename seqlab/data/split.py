"""One part of a data set (train, validation or test), read column-wise in bounded pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab.data.long_text import LongText
from seqlab.errors import UserError

if TYPE_CHECKING:
    import datasets

Columns: TypeAlias = Mapping[str, Sequence[Any]]
Indices: TypeAlias = NDArray[np.int64]

_BEGINNING = 10_000
"""Characters of a sample."""


class Split:
    """Rows of a data set.

    A column of `datasets.ClassLabel` gives the names of the classes, and None for -1.

    Args:
        name: "train", "validation" or "test".
        table: A `datasets.Dataset`, which stays on disk, or columns in memory.
        origin: Where the rows come from, for messages: a file, a Hub id, a built-in name.
        before: The part whose last row comes right before the first one of this, where the rows
            are one series.
        root: The part that `rows` are of; itself if None.
        rows: Which rows of the root these are, from 0 on; all if None.
    """

    def __init__(
        self,
        name: str,
        table: datasets.Dataset | Columns,
        origin: str,
        before: Split | None = None,
        root: Split | None = None,
        rows: Indices | None = None,
    ) -> None:
        self.name = name
        self.origin = origin
        self.before = before
        self._root = root
        self._rows = rows
        self._table: Any = table
        self._classes = {} if isinstance(table, Mapping) else _class_names(table.features)

    @classmethod
    def from_rows(cls, name: str, rows: Iterable[Mapping[str, Any]], origin: str) -> Split:
        """Rows given one by one, kept in memory; all must have the columns of the first.

        Raises:
            UserError: A row that is no mapping, or lacks a column.
        """
        columns: dict[str, list[Any]] = {}
        for row in checked_rows(name, rows, origin):
            columns = columns or {key: [] for key in row}
            for key, value in row.items():
                columns[key].append(value)
        return cls(name, columns, origin)

    @property
    def column_names(self) -> list[str]:
        """The columns, in order."""
        if isinstance(self._table, Mapping):
            return list(self._table)
        return list(self._table.column_names)

    @property
    def root(self) -> Split:
        """The part that the rows are of."""
        return self if self._root is None else self._root  # kept, it would be a cycle

    @property
    def rows(self) -> Indices:
        """(N,) which rows of the root these are, from 0 on."""
        return np.arange(len(self), dtype=np.int64) if self._rows is None else self._rows

    def number(self, row: int) -> int:
        """What a row is called in messages: its number in what was read, from 1 on."""
        return 1 + (row if self._rows is None else int(self._rows[row]))

    def location(self, column: str | None = None) -> str:
        """The file or data set, the split and the column, as a message names them."""
        return f"{self.origin}, {self.name}" + (f", column '{column}'" if column else "")

    def __len__(self) -> int:
        if isinstance(self._table, Mapping):
            return len(next(iter(self._table.values()), ()))
        return len(self._table)

    def __getitem__(self, row: int) -> dict[str, Any]:
        """One row."""
        if isinstance(self._table, Mapping):
            return {name: _whole(values[row]) for name, values in self._table.items()}
        found = dict(self._table[int(row)])
        for name, classes in self._classes.items():
            found[name] = _named(found[name], classes)
        return found

    def batches(self, size: int = 1024, *, whole: bool = True) -> Iterator[dict[str, list[Any]]]:
        """All rows in order, `size` at a time, as columns.

        Args:
            size: Rows at a time.
            whole: A text that is larger than memory is read; else it stays a `LongText`.
        """
        for start in range(0, len(self), size):
            if isinstance(self._table, Mapping):
                some = {k: v[start : start + size] for k, v in self._table.items()}
                read = _whole if whole else _as_it_is
                yield {name: [read(value) for value in own] for name, own in some.items()}
            else:
                batch = dict(self._table[start : start + size])
                for name in self._classes.keys() & batch.keys():
                    batch[name] = [_named(value, self._classes[name]) for value in batch[name]]
                yield batch

    def renamed(self, name: str) -> Split:
        """The very same rows as a part of another name."""
        return Split(name, self._table, self.origin, self.before, self.root, self._rows)

    def is_same(self, other: Split) -> bool:
        """Whether the other split has the very same rows, such as one that was renamed."""
        return self._table is other._table and self.before is other.before

    def texts(self, name: str) -> Iterator[Any]:
        """As `column`, but a text that is larger than memory stays a `LongText`."""
        if isinstance(self._table, Mapping):
            yield from self._table[name]
        else:
            yield from self.column(name)

    def sample(self, size: int) -> dict[str, list[Any]]:
        """The first rows as columns; of a text that is larger than memory, its beginning."""
        if not isinstance(self._table, Mapping):
            return next(self.batches(size), {})
        return {name: [_begun(v) for v in values[:size]] for name, values in self._table.items()}

    def column(self, name: str) -> Iterator[Any]:
        """The values of one column, in order."""
        for batch in self.only([name]).batches():
            yield from batch[name]

    def only(self, names: Iterable[str]) -> Split:
        """The same rows with some of the columns, of which only these are read."""
        chosen = list(dict.fromkeys(names))
        if isinstance(self._table, Mapping):
            table: Any = {name: self._table[name] for name in chosen}
        else:
            table = self._table.select_columns(chosen)
        return Split(self.name, table, self.origin, self.before, self.root, self._rows)

    def select(self, rows: Indices, name: str | None = None, before: Split | None = None) -> Split:
        """Some of the rows, as a part that may have another name.

        Args:
            rows: Their numbers.
            name: Of the new split; that of this one if None.
            before: As in `Split`.
        """
        if isinstance(self._table, Mapping):
            table: Any = {k: [v[i] for i in rows] for k, v in self._table.items()}
        else:
            table = self._table.select(rows)
        own = np.asarray(rows, np.int64) if self._rows is None else self._rows[rows]
        return Split(name or self.name, table, self.origin, before, self.root, own)


def checked_rows(
    name: str, rows: Iterable[Mapping[str, Any]], origin: str
) -> Iterator[Mapping[str, Any]]:
    """The rows, all with the columns of the first.

    Args:
        name: Of the part, for messages.
        rows: They are gone through once.
        origin: Where they come from, for messages.

    Raises:
        UserError: A row that is no mapping, or has other columns.
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


def _whole(value: Any) -> Any:
    return value.read() if isinstance(value, LongText) else value


def _as_it_is(value: Any) -> Any:
    return value


def _begun(value: Any) -> Any:
    return value[:_BEGINNING].read() if isinstance(value, LongText) else value


def _class_names(features: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """The names of the classes in each column of classes, or of lists of them."""
    found: dict[str, Sequence[str]] = {}
    for column, feature in features.items():
        inner = feature[0] if isinstance(feature, list) else getattr(feature, "feature", feature)
        if type(inner).__name__ == "ClassLabel":  # known without an import of `datasets`
            found[column] = inner.names
    return found


def _named(value: Any, classes: Sequence[str]) -> Any:
    """The name of a class; -1 and no value stand for an unknown one."""
    if isinstance(value, list):
        return [_named(item, classes) for item in value]
    return None if value is None or value < 0 else classes[value]
