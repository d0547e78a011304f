"""Gather examples in padded batches, without a Python loop over rows."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from seqlab.data.encoding.examples import CharacterTable, Examples
from seqlab.spec import NO_TARGET, UNSEEN, Batch
from seqlab.types import Array, Booleans, Integers


def gather(examples: Examples, indices: Integers, reset: Booleans | None = None) -> Batch:
    """Gather some examples in a batch, padded with 0 to the longest.

    Where there is no target (`NO_TARGET`) the mask is False and the target `UNSEEN`, which a head
    that predicts all steps of a row together can pass over.

    Args:
        examples: The examples to select from.
        indices: (B,) which examples.
        reset: (B,) mask of the examples that start from the initial state, if state is carried.
    """
    positions, mask = _positions(examples, indices)
    inputs: dict[str, Tensor] = {}
    for name, stream in examples.inputs.items():
        if isinstance(stream, CharacterTable):
            inputs |= _characters(name, stream, positions, mask)
        else:
            inputs[name] = _padded(stream, positions, mask)
    if examples.per == "step":
        targets, target_mask = _padded(examples.targets, positions, mask), torch.from_numpy(mask)
    else:
        targets = _tensor(examples.targets[indices])
        target_mask = torch.ones(len(indices), dtype=torch.bool)
    if examples.known_classes is not None:
        targets[targets >= examples.known_classes] = UNSEEN
    elif not targets.is_floating_point():
        gaps = targets == NO_TARGET
        targets[gaps], target_mask = UNSEEN, target_mask & ~gaps
    return Batch(
        inputs=inputs,
        lengths=torch.from_numpy(examples.lengths[indices]),
        targets=targets,
        mask=target_mask,
        rows=torch.from_numpy(examples.rows[indices]),
        weight=float(target_mask.sum()),
        reset=None if reset is None else torch.from_numpy(reset),
    )


def gather_values(values: Array, examples: Examples, indices: Integers) -> Tensor:
    """Gather values that belong to the targets of examples, as they are, padded with 0.

    Args:
        values: (N, …) or (E, …), like the targets.
        examples: The examples to select from.
        indices: (B,) which examples.

    Returns:
        (B, T, …) or (B, …)
    """
    if examples.per == "sequence":
        return _tensor(values[indices])
    return _padded(values, *_positions(examples, indices))


def _positions(examples: Examples, indices: Integers) -> tuple[Integers, Booleans]:
    """(B, T) the index of each step in the flat arrays, 0 in the padding; and the mask of steps."""
    lengths = examples.lengths[indices]  # (B,)
    steps = np.arange(lengths.max())  # (T,)
    mask = steps < lengths[:, None]
    return np.where(mask, examples.starts[indices][:, None] + steps, 0), mask


def _padded(flat: Array, positions: Integers, mask: Booleans) -> Tensor:
    values = flat[positions]  # (B, T, …)
    values[~mask] = 0
    return _tensor(values)


def _tensor(values: Array) -> Tensor:
    if np.issubdtype(values.dtype, np.floating):
        return torch.from_numpy(np.ascontiguousarray(values, np.float32))
    return torch.from_numpy(np.ascontiguousarray(values, np.int64))


def _characters(
    name: str, table: CharacterTable, positions: Integers, mask: Booleans
) -> dict[str, Tensor]:
    """The three tensors of a `Characters` stream; a token that occurs twice is stored once."""
    tokens, index = np.unique(table.index[positions[mask]], return_inverse=True)  # (U,), (steps,)
    starts = table.offsets[tokens]
    lengths = table.offsets[tokens + 1] - starts  # (U,)
    steps = np.arange(lengths.max())  # (C,)
    character_mask = steps < lengths[:, None]  # (U, C)
    character_positions = np.where(character_mask, starts[:, None] + steps, 0)  # (U, C)
    padded_index = np.zeros(positions.shape, np.int64)  # (B, T); padding refers to token 0
    padded_index[mask] = index
    return {
        name: _padded(table.characters, character_positions, character_mask),
        f"{name}.lengths": torch.from_numpy(lengths),
        f"{name}.index": torch.from_numpy(padded_index),
    }
