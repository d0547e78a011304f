"""Rows that come one by one, as many as there are: written to disk once, and read from there."""

from __future__ import annotations

import mmap
import uuid
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

from seqlab.data.checking.findings import shown
from seqlab.data.reading.chunks import some_at_a_time
from seqlab.data.reading.tables import one_line
from seqlab.data.split import Split, checked_rows
from seqlab.errors import SeqlabError, UserError
from seqlab.files.cache_folder import temporary_file, temporary_place


def read_stream(name: str, rows: Iterable[Any], origin: str) -> Split:
    """A part of rows that are gone through once, in their own order; memory holds few of them.

    They lie in a file that nobody else sees and that is gone with the process; it is mapped.

    Args:
        name: Of the part.
        rows: A `datasets.IterableDataset` with features keeps these, names of classes included;
            else the first rows decide on the types of the columns.
        origin: Where the rows come from, for messages.

    Raises:
        UserError: A row that is no mapping, has other columns than the first or a value that does
            not fit those before it; rows that cannot be had to the end; no room on the disk.
    """
    place = f"{origin}, {name}"
    read = checked_rows(name, _told(rows, name, place), origin)
    file = temporary_file()
    try:
        kept = _Kept(file, getattr(rows, "features", None), place)
        for some in some_at_a_time(read):
            kept.append(some)
        return Split(name, kept.finish(), origin)
    finally:
        with suppress(OSError):  # what could not be written is tried once more
            file.close()


def _told(rows: Iterable[Any], name: str, place: str) -> Iterator[Any]:
    """The rows; where they break off, it is told after which."""
    number = 0
    try:
        for row in rows:
            yield row
            number += 1
    except SeqlabError:
        raise
    except Exception as error:  # whatever the user's own code raises
        raise UserError(
            f"the {name} split breaks off: {type(error).__name__}: {one_line(error)}",
            location=f"{place}, after row {number}" if number else f"{place}, before its first row",
            remedy="mend what gives the rows; nothing was trained",
        ) from error


class _Kept:
    """Rows in a file of Arrow's stream format.

    Args:
        file: Empty.
        features: What `datasets` knows of the columns, if anything.
        place: For messages.
    """

    def __init__(self, file: IO[bytes], features: Any, place: str) -> None:
        self._file, self._features, self._place = file, features, place
        self._schema: Any = None if features is None else features.arrow_schema
        self._writer: Any = None
        self._count = 0

    def append(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Some further rows."""
        import pyarrow

        names = list(rows[0]) if self._schema is None else self._schema.names
        arrays = [self._array(name, [row[name] for row in rows]) for name in names]
        if self._schema is None:
            self._schema = pyarrow.schema(zip(names, (each.type for each in arrays), strict=True))
        try:
            if self._writer is None:
                self._writer = pyarrow.ipc.new_stream(self._file, self._schema)
            self._writer.write_batch(pyarrow.record_batch(arrays, schema=self._schema))
        except OSError as error:
            raise _no_room(error) from None
        self._count += len(rows)

    def finish(self) -> Any:
        """All rows as a `datasets.Dataset`, mapped from the file; no columns if there are none."""
        import datasets
        import pyarrow

        if self._writer is None:
            return {}
        try:
            self._writer.close()
            self._file.flush()
        except OSError as error:
            raise _no_room(error) from None
        mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        table = pyarrow.ipc.open_stream(pyarrow.py_buffer(mapped)).read_all()
        # without a name of its own it would be named by a hash of a copy of all that is in it
        return datasets.Dataset(table, fingerprint=uuid.uuid4().hex)

    def _array(self, name: str, values: list[Any]) -> Any:
        """The values of a column, of the type that it has.

        Raises:
            UserError: One does not fit those before it.
        """
        try:
            return self._typed(name, values)
        except _UNFIT as error:
            first = bisect_left(
                range(1, len(values)), True, key=lambda count: not self._fits(name, values[:count])
            )
            raise UserError(
                f"row {self._count + first + 1} has {shown(values[first])} in column '{name}', "
                f"which does not fit the rows before it: {one_line(error)}",
                location=f"{self._place}, column '{name}'",
                remedy="give a column values of one type, or a datasets.IterableDataset with its "
                "`features`; leave out a column that is not needed",
            ) from error

    def _typed(self, name: str, values: list[Any]) -> Any:
        import pyarrow

        kind = None if self._schema is None else self._schema.field(name).type
        if self._features is not None:
            return pyarrow.array(self._features.encode_column(values, name), type=kind)
        found = pyarrow.array(values)  # of a given type, 0.5 would become the integer 0
        if kind is None or found.type == kind:
            return found
        both = [pyarrow.schema({name: each}) for each in (kind, found.type)]
        common = pyarrow.unify_schemas(both, promote_options="permissive").field(name).type
        if common != kind:
            raise TypeError(f"{found.type} instead of {kind}")
        return found.cast(kind)

    def _fits(self, name: str, values: list[Any]) -> bool:
        try:
            self._typed(name, values)
        except _UNFIT:
            return False
        return True


_UNFIT = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)
"""What Arrow and `datasets` raise for values that have no type in common."""


def _no_room(error: OSError) -> UserError:
    return UserError(
        f"there is no room for the rows: {error.strerror or error}",
        location=temporary_place(),
        remedy="SEQLAB_CACHE names a folder on another disk",
    )
