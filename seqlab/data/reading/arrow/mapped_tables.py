"""Tables of Arrow in temporary files that are mapped into memory."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from seqlab.data.reading.arrow.class_names import class_names_in
from seqlab.files.cache_folder import no_room, temporary_file

if TYPE_CHECKING:
    import pyarrow


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
            raise no_room("the rows", error) from None
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return pyarrow.ipc.open_stream(pyarrow.py_buffer(mapped)).read_all()
