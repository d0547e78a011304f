"""Rows of Arrow columns on disk, of which only the columns that are read are decoded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, overload

import numpy as np

from seqlab.types import Integers

if TYPE_CHECKING:
    import pyarrow

HEAD = 1024
"""First rows that are read without the rest of their columns."""


class ArrowSource(Protocol):
    """Where the columns of a table come from."""

    @property
    def names(self) -> Sequence[str]:
        """The names of the columns, in order."""

    @property
    def class_names(self) -> Mapping[str, Sequence[str]]:
        """The names of the classes in columns that hold their numbers."""

    @property
    def count(self) -> int:
        """The number of rows."""

    def head(self, names: Sequence[str], size: int) -> pyarrow.Table:
        """The first rows of some columns."""

    def columns(self, names: Sequence[str]) -> pyarrow.Table:
        """All rows of some columns, in memory or mapped from a file."""


class ArrowTable:
    """A table with the interface of `datasets.Dataset` that `Split` needs.

    Args:
        source: Provides the columns.
        names: The columns of this table.
        rows: Row numbers in the source, from 0 on; all rows if None.
    """

    def __init__(
        self,
        source: ArrowSource,
        names: Sequence[str] | None = None,
        rows: Integers | None = None,
    ) -> None:
        self._source = source
        self._rows = rows
        self._batches: list[pyarrow.RecordBatch] | None = None
        self._offsets = np.zeros(1, np.int64)
        self.column_names = list(source.names if names is None else names)

    @property
    def class_names(self) -> dict[str, Sequence[str]]:
        """The names of the classes in columns that hold their numbers."""
        names = self._source.class_names
        return {name: names[name] for name in self.column_names if name in names}

    def __len__(self) -> int:
        return self._source.count if self._rows is None else len(self._rows)

    @overload
    def __getitem__(self, rows: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, rows: slice) -> dict[str, list[Any]]: ...

    def __getitem__(self, rows: int | slice) -> dict[str, Any] | dict[str, list[Any]]:
        """One row, or the columns of several rows that follow one another."""
        if not isinstance(rows, slice):
            row = range(len(self))[rows]
            return {name: values[0] for name, values in self[row : row + 1].items()}
        first, last, _ = rows.indices(len(self))
        if self._rows is None and self._batches is None and last <= HEAD < len(self):
            return _values(self._source.head(self.column_names, last).slice(first))
        if self._rows is None:
            return _values(self._between(first, max(first, last)))
        return _values(self._take(self._rows[first:last]))

    def select_columns(self, names: Iterable[str]) -> ArrowTable:
        """The same rows with some of the columns."""
        return ArrowTable(self._source, list(names), self._rows)

    def select(self, rows: Integers) -> ArrowTable:
        """Some of the rows, by their positions in this table."""
        rows = np.asarray(rows, np.int64)
        rows = rows if self._rows is None else self._rows[rows]
        return ArrowTable(self._source, self.column_names, rows)

    def arrow(self) -> pyarrow.Table:
        """All rows as a table of Arrow."""
        if self._rows is not None:
            return self._take(self._rows)
        return self._source.columns(self.column_names)

    def _loaded(self) -> list[pyarrow.RecordBatch]:
        if self._batches is None:
            batches = self._source.columns(self.column_names).to_batches()
            self._batches = [batch for batch in batches if batch.num_rows]
            self._offsets = np.cumsum([0, *(batch.num_rows for batch in self._batches)])
        return self._batches

    def _between(self, first: int, last: int) -> pyarrow.Table:
        """The rows from `first` up to `last` of the source."""
        import pyarrow

        batches, parts = self._loaded(), list[pyarrow.RecordBatch]()
        index = int(np.searchsorted(self._offsets, first, side="right")) - 1
        while first < last and index < len(batches):
            start = int(self._offsets[index])
            parts.append(batches[index].slice(first - start, last - first))
            first = int(self._offsets[index + 1])
            index += 1
        return self._joined(parts)

    def _take(self, rows: Integers) -> pyarrow.Table:
        """Rows of the source in any order."""
        batches = self._loaded()
        homes = np.searchsorted(self._offsets, rows, side="right") - 1
        order = np.argsort(homes, kind="stable")
        parts = []
        for index in np.unique(homes):
            chosen = rows[order][homes[order] == index] - self._offsets[index]
            parts.append(batches[index].take(_array(chosen)))
        back = np.empty(len(rows), np.int64)
        back[order] = np.arange(len(rows))
        taken = self._joined(parts)
        return taken if len(parts) < 2 and _is_sorted(order) else taken.take(_array(back))

    def _joined(self, parts: Sequence[pyarrow.RecordBatch]) -> pyarrow.Table:
        import pyarrow

        if parts:
            return pyarrow.Table.from_batches(parts)
        return self._source.head(self.column_names, 0)


def _array(values: Integers) -> pyarrow.Array:
    import pyarrow

    return pyarrow.array(values)


def _is_sorted(order: Integers) -> bool:
    return bool((order[1:] > order[:-1]).all())


def _values(table: pyarrow.Table) -> dict[str, list[Any]]:
    """The columns of a table as lists of Python values."""
    return {name: table.column(i).to_pylist() for i, name in enumerate(table.column_names)}
