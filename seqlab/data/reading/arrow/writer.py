"""Rows written to a temporary file in the stream format of Arrow, and mapped from there."""

from __future__ import annotations

import mmap
import uuid
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING

from seqlab.data.arrow_table import ArrowTable
from seqlab.data.reading.arrow.mapped_tables import TableSource
from seqlab.data.reading.library import one_line
from seqlab.errors import UserError, shorten
from seqlab.files.cache_folder import no_room
from seqlab.types import Row

if TYPE_CHECKING:
    import datasets
    import pyarrow


class ArrowWriter:
    """Writes rows to a file in the stream format of Arrow.

    Args:
        file: An empty file.
        features: The types of the columns, if `datasets` knows them.
        location: The data set and the split, for messages.
    """

    def __init__(self, file: IO[bytes], features: datasets.Features | None, location: str) -> None:
        self._file, self._features, self._location = file, features, location
        self._schema: pyarrow.Schema | None = None if features is None else features.arrow_schema
        self._writer: pyarrow.RecordBatchStreamWriter | None = None
        self._sink: IO[bytes] | pyarrow.NativeFile = file
        self._count = 0

    def append(self, rows: Sequence[Row]) -> None:
        """Write further rows."""
        import pyarrow

        names = list(rows[0]) if self._schema is None else self._schema.names
        arrays = [self._array(name, [row[name] for row in rows]) for name in names]
        if self._schema is None:
            types = (array.type for array in arrays)
            self._schema = pyarrow.schema(zip(names, types, strict=True))
        self._write(arrays, len(rows))

    def append_texts(self, columns: Mapping[str, Sequence[str | None]]) -> None:
        """Write further rows of a table whose columns hold texts."""
        import pyarrow

        arrays = [pyarrow.array(values, pyarrow.large_string()) for values in columns.values()]
        if self._schema is None:
            self._schema = pyarrow.schema([(name, pyarrow.large_string()) for name in columns])
        self._write(arrays, len(arrays[0]))

    def append_table(self, table: pyarrow.Table) -> None:
        """Write the rows of a table, whose columns have the types of the rows before."""
        self._schema = self._schema or table.schema
        for batch in table.to_batches():
            self._write(batch.columns, batch.num_rows)

    def _write(self, arrays: Sequence[pyarrow.Array], count: int) -> None:
        import pyarrow

        try:
            if self._writer is None:
                self._sink = _native(self._file)
                self._writer = pyarrow.ipc.new_stream(self._sink, self._schema)
            self._writer.write_batch(pyarrow.record_batch(arrays, schema=self._schema))
        except OSError as error:
            raise no_room("the rows", error) from None
        self._count += count

    @property
    def is_empty(self) -> bool:
        """Whether there are no rows."""
        return self._writer is None

    def finish(self) -> datasets.Dataset | ArrowTable:
        """All rows as a table that is mapped from the file; there is at least one."""
        import pyarrow

        assert self._writer is not None
        try:
            self._writer.close()
            self._sink.flush()
        except OSError as error:
            raise no_room("the rows", error) from None
        mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        table = pyarrow.ipc.open_stream(pyarrow.py_buffer(mapped)).read_all()
        if self._features is None:  # an import of `datasets` would take a second
            return ArrowTable(TableSource(table))
        import datasets

        # without a given fingerprint, `datasets` would copy and hash the whole table
        return datasets.Dataset(table, fingerprint=uuid.uuid4().hex)

    def _array(self, name: str, values: list[object]) -> pyarrow.Array:
        """The values of a column as an array of the column's type.

        Raises:
            UserError: A value does not fit the values before it.
        """
        try:
            return self._convert(name, values)
        except _CONVERSION_ERRORS as error:
            first = bisect_left(
                range(1, len(values)), True, key=lambda count: not self._fits(name, values[:count])
            )
            raise UserError(
                f"row {self._count + first + 1} has {shorten(values[first])} in column '{name}', "
                f"which does not fit the rows before it: {one_line(error)}",
                location=f"{self._location}, column '{name}'",
                remedy="give a column values of one type, or a datasets.IterableDataset with its "
                "`features`; leave out a column that is not needed",
            ) from error

    def _convert(self, name: str, values: list[object]) -> pyarrow.Array:
        import pyarrow

        dtype = None if self._schema is None else self._schema.field(name).type
        if self._features is not None:
            return pyarrow.array(self._features.encode_column(values, name), type=dtype)
        array = pyarrow.array(values)  # with a given type, 0.5 would become the integer 0
        if dtype is None or array.type == dtype:
            return array
        schemas = [pyarrow.schema({name: candidate}) for candidate in (dtype, array.type)]
        common = pyarrow.unify_schemas(schemas, promote_options="permissive").field(name).type
        if common != dtype:
            raise TypeError(f"{array.type} instead of {dtype}")
        return array.cast(dtype)

    def _fits(self, name: str, values: list[object]) -> bool:
        try:
            self._convert(name, values)
        except _CONVERSION_ERRORS:
            return False
        return True


def _native(file: IO[bytes]) -> pyarrow.NativeFile | IO[bytes]:
    """The same file, to which Arrow writes without Python where the system allows it."""
    import pyarrow

    try:
        return pyarrow.OSFile(f"/dev/fd/{file.fileno()}", "wb")
    except OSError:
        return file


_CONVERSION_ERRORS = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)
"""Errors that Arrow and `datasets` raise for values without a common type."""
