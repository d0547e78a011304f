"""From examples to padded batches, without a Python loop over rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqlab.data.encoding.examples import CharacterTable, Examples
from seqlab.spec import UNSEEN, Batch


def gather(
    examples: Examples, chosen: NDArray[np.int64], reset: NDArray[np.bool_] | None = None
) -> Batch:
    """The chosen examples side by side, padded with 0 to the longest.

    Args:
        examples: Where to take them from.
        chosen: (B,) which ones.
        reset: (B,) which start from an empty state, where state is carried.
    """
    lengths = examples.lengths[chosen]  # (B,)
    steps = np.arange(lengths.max())  # (T,)
    real = steps < lengths[:, None]  # (B, T)
    where = np.where(real, examples.starts[chosen][:, None] + steps, 0)  # (B, T)
    inputs: dict[str, Tensor] = {}
    for name, stream in examples.inputs.items():
        if isinstance(stream, CharacterTable):
            inputs |= _pieces(name, stream, where, real)
        else:
            inputs[name] = _padded(stream, where, real)
    if examples.per == "step":
        targets, mask = _padded(examples.targets, where, real), torch.from_numpy(real)
    else:
        targets = _tensor(examples.targets[chosen])
        mask = torch.ones(len(chosen), dtype=torch.bool)
    if examples.known_classes is not None:
        targets[targets >= examples.known_classes] = UNSEEN
    return Batch(
        inputs=inputs,
        lengths=torch.from_numpy(lengths),
        targets=targets,
        mask=mask,
        rows=torch.from_numpy(examples.rows[chosen]),
        weight=float(examples.weights[chosen].sum()),
        reset=None if reset is None else torch.from_numpy(reset),
    )


def _padded(flat: NDArray[Any], where: NDArray[np.int64], real: NDArray[np.bool_]) -> Tensor:
    values = flat[where]  # (B, T, …)
    values[~real] = 0
    return _tensor(values)


def _tensor(values: NDArray[Any]) -> Tensor:
    if np.issubdtype(values.dtype, np.floating):
        return torch.from_numpy(np.ascontiguousarray(values, np.float32))
    return torch.from_numpy(np.ascontiguousarray(values, np.int64))


def _pieces(
    name: str, table: CharacterTable, where: NDArray[np.int64], real: NDArray[np.bool_]
) -> dict[str, Tensor]:
    symbols, index = np.unique(table.index[where[real]], return_inverse=True)  # (U,), (steps,)
    begins = table.offsets[symbols]
    lengths = table.offsets[symbols + 1] - begins  # (U,)
    steps = np.arange(lengths.max())  # (C,)
    inside = steps < lengths[:, None]  # (U, C)
    at = np.where(inside, begins[:, None] + steps, 0)  # (U, C)
    spread = np.zeros(where.shape, np.int64)  # (B, T); padding points at symbol 0
    spread[real] = index
    return {
        name: _padded(table.pieces, at, inside),
        f"{name}.lengths": torch.from_numpy(lengths),
        f"{name}.index": torch.from_numpy(spread),
    }
