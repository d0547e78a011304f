"""An array that is made piece by piece, and goes to disk when it becomes large."""

from __future__ import annotations

from contextlib import suppress
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqlab.errors import UserError
from seqlab.files.cache_folder import temporary_file, temporary_place

LARGE = 64 << 20
"""Bytes from which on they lie in a file, which nobody else sees and which is gone with the
process."""


class Growing:
    """Values one after the other.

    Args:
        kind: Of the values.
    """

    def __init__(self, kind: DTypeLike) -> None:
        self._kind = np.dtype(kind)
        self._waiting: list[NDArray[Any]] = []
        self._room = LARGE
        self._size = 0
        self._file: IO[bytes] | None = None

    def append(self, values: NDArray[Any]) -> None:
        """Further values, as the kind of all.

        Raises:
            UserError: There is no room on the disk.
        """
        self._waiting.append(values.astype(self._kind))
        self._size += len(values)
        self._room -= self._waiting[-1].nbytes
        if self._room <= 0:
            self._write()
            self._room = LARGE

    def finish(self) -> NDArray[Any]:
        """(N,) all values; those in a file can only be read."""
        if self._file is None:
            return np.concatenate([np.empty(0, self._kind), *self._waiting])
        self._write()
        with self._file as file:
            file.flush()
            return np.asarray(np.memmap(file, self._kind, "r", shape=(self._size,)))

    def _write(self) -> None:
        try:
            if self._file is None:
                self._file = temporary_file()
            for values in self._waiting:
                self._file.write(values.data)
        except OSError as error:
            if self._file is not None:
                with suppress(OSError):  # what could not be written is tried once more
                    self._file.close()
            raise UserError(
                f"there is no room for encoded data: {error.strerror}",
                location=temporary_place(),
                remedy="SEQLAB_CACHE names a folder on another disk",
            ) from None
        self._waiting = []
