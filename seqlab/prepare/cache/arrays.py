"""Arrays in files that are mapped into memory. Arrays that share memory still share it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.array_utils import byte_bounds
from numpy.typing import NDArray

from seqlab.data.encoding.mapped import MAX_RESIDENT, release

Array: TypeAlias = NDArray[Any]

KINDS = "biuf"
"""Booleans, integers and floats: data types that are safe to read from any bytes."""

BLOCK = 1 << 20
"""Size of a block in bytes; each block has a checksum."""

CHECKED = 128
"""Maximum number of blocks that are checked when a file is opened, evenly spread over the file."""


class DamagedError(Exception):
    """A file of the cache is damaged or incomplete."""


def save_arrays(folder: Path, arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Write arrays to files. Views of one array share a file.

    Args:
        folder: The folder of the files 0.npy, 1.npy, …
        arrays: Arrays of booleans, integers or floats.

    Returns:
        A JSON document for `load_arrays`.

    Raises:
        TypeError: An array has a different data type.
    """
    spans = _spans(arrays)
    files = [
        _write(folder / f"{n}.npy", memory, array) for n, (_, memory, array) in enumerate(spans)
    ]
    described = {}
    for name, array in arrays.items():
        first = byte_bounds(array)[0]
        index = max((n for n, (begin, *_) in enumerate(spans) if begin <= first), default=0)
        described[name] = {
            "file": index if array.size else None,
            "offset": array.ctypes.data - spans[index][0] if array.size else 0,
            "type": array.dtype.str,
            "shape": list(array.shape),
            "strides": list(array.strides),
        }
    return {"files": files, "arrays": described}


def load_arrays(folder: Path, document: Mapping[str, Any]) -> dict[str, Array]:
    """Map arrays into memory; only what is read takes memory.

    Args:
        folder: The folder of the files.
        document: The result of `save_arrays`.

    Raises:
        DamagedError: A file is missing or damaged.
    """
    try:
        files = [_read(folder / f"{n}.npy", sums) for n, sums in enumerate(document["files"])]
        return {name: _view(files, record) for name, record in document["arrays"].items()}
    except (OSError, EOFError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise DamagedError(f"{type(error).__name__}: {error}") from None


def _spans(arrays: Mapping[str, Array]) -> list[tuple[int, Array, Array]]:
    """The disjoint regions of memory of the arrays: address, bytes, and one array per region."""
    for name, array in arrays.items():
        if array.dtype.kind not in KINDS:
            raise TypeError(f"{name} is an array of {array.dtype}")
    bounds = sorted((byte_bounds(array), name) for name, array in arrays.items() if array.size)
    joined: list[tuple[int, int, str]] = []
    for (begin, end), name in bounds:
        if joined and begin < joined[-1][1]:  # overlapping arrays share a region
            begin, end = joined[-1][0], max(end, joined.pop()[1])
        joined.append((begin, end, name))
    return [(begin, _memory(begin, end), arrays[name]) for begin, end, name in joined]


class _Memory:
    """Bytes at an address, as a NumPy array. The caller keeps the memory alive."""

    def __init__(self, begin: int, end: int) -> None:
        self.__array_interface__ = {
            "data": (begin, True),
            "shape": (end - begin,),
            "typestr": "|u1",
            "version": 3,
        }


def _memory(begin: int, end: int) -> Array:
    return np.asarray(_Memory(begin, end))


def _write(path: Path, memory: Array, array: Array) -> list[int]:
    sums = list[int]()
    with path.open("wb") as file:
        header = np.lib.format.header_data_from_array_1_0(memory)
        np.lib.format.write_array_header_1_0(file, header)
        for block in _blocks(memory):
            file.write(block.data)
            sums.append(zlib.crc32(block.data))
            if len(sums) * BLOCK % MAX_RESIDENT == 0:
                release(array)
    return [len(memory), *sums]


def _read(path: Path, sums: list[int]) -> Array:
    memory: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    if memory.dtype != np.uint8 or memory.shape != (sums[0],):
        raise DamagedError(f"{path.name} holds {memory.dtype} {memory.shape}")
    count = len(sums) - 1
    for index in np.unique(np.linspace(0, count - 1, min(count, CHECKED)).astype(int)):
        block = memory[index * BLOCK : (index + 1) * BLOCK]
        if zlib.crc32(block.data) != sums[1 + index]:
            raise DamagedError(f"{path.name} has a wrong checksum near byte {index * BLOCK}")
    release(memory)
    return memory


def _blocks(memory: Array) -> Iterator[Array]:
    for start in range(0, len(memory), BLOCK):
        yield memory[start : start + BLOCK]


def _view(files: list[Array], described: Mapping[str, Any]) -> Array:
    shape, kind = tuple(described["shape"]), np.dtype(described["type"])
    if kind.kind not in KINDS:
        raise DamagedError(f"an array of {kind}")
    if described["file"] is None:
        return np.zeros(shape, kind)
    return np.ndarray(
        shape, kind, files[described["file"]], described["offset"], tuple(described["strides"])
    )
