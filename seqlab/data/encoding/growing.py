"""An array that grows by appending and moves to a temporary file once it is large."""

from __future__ import annotations

from contextlib import suppress
from typing import IO

import numpy as np
from numpy.typing import DTypeLike

from seqlab.files.cache_folder import no_room, temporary_file
from seqlab.types import Array

LARGE = 64 << 20
"""Bytes that are buffered in memory before they are written to a temporary file.

The file has no name: no other process sees it, and it disappears with this process."""


class Growing:
    """An array that values are appended to.

    Args:
        dtype: Of the values.
    """

    def __init__(self, dtype: DTypeLike) -> None:
        self._dtype = np.dtype(dtype)
        self._buffer: list[Array] = []
        self._room = LARGE
        self._size = 0
        self._file: IO[bytes] | None = None

    def append(self, values: Array) -> None:
        """Append values, converted to the array's type.

        Raises:
            UserError: The disk is full.
        """
        self._buffer.append(values.astype(self._dtype))
        self._size += len(values)
        self._room -= self._buffer[-1].nbytes
        if self._room <= 0:
            self._write()
            self._room = LARGE

    def finish(self) -> Array:
        """(N,) all values; an array in a file is read-only."""
        if self._file is None:
            return np.concatenate([np.empty(0, self._dtype), *self._buffer])
        self._write()
        with self._file as file:
            file.flush()
            return np.asarray(np.memmap(file, self._dtype, "r", shape=(self._size,)))

    def _write(self) -> None:
        try:
            if self._file is None:
                self._file = temporary_file()
            for values in self._buffer:
                self._file.write(values.data)
        except OSError as error:
            if self._file is not None:
                with suppress(OSError):  # closing tries to write the remaining buffer once more
                    self._file.close()
            raise no_room("encoded data", error) from None
        self._buffer = []
