"""Files of parquet and Arrow: columns with declared types, which stay on disk.

Only columns that are read are decoded. They are written to an unnamed temporary file, which is
mapped into memory and which the system deletes when the process ends; no copy is kept.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqlab.data.arrow_table import ArrowTable
from seqlab.data.reading.class_names import class_names_in
from seqlab.errors import UserError
from seqlab.files.cache_folder import temporary_file, temporary_folder

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
        self._schema = _common_schema(files)
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


class TableSource:
    """The columns of a table in memory, or mapped from a file.

    Args:
        table: The table.
    """

    def __init__(self, table: pyarrow.Table) -> None:
        self._table = table
        self.names = list(table.column_names)
        self.count = int(table.num_rows)
        self.class_names = class_names_in(table.schema)

    def head(self, names: Sequence[str], size: int) -> pyarrow.Table:
        """The first rows of some columns."""
        return self._table.select(list(names)).slice(0, size)

    def columns(self, names: Sequence[str]) -> pyarrow.Table:
        """All rows of some columns."""
        return self._table.select(list(names))


def spilled(schema: pyarrow.Schema, batches: Iterable[pyarrow.RecordBatch]) -> pyarrow.Table:
    """Batches as a table that is mapped from a temporary file.

    Raises:
        UserError: The disk is full.
    """
    import pyarrow

    with temporary_file() as file:
        try:
            with pyarrow.ipc.new_stream(file, schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)
            file.flush()
        except OSError as error:
            raise UserError(
                f"there is no room for the rows: {error.strerror or error}",
                location=temporary_folder(),
                remedy="set SEQLAB_CACHE to a folder on another disk",
            ) from None
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return pyarrow.ipc.open_stream(pyarrow.py_buffer(mapped)).read_all()


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


def _plain(schema: pyarrow.Schema) -> pyarrow.Schema:
    """The schema with the types of the values where columns hold numbers of a dictionary."""
    import pyarrow

    return pyarrow.schema(
        field.with_type(field.type.value_type) if pyarrow.types.is_dictionary(field.type) else field
        for field in schema
    )


def _common_schema(files: Sequence[_File]) -> pyarrow.Schema:
    """The columns that all files have, with types that hold the values of each.

    Raises:
        UserError: A file has other columns than the first, or a type that does not fit.
    """
    import pyarrow

    common = _plain(files[0].schema)
    for file in files[1:]:
        schema = _plain(file.schema)
        check_same_columns(files[0].path, common.names, file.path, schema.names)
        try:
            common = pyarrow.unify_schemas([common, schema], promote_options="permissive")
        except pyarrow.ArrowException:
            name = next(n for n in common.names if not _unifies(common.field(n), schema.field(n)))
            raise UserError(
                f"the files do not fit together: column '{name}' holds {schema.field(name).type} "
                f"in {file.path.name}, {common.field(name).type} in {files[0].path.name}",
                location=str(file.path),
                remedy="write all files of a split with the same types",
            ) from None
    return common


def _unifies(first: pyarrow.Field, second: pyarrow.Field) -> bool:
    import pyarrow

    try:
        pyarrow.unify_schemas(
            [pyarrow.schema([first]), pyarrow.schema([second])], promote_options="permissive"
        )
    except pyarrow.ArrowException:
        return False
    return True


def check_same_columns(
    first: Path, expected: Sequence[str], file: Path, names: Sequence[str]
) -> None:
    """Check that a file has the columns of the first file of its split, in any order.

    Raises:
        UserError: A column is missing or was not expected.
    """
    lacks = [name for name in expected if name not in names]
    more = [name for name in names if name not in expected]
    if not lacks and not more:
        return
    differences = [f"lacks {_listed(lacks)}"] * bool(lacks) + [f"has {_listed(more)}"] * bool(more)
    raise UserError(
        f"the files do not fit together: {file.name} {' and '.join(differences)}, "
        f"compared with {first.name}",
        location=str(file),
        remedy=f"give it the columns of {first.name}, or move it out of the folder",
    )


def _listed(names: Sequence[str]) -> str:
    quoted = ", ".join(f"'{name}'" for name in names[:5])
    return quoted + (f" and {len(names) - 5} more columns" if len(names) > 5 else "")


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
