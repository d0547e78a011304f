"""Streams of rows of any length: written to disk once, and read from there."""

from __future__ import annotations

import mmap
import uuid
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from seqlab.data.reading.chunks import chunked
from seqlab.data.reading.python_objects import plain_rows
from seqlab.data.reading.tables import one_line
from seqlab.data.split import Columns, Split, checked_rows
from seqlab.errors import SeqlabError, UserError, shorten
from seqlab.files.cache_folder import temporary_file, temporary_folder
from seqlab.types import Row

if TYPE_CHECKING:
    import datasets
    import pyarrow


def read_stream(name: str, rows: Iterable[object], origin: str) -> Split:
    """Create a split from rows that are iterated once; only a few of them are in memory at a time.

    The rows are written to an unnamed temporary file, which is memory-mapped and which the system
    deletes when the process ends.

    Args:
        name: Name of the split.
        rows: The rows. The features of a `datasets.IterableDataset`, with names of classes, are
            preserved; else the first chunk of rows determines the types of the columns.
        origin: Where the rows come from, for messages.

    Raises:
        UserError: A row is not a mapping, has different columns than the first row or a value of
            a different type than the rows before it; the iterator fails; the disk is full.
    """
    location = f"{origin}, {name}"
    checked = checked_rows(name, plain_rows(_watched(rows, name, location)), origin)
    file = temporary_file()
    try:
        writer = _ArrowWriter(file, getattr(rows, "features", None), location)
        for chunk in chunked(checked):
            writer.append(chunk)
        return Split(name, writer.finish(), origin)
    finally:
        with suppress(OSError):  # closing writes the rest of the buffer, which may fail again
            file.close()


def _watched(rows: Iterable[object], name: str, location: str) -> Iterator[object]:
    """The rows; an error of their iterator becomes one that names the last row."""
    number = 0
    try:
        for row in rows:
            yield row
            number += 1
    except SeqlabError:
        raise
    except Exception as error:  # anything that the user's code raises
        position = f"after row {number}" if number else "before its first row"
        raise UserError(
            f"the {name} split breaks off: {type(error).__name__}: {one_line(error)}",
            location=f"{location}, {position}",
            remedy="fix the code that yields the rows; nothing was trained",
        ) from error


class _ArrowWriter:
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
        self._count = 0

    def append(self, rows: Sequence[Row]) -> None:
        """Write further rows."""
        import pyarrow

        names = list(rows[0]) if self._schema is None else self._schema.names
        arrays = [self._array(name, [row[name] for row in rows]) for name in names]
        if self._schema is None:
            types = (array.type for array in arrays)
            self._schema = pyarrow.schema(zip(names, types, strict=True))
        try:
            if self._writer is None:
                self._writer = pyarrow.ipc.new_stream(self._file, self._schema)
            self._writer.write_batch(pyarrow.record_batch(arrays, schema=self._schema))
        except OSError as error:
            raise _disk_full(error) from None
        self._count += len(rows)

    def finish(self) -> datasets.Dataset | Columns:
        """All rows as a table that is mapped from the file; no columns if there are no rows."""
        import datasets
        import pyarrow

        if self._writer is None:
            return {}
        try:
            self._writer.close()
            self._file.flush()
        except OSError as error:
            raise _disk_full(error) from None
        mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        table = pyarrow.ipc.open_stream(pyarrow.py_buffer(mapped)).read_all()
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


_CONVERSION_ERRORS = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)
"""Errors that Arrow and `datasets` raise for values without a common type."""


def _disk_full(error: OSError) -> UserError:
    return UserError(
        f"there is no room for the rows: {error.strerror or error}",
        location=temporary_folder(),
        remedy="set SEQLAB_CACHE to a folder on another disk",
    )
