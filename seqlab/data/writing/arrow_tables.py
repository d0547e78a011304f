"""Columns with types: .parquet and .arrow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqlab.data.split import Split
from seqlab.data.text_files.long_text import LongText
from seqlab.data.writing.cells import plain

if TYPE_CHECKING:
    import pyarrow

_ROWS = 8192


def write_parquet(split: Split, path: Path) -> None:
    """Write a parquet file, with the types that the values have."""
    import pyarrow.parquet as pq

    schema = _schema(split)
    with pq.ParquetWriter(path, schema) as writer:
        for batch in _batches(split, schema):
            writer.write_batch(batch)


def write_arrow(split: Split, path: Path) -> None:
    """Write a file in the format of Arrow for random access."""
    import pyarrow

    schema = _schema(split)
    with pyarrow.OSFile(str(path), "wb") as file, pyarrow.ipc.new_file(file, schema) as writer:
        for batch in _batches(split, schema):
            writer.write_batch(batch)


def _schema(split: Split) -> pyarrow.Schema:
    """The types that hold all values; text where values have no common type."""
    import pyarrow

    names = split.column_names
    types = dict.fromkeys(names, pyarrow.null())
    for batch in split.batches(_ROWS):
        for name in names:
            types[name] = _common(types[name], batch[name])
    return pyarrow.schema(
        (name, pyarrow.string() if pyarrow.types.is_null(dtype) else dtype)
        for name, dtype in types.items()
    )


def _common(dtype: pyarrow.DataType, values: Sequence[object]) -> pyarrow.DataType:
    import pyarrow

    try:
        schemas = [pyarrow.schema({"": dtype}), pyarrow.schema({"": _array(values).type})]
        common = pyarrow.unify_schemas(schemas, promote_options="permissive").field(0).type
        _array(values).cast(common)
    except (pyarrow.ArrowException, OverflowError, TypeError, ValueError):
        return pyarrow.string()
    return common


def _batches(split: Split, schema: pyarrow.Schema) -> Iterator[pyarrow.RecordBatch]:
    import pyarrow

    for batch in split.batches(_ROWS):
        arrays = [_typed(batch[field.name], field.type) for field in schema]
        yield pyarrow.record_batch(arrays, schema=schema)


def _typed(values: Sequence[object], dtype: pyarrow.DataType) -> pyarrow.Array:
    import pyarrow

    try:
        return _array(values).cast(dtype)
    except (pyarrow.ArrowException, OverflowError, TypeError, ValueError):
        return pyarrow.array([_text(value) for value in values], dtype)


def _array(values: Sequence[object]) -> pyarrow.Array:
    import pyarrow

    return pyarrow.array(
        [value.read() if isinstance(value, LongText) else value for value in values]
    )


def _text(value: object) -> str | None:
    """A value of a column without a common type: a text as it is, others as JSON writes them."""
    simple = plain(value)
    if simple is None or isinstance(simple, str):
        return simple
    return json.dumps(simple, ensure_ascii=False)
