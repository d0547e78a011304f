"""Files of parquet and Arrow: columns with declared types, which stay on disk.

Only columns that are read are decoded. They are written to an unnamed temporary file, which is
mapped into memory and which the system deletes when the process ends; no copy is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqlab.data.arrow_table import ArrowTable
from seqlab.data.reading.arrow.class_names import class_names_in
from seqlab.data.reading.arrow.mapped_tables import spilled
from seqlab.data.reading.arrow.schemas import common_schema
from seqlab.errors import UserError

if TYPE_CHECKING:
    import pyarrow

_BATCH = 8192
"""Rows that are decoded at once."""


def read_arrow_files(files: Sequence[Path], file_format: str) -> ArrowTable:
    """Open files as one table.

    Args:
        files: At least one file.
        file_format: "parquet" or "arrow".

    Raises:
        UserError: A file cannot be read, or the columns of the files differ.
    """
    return ArrowTable(_Files([_open(path, file_format) for path in files]))


@dataclass(frozen=True)
class _File:
    """A file and what was in it when it was opened."""

    path: Path
    file_format: str
    schema: pyarrow.Schema
    count: int
    identity: tuple[int, ...]

    def batches(self, names: Sequence[str], size: int) -> Iterator[pyarrow.RecordBatch]:
        """Decode some columns, so many rows at once.

        Raises:
            UserError: The file is damaged, or differs from the one that was opened.
        """
        with _readable(self.path):
            if _identity(self.path) != self.identity:
                raise UserError(
                    "the file has changed while it was read",
                    location=str(self.path),
                    remedy="try again when no other program is writing to the file",
                )
            yield from _batches(self.path, self.file_format, names, size)


class _Files:
    """The columns of several files, one below the other."""

    def __init__(self, files: Sequence[_File]) -> None:
        self._files = files
        self._schema = common_schema([(file.path, file.schema) for file in files])
        self._mapped: dict[str, pyarrow.ChunkedArray] = {}
        self.names = list(self._schema.names)
        self.count = sum(file.count for file in files)
        self.class_names = class_names_in(files[0].schema)

    def head(self, names: Sequence[str], size: int) -> pyarrow.Table:
        """The first rows of some columns."""
        import pyarrow

        schema, parts, left = self._part(names), list[pyarrow.RecordBatch](), size
        for batch in self._batches(names, min(max(size, 1), _BATCH)):
            if left <= 0:
                break
            parts.append(batch.slice(0, left))
            left -= batch.num_rows
        return pyarrow.Table.from_batches(parts, schema=schema)

    def columns(self, names: Sequence[str]) -> pyarrow.Table:
        """All rows of some columns, mapped from a temporary file."""
        import pyarrow

        missing = [name for name in names if name not in self._mapped]
        if missing:
            table = spilled(self._part(missing), self._batches(missing))
            self._mapped |= {name: table.column(i) for i, name in enumerate(missing)}
        return pyarrow.table([self._mapped[name] for name in names], schema=self._part(names))

    def _part(self, names: Sequence[str]) -> pyarrow.Schema:
        import pyarrow

        return pyarrow.schema([self._schema.field(name) for name in names])

    def _batches(self, names: Sequence[str], size: int = _BATCH) -> Iterator[pyarrow.RecordBatch]:
        import pyarrow

        schema = self._part(names)
        for file in self._files:
            for batch in file.batches(names, size):
                arrays = [
                    _cast(batch.column(batch.schema.get_field_index(field.name)), field.type)
                    for field in schema
                ]
                yield pyarrow.record_batch(arrays, schema=schema)


def _open(path: Path, file_format: str) -> _File:
    with _readable(path):
        identity = _identity(path)
        if file_format == "parquet":
            import pyarrow.parquet as pq

            with pq.ParquetFile(path) as file:
                schema, count = file.schema_arrow, file.metadata.num_rows
        else:
            with _arrow_reader(path) as reader:
                schema, count = reader.schema, sum(b.num_rows for b in _each(reader))
    twice = {name for name in schema.names if schema.names.count(name) > 1}
    if twice:
        raise UserError(
            f"two columns have the name '{min(twice)}'",
            location=str(path),
            remedy="give each column a name of its own",
        )
    return _File(path, file_format, _without_index(schema), count, identity)


def _batches(
    path: Path, file_format: str, names: Sequence[str], size: int
) -> Iterator[pyarrow.RecordBatch]:
    if file_format == "parquet":
        import pyarrow.parquet as pq

        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(size, columns=list(names))
        return
    with _arrow_reader(path) as reader:
        for batch in _each(reader):
            for start in range(0, batch.num_rows, size):
                yield batch.slice(start, size).select(list(names))


@contextmanager
def _arrow_reader(path: Path) -> Iterator[Any]:
    """A reader of either format of Arrow: with random access, or a stream."""
    import pyarrow

    with pyarrow.memory_map(str(path)) as file:
        is_file = file.read(6) == b"ARROW1"
        file.seek(0)
        yield pyarrow.ipc.open_file(file) if is_file else pyarrow.ipc.open_stream(file)


def _each(reader: Any) -> Iterator[pyarrow.RecordBatch]:
    if hasattr(reader, "num_record_batches"):
        yield from (reader.get_batch(index) for index in range(reader.num_record_batches))
    else:
        yield from reader


def _without_index(schema: pyarrow.Schema) -> pyarrow.Schema:
    """The schema without the column in which pandas keeps unnamed row labels."""
    import pyarrow

    fields = [field for field in schema if not field.name.startswith("__index_level_")]
    return pyarrow.schema(fields, metadata=schema.metadata)


def _cast(array: pyarrow.Array, dtype: pyarrow.DataType) -> pyarrow.Array:
    return array if array.type == dtype else array.cast(dtype)


def _identity(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Errors of pyarrow and the system as errors that name the file."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # pyarrow raises many types of errors
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UserError(
            f"the file cannot be read: {reason}",
            location=str(path),
            remedy="fix the file, or create it again",
        ) from error
