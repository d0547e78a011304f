"""The file in the folder of a run that keeps which rows it was trained and evaluated on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seqlab.data.checking.hashing import RowHashes
from seqlab.data.checking.identity import KeptRows
from seqlab.errors import UserError
from seqlab.files.untrusted import check_file
from seqlab.files.writing import atomic_file
from seqlab.prepare.encoded import SPLITS

if TYPE_CHECKING:
    from seqlab.data.checking.hashing import Hashes

NAME = "rows.safetensors"

_EARLIER = "earlier"
_FIELDS = ("inputs", "whole", "pieces")
_MAX_BYTES = 64 << 30
"""Of 1.3 billion rows with the same number of earlier ones."""


def write_rows(folder: Path, rows: KeptRows) -> None:
    """Write the rows of a run.

    Raises:
        OSError: The file cannot be written.
    """
    from safetensors.numpy import save_file

    tensors = {_EARLIER: rows.earlier}
    for name, hashes in rows.splits.items():
        tensors |= {f"{name}.{field}": getattr(hashes, field) for field in _FIELDS}
    with atomic_file(folder / NAME) as path:
        save_file({name: array.copy() for name, array in tensors.items()}, path)


def read_rows(folder: Path) -> KeptRows | None:
    """The rows of a run; None if its folder does not keep them, as in earlier versions.

    Raises:
        UserError: The file is damaged, or has contents that no run writes.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    path = folder / NAME
    if not path.is_file():
        return None
    try:
        check_file(path, _MAX_BYTES)
        tensors = load_file(path)
        splits = {name: _split(tensors, name) for name in SPLITS}
        return KeptRows(splits, _hashes(tensors, _EARLIER))
    except (SafetensorError, OSError, ValueError, LookupError) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise UserError(
            f"the rows of the run cannot be read: {reason}",
            location=str(path),
            remedy="restore the file, or remove it: the data are then not compared",
        ) from None


def _split(tensors: dict[str, Hashes], name: str) -> RowHashes:
    inputs, whole, pieces = (_hashes(tensors, f"{name}.{field}") for field in _FIELDS)
    if len(inputs) != len(whole):
        raise ValueError(f"{len(inputs)} and {len(whole)} hashes of the {name} split")
    return RowHashes(inputs, whole, pieces)


def _hashes(tensors: dict[str, Hashes], name: str) -> Hashes:
    array = tensors[name]
    if array.dtype != "uint64" or array.ndim != 1:
        raise ValueError(f"'{name}' is an array of {array.dtype} {array.shape}")
    return array
