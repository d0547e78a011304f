"""Tables of rows with values of any kind: in memory if small, else in a mapped temporary file."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from seqlab.data.arrow_table import ArrowTable
from seqlab.data.reading.arrow.mapped_tables import TableSource, spilled
from seqlab.data.split import Split
from seqlab.files.cache_folder import no_room, temporary_file
from seqlab.types import Row

if TYPE_CHECKING:
    import pyarrow

MEMORY = 32 << 20
"""Approximate size up to which rows are kept in memory, in bytes."""

_ROWS = 2048
"""Most rows of a chunk."""

_CHUNK = 1 << 22
"""Approximate size after which a chunk ends, in bytes."""

_VALUE = 60
"""Size of a value besides its characters or items, in bytes."""

_SCALARS = (str, bool, int, float)


def table_of(name: str, rows: Iterable[Row], origin: str) -> Split:
    """Collect rows as a split.

    A value that a row lacks is missing. Where a column holds texts and other single values, all
    become texts: the others as JSON writes them.

    Args:
        name: Name of the split.
        rows: The rows; they are iterated once, and may be more than fit into memory.
        origin: Where they come from, for messages.

    Raises:
        UserError: There is no room on the disk.
    """
    chunks, total = list[list[Row]](), 0
    stream = _chunked(rows)
    for chunk, size in stream:
        chunks.append(chunk)
        total += size
        if total > MEMORY:
            table = _on_disk(_chain(chunks, (chunk for chunk, _ in stream)))
            return Split(name, table, origin)
    columns = _columns([row for chunk in chunks for row in chunk])
    return Split(name, {key: _plain(values) for key, values in columns.items()}, origin)


def _chain(chunks: list[list[Row]], stream: Iterator[list[Row]]) -> Iterator[list[Row]]:
    """All chunks; those in memory are released one after the other."""
    while chunks:
        yield chunks.pop(0)
    yield from stream


def _chunked(rows: Iterable[Row]) -> Iterator[tuple[list[Row], int]]:
    """Yield rows in chunks that fit into memory, with the approximate size of each."""
    chunk, size = list[Row](), 0
    for row in rows:
        chunk.append(row)
        size += _size(row)
        if len(chunk) >= _ROWS or size >= _CHUNK:
            yield chunk, size
            chunk, size = [], 0
    if chunk:
        yield chunk, size


def _size(row: Row) -> int:
    size = _VALUE * len(row)
    for value in row.values():
        if isinstance(value, str):
            size += len(value)
        elif isinstance(value, list):
            size += _length(value)
    return size


def _length(values: list[Any]) -> int:
    return sum(
        _VALUE + (_length(v) if isinstance(v, list) else len(v) if isinstance(v, str) else 0)
        for v in values
    )


def _columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """Rows as columns, with None where a row has no value."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _plain(values: list[Any]) -> list[Any]:
    """The values; texts where single values of several kinds are mixed."""
    kinds = set(map(type, values)) - {type(None)}
    if len(kinds) < 2 or kinds <= {int, float} or not kinds <= set(_SCALARS):
        return values
    return [_text(value) for value in values]


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _on_disk(chunks: Iterable[list[Row]]) -> ArrowTable:
    """The rows in a temporary file, with a type for each column that holds all of its values."""
    with temporary_file() as file:
        try:
            parts = [_write(file, chunk) for chunk in chunks]
            file.flush()
        except OSError as error:
            raise no_room("the rows", error) from None
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    tables = [_read(mapped, start, end) for start, end in parts]
    schema = _common(tables)
    if all(table.schema == schema for table in tables):
        import pyarrow

        return ArrowTable(TableSource(pyarrow.concat_tables(tables)))
    return ArrowTable(TableSource(spilled(schema, _unified(tables, schema))))


def _write(file: IO[bytes], rows: Sequence[Row]) -> tuple[int, int]:
    """Write rows as a stream of their own, and return where it starts and ends."""
    import pyarrow

    start = file.tell()
    arrays = {name: _array(values) for name, values in _columns(rows).items()}
    table = pyarrow.table(arrays)
    with pyarrow.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
    return start, file.tell()


def _array(values: list[Any]) -> pyarrow.Array:
    """The values as an array, or as texts in JSON if Arrow has no type for all of them."""
    import pyarrow

    with suppress(pyarrow.ArrowException, OverflowError, TypeError, ValueError):
        return pyarrow.array(_plain(values))
    return pyarrow.array([_text(value) for value in values], pyarrow.string())


def _read(mapped: mmap.mmap, start: int, end: int) -> pyarrow.Table:
    import pyarrow

    buffer = pyarrow.py_buffer(mapped).slice(start, end - start)
    return pyarrow.ipc.open_stream(buffer).read_all()


def _common(tables: Sequence[pyarrow.Table]) -> pyarrow.Schema:
    """The columns of all tables, with a type that holds the values of each."""
    import pyarrow

    fields: dict[str, pyarrow.Field] = {}
    for table in tables:
        for field in table.schema:
            before = fields.get(field.name, field)
            fields[field.name] = before if before == field else _unify(before, field)
    null = pyarrow.types.is_null
    return pyarrow.schema(
        field.with_type(pyarrow.string()) if null(field.type) else field
        for field in fields.values()
    )


def _unify(first: pyarrow.Field, second: pyarrow.Field) -> pyarrow.Field:
    import pyarrow

    schemas = [pyarrow.schema([first]), pyarrow.schema([second])]
    try:
        return pyarrow.unify_schemas(schemas, promote_options="permissive").field(0)
    except pyarrow.ArrowException:
        return first.with_type(pyarrow.string())


def _unified(
    tables: Sequence[pyarrow.Table], schema: pyarrow.Schema
) -> Iterator[pyarrow.RecordBatch]:
    import pyarrow

    for table in tables:
        arrays = [_unified_column(table, field) for field in schema]
        yield from pyarrow.table(arrays, schema=schema).to_batches()


def _unified_column(table: pyarrow.Table, field: pyarrow.Field) -> pyarrow.ChunkedArray:
    import pyarrow

    if field.name not in table.column_names:
        return pyarrow.chunked_array([pyarrow.nulls(table.num_rows, field.type)])
    column = table.column(field.name)
    if column.type == field.type:
        return column
    if pyarrow.types.is_string(field.type):
        return pyarrow.chunked_array([[_text(value) for value in column.to_pylist()]], field.type)
    return column.cast(field.type)
