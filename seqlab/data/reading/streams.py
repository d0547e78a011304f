"""Streams of rows of any length: written to disk once, and read from there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from seqlab.data.reading.arrow.writer import ArrowWriter
from seqlab.data.reading.chunks import chunked
from seqlab.data.reading.library import one_line
from seqlab.data.reading.python_objects import plain_rows
from seqlab.data.split import Split, checked_rows
from seqlab.errors import SeqlabError, UserError
from seqlab.files.cache_folder import temporary_file


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
        writer = ArrowWriter(file, getattr(rows, "features", None), location)
        for chunk in chunked(checked):
            writer.append(chunk)
        return Split(name, {} if writer.is_empty else writer.finish(), origin)
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
