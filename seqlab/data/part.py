"""One part of a data set (train, validation or test), read column-wise in bounded pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab.errors import UserError

if TYPE_CHECKING:
    import datasets

Columns: TypeAlias = Mapping[str, Sequence[Any]]
Indices: TypeAlias = NDArray[np.int64]


class Part:
    """Rows of a data set.

    Args:
        name: "train", "validation" or "test".
        table: A `datasets.Dataset`, which stays on disk, or columns in memory.
        origin: Where the rows come from, for messages: a file, a Hub id, a built-in name.
    """

    def __init__(self, name: str, table: datasets.Dataset | Columns, origin: str) -> None:
        self.name = name
        self.origin = origin
        self._table: Any = table

    @classmethod
    def from_rows(cls, name: str, rows: Sequence[Mapping[str, Any]], origin: str) -> Part:
        """Rows given one by one; all must have the columns of the first.

        Raises:
            UserError: A row lacks a column.
        """
        columns: dict[str, list[Any]] = {key: [] for key in (rows[0] if rows else ())}
        for number, row in enumerate(rows):
            if row.keys() != columns.keys():
                raise UserError(
                    f"row {number} has the columns {sorted(row)}, the first {sorted(columns)}",
                    place=origin,
                    remedy="give every row the same columns",
                )
            for key, value in row.items():
                columns[key].append(value)
        return cls(name, columns, origin)

    @property
    def column_names(self) -> list[str]:
        """The columns, in order."""
        if isinstance(self._table, Mapping):
            return list(self._table)
        return list(self._table.column_names)

    def __len__(self) -> int:
        if isinstance(self._table, Mapping):
            return len(next(iter(self._table.values()), ()))
        return len(self._table)

    def __getitem__(self, row: int) -> dict[str, Any]:
        """One row."""
        if isinstance(self._table, Mapping):
            return {name: values[row] for name, values in self._table.items()}
        return dict(self._table[int(row)])

    def batches(self, size: int = 1024) -> Iterator[dict[str, list[Any]]]:
        """All rows in order, `size` at a time, as columns."""
        for start in range(0, len(self), size):
            if isinstance(self._table, Mapping):
                yield {k: list(v[start : start + size]) for k, v in self._table.items()}
            else:
                yield dict(self._table[start : start + size])

    def column(self, name: str) -> Iterator[Any]:
        """The values of one column, in order."""
        chosen = self if isinstance(self._table, Mapping) else self._only(name)
        for batch in chosen.batches():
            yield from batch[name]

    def select(self, rows: Indices, name: str | None = None) -> Part:
        """Some of the rows, as a part that may have another name."""
        if isinstance(self._table, Mapping):
            table: Any = {k: [v[i] for i in rows] for k, v in self._table.items()}
        else:
            table = self._table.select(rows)
        return Part(name or self.name, table, self.origin)

    def _only(self, name: str) -> Part:
        return Part(self.name, self._table.select_columns([name]), self.origin)
