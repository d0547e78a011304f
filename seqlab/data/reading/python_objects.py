"""Tables, rows and values as the libraries for tables hand them over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, TypeAlias

import numpy as np

from seqlab.data.missing import is_missing
from seqlab.errors import UserError, listed

Columns: TypeAlias = dict[str, list[object]]

_PLAIN = {str, int, float, bool, type(None), list, tuple, dict, bytes}
_LISTS = (list, tuple)


def columns_of(table: object, name: str) -> Columns | None:
    """The columns of a table, with plain values.

    Args:
        table: A table of pandas, polars or pyarrow, a structured array of numpy, or a mapping of
            columns.
        name: Name of the split, for messages.

    Returns:
        The columns by name; None if the object is not a table.

    Raises:
        UserError: Two columns have the same name, or they differ in length.
    """
    raw = _raw_columns(table)
    if raw is None:
        return None
    columns: Columns = {}
    for key, values in raw:
        if (text := column_name(key)) in columns:
            raise UserError(
                f"two columns of the {name} split are called '{text}'",
                location=f"data, {type(table).__name__}",
                remedy="rename one of them",
            )
        columns[text] = plain_values(_as_list(values))
    _check_lengths(columns, name)
    return columns


def is_mapping_of_columns(spec: Mapping[Any, object]) -> bool:
    """Whether a mapping holds columns, not splits: its values are lists, but not lists of rows."""
    return bool(spec) and all(_is_column(values) for values in spec.values())


def column_name(key: object) -> str:
    """The name of a column as text: tables without names count their columns."""
    if isinstance(key, tuple):  # the levels of a name in pandas
        return ".".join(str(level) for level in key if str(level))
    return str(key)


def plain_row(row: Mapping[Any, object]) -> dict[str, object]:
    """A row with names as text and plain values.

    Raises:
        UserError: Two columns have the same name.
    """
    plain = {
        key if type(key) is str else column_name(key): plain_value(value)
        for key, value in row.items()
    }
    if len(plain) < len(row):
        raise UserError(
            f"two columns have the same name as text: {', '.join(map(repr, row))}",
            location="data",
            remedy="rename one of them",
        )
    return plain


def plain_rows(rows: Iterable[object]) -> Iterator[object]:
    """The rows with plain names and values; anything that is not a mapping stays as it is."""
    for row in rows:
        yield plain_row(row) if isinstance(row, Mapping) else row


def rows_of(rows: object) -> Iterable[Any]:
    """Rows to predict from whatever holds them: a table, or any iterable of lines and rows.

    Raises:
        UserError: A single line or row instead of several.
    """
    is_row = isinstance(rows, Mapping) and not is_mapping_of_columns(rows)
    columns = None if is_row else columns_of(rows, "predict")
    if columns is not None:
        names = list(columns)
        lists = columns.values()
        return (dict(zip(names, values, strict=True)) for values in zip(*lists, strict=True))
    if is_row or isinstance(rows, str | bytes) or not isinstance(rows, Iterable):
        raise UserError(
            f"rows to predict are a list of texts or rows, not one {type(rows).__name__}",
            location="rows",
            remedy="put a single text or row into a list: [text]",
        )
    return map(_checked_row, plain_rows(rows), count(1))


def _checked_row(row: object, number: int) -> object:
    if not isinstance(row, str | Mapping):
        raise UserError(
            f"a row to predict is a text or a dict, not {type(row).__name__}",
            location=f"row {number} to predict",
            remedy='write it as text, or as a dict such as {"text": "so"}',
        )
    return row


def plain_values(values: list[Any]) -> list[object]:
    """Values without the types of libraries; the list itself if it has none."""
    types = set(map(type, values))
    has_nested = not types.isdisjoint((list, tuple, dict))
    return values if types <= _PLAIN and not has_nested else list(map(plain_value, values))


def plain_value(value: Any) -> object:
    """A value without the types of libraries: a gap is None, a scalar of numpy a Python scalar."""
    kind = type(value)
    if kind in (str, int, float, bool):
        return value
    if kind in _LISTS:
        return value if set(map(type, value)) <= {str, int, float, bool} else _plain_list(value)
    if is_missing(value):
        # a floating NaN is kept: for numbers it is a value that cannot be used, not a gap
        return value if isinstance(value, float) else None
    if isinstance(value, np.ndarray):
        return value.tolist() if value.dtype.kind in "OUSMmb" else value
    if isinstance(value, np.generic):
        return value.item() if value.dtype.kind in "biufUS" else value
    is_series = type(value).__name__ == "Series" and hasattr(value, "to_list")
    return plain_value(value.to_list()) if is_series else value


def _plain_list(values: Sequence[object]) -> list[object]:
    return [plain_value(value) for value in values]


def _raw_columns(table: Any) -> Iterable[tuple[object, Any]] | None:
    """The columns of a table; libraries are recognized by their methods, without an import."""
    module = type(table).__module__.partition(".")[0]
    if module == "pandas" and hasattr(table, "iloc") and hasattr(table, "columns"):
        columns = [(key, table.iloc[:, index]) for index, key in enumerate(table.columns)]
        return [*_index_columns(table.index, {*table.columns}), *columns]
    if module == "polars" and hasattr(table, "collect"):  # a LazyFrame
        return _raw_columns(table.collect())
    if module == "polars" and hasattr(table, "get_columns"):
        return [(column.name, column) for column in table.get_columns()]
    if module == "pyarrow" and hasattr(table, "column_names"):
        return list(zip(table.column_names, table.columns, strict=True))
    if isinstance(table, np.ndarray) and table.dtype.names:
        return [(key, table[key]) for key in table.dtype.names]
    return table.items() if isinstance(table, Mapping) else None


def _index_columns(index: Any, columns: set[object]) -> list[tuple[object, Any]]:
    """The index of a table of pandas, as far as it says what it is: a name, or times."""
    names = list(index.names)
    if names == [None] and type(index).__name__ in ("DatetimeIndex", "PeriodIndex"):
        names = ["index"]
    levels = [
        (name, index.get_level_values(level))
        for level, name in enumerate(names)
        if name is not None and name not in columns
    ]
    return [
        (name, list(map(str, level)) if type(level).__name__ == "PeriodIndex" else level)
        for name, level in levels
    ]


def _as_list(column: Any) -> list[Any]:
    for method in ("to_list", "tolist", "to_pylist"):
        convert: Callable[[], list[Any]] | None = getattr(column, method, None)
        if callable(convert):
            return convert()
    return list(column)


def _is_column(values: object) -> bool:
    if isinstance(values, str | bytes | Mapping) or not hasattr(values, "__len__"):
        return False
    if _is_table(values) or not hasattr(values, "__iter__"):
        return False
    return not isinstance(next(iter(values), None), Mapping)


def _is_table(value: object) -> bool:
    return not isinstance(value, Mapping) and _raw_columns(value) is not None


def _check_lengths(columns: Columns, name: str) -> None:
    lengths = {column: len(values) for column, values in columns.items()}
    if len(set(lengths.values())) > 1:
        shown = listed(f"'{column}' {length}" for column, length in lengths.items())
        raise UserError(
            f"the columns of the {name} split differ in length: {shown}",
            location="data",
            remedy="give every column one value per row",
        )
