"""Random batches for any `ModelSpec`, and changes of batches that must not change a prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Generator, Tensor

from seqlab.nn import step_mask
from seqlab.spec import Batch, Characters, Field, Ids, Inputs, ModelSpec, Numbers

LENGTHS = (7, 1, 4, 6, 3)
"""Rows with one step, with all steps, and lengths in between."""

TOKENS, CHARACTERS, IDS_PER_STEP = 6, 4, 3
"""U and C of a `Characters` stream, K of an `Ids(many=True)` stream."""


def random_batch(spec: ModelSpec, generator: Generator, lengths: Sequence[int] = LENGTHS) -> Batch:
    """A random batch for a spec; its padding is 0.

    Args:
        spec: The streams and targets.
        generator: Source of random numbers.
        lengths: Number of steps of each row.
    """
    row_lengths = torch.tensor(lengths)  # (B,)
    rows, steps = len(lengths), max(lengths)
    real = step_mask(row_lengths, steps)  # (B, T)
    inputs: dict[str, Tensor] = {}
    for name, field in spec.inputs.items():
        if isinstance(field, Characters):
            inputs |= _random_tokens(name, field, generator)
        values = random_steps(field, (rows, steps), generator)  # (B, T, …)
        inputs[step_key(name, field)] = values.masked_fill(~_expand_mask(real, values), 0)
    mask = real if spec.outputs.per == "step" else torch.ones(rows, dtype=torch.bool)
    return Batch(
        inputs=inputs,
        lengths=row_lengths,
        targets=_random_targets(spec, mask, generator),
        mask=mask,
        rows=torch.arange(rows),
        weight=float(mask.sum()),
    )


def step_key(name: str, field: Field) -> str:
    """The name of the stream's tensor that has steps, (B, T, …)."""
    return f"{name}.index" if isinstance(field, Characters) else name


def random_steps(field: Field, shape: tuple[int, int], generator: Generator) -> Tensor:
    """(B, T, …) real steps of a stream."""
    if isinstance(field, Numbers):
        return torch.randn(*shape, field.size, generator=generator)
    if isinstance(field, Characters):
        return torch.randint(TOKENS, shape, generator=generator)
    if field.many:  # ids of −1, so that steps differ in their number of ids
        return torch.randint(-1, field.size, (*shape, IDS_PER_STEP), generator=generator)
    return torch.randint(field.size, shape, generator=generator)


def mix_inputs(spec: ModelSpec, batch: Batch, other: Batch, keep: Tensor) -> Batch:
    """The batch with the inputs of another batch wherever `keep` (B, T) is False."""
    inputs = dict(batch.inputs)
    for name, field in spec.inputs.items():
        key = step_key(name, field)
        inputs[key] = torch.where(_expand_mask(keep, inputs[key]), inputs[key], other.inputs[key])
    return replace(batch, inputs=inputs)


def take_rows(spec: ModelSpec, batch: Batch, rows: Tensor) -> Batch:
    """The selected rows in the given order, with the same number of steps."""
    inputs = dict(batch.inputs)
    for name, field in spec.inputs.items():
        key = step_key(name, field)
        inputs[key] = inputs[key][rows]
    return replace(
        batch,
        inputs=inputs,
        lengths=batch.lengths[rows],
        targets=batch.targets[rows],
        mask=batch.mask[rows],
        rows=batch.rows[rows],
    )


def take_steps(spec: ModelSpec, inputs: Inputs, start: int, stop: int) -> Inputs:
    """The steps from `start` to `stop` (not included) of every row."""
    selected = dict(inputs)
    for name, field in spec.inputs.items():
        key = step_key(name, field)
        selected[key] = selected[key][:, start:stop]
    return selected


def with_garbage(
    spec: ModelSpec, batch: Batch, generator: Generator, *, extra: int, nan: bool
) -> Batch:
    """The batch with more padding, and with garbage in all of the padding.

    Args:
        spec: The streams and targets.
        batch: The batch.
        generator: Source of the garbage.
        extra: How many steps of padding to add.
        nan: Whether numbers become NaN instead of random numbers. Ids are always valid ids.
    """
    inputs = dict(batch.inputs)
    for name, field in spec.inputs.items():
        if isinstance(field, Characters):
            inputs |= _pad_characters(name, field, batch.inputs, generator)
        key = step_key(name, field)
        inputs[key] = _pad_steps(field, inputs[key], batch.lengths, generator, extra, nan)
    targets, mask = batch.targets, batch.mask
    if spec.outputs.per == "step":
        steps = mask.size(1)
        mask = torch.nn.functional.pad(mask, (0, extra))  # (B, T + extra)
        padded = _random_targets(spec, mask, generator)  # (B, T + extra, …)
        real = _expand_mask(batch.mask, targets)
        padded[:, :steps] = torch.where(real, targets, padded[:, :steps])
        targets = padded
    return replace(batch, inputs=inputs, targets=targets, mask=mask)


def shuffle_tokens(spec: ModelSpec, batch: Batch, generator: Generator) -> Batch:
    """The batch with the distinct tokens of its `Characters` streams in a different order."""
    inputs = dict(batch.inputs)
    for name, field in spec.inputs.items():
        if isinstance(field, Characters):
            order = torch.randperm(len(inputs[name]), generator=generator)  # (U,)
            inputs[name] = inputs[name][order]  # (U, C)
            inputs[f"{name}.lengths"] = inputs[f"{name}.lengths"][order]  # (U,)
            inputs[f"{name}.index"] = order.argsort()[inputs[f"{name}.index"]]  # (B, T)
    return replace(batch, inputs=inputs)


def _random_tokens(name: str, field: Characters, generator: Generator) -> dict[str, Tensor]:
    lengths = torch.randint(1, CHARACTERS + 1, (TOKENS,), generator=generator)  # (U,)
    lengths[0] = CHARACTERS
    characters = torch.randint(field.size, (TOKENS, CHARACTERS), generator=generator)  # (U, C)
    real = step_mask(lengths, CHARACTERS)  # (U, C)
    return {name: characters.masked_fill(~real, 0), f"{name}.lengths": lengths}


def _pad_characters(
    name: str, field: Characters, inputs: Inputs, generator: Generator
) -> dict[str, Tensor]:
    characters, lengths = inputs[name], inputs[f"{name}.lengths"]  # (U, C), (U,)
    padded = _pad_steps(Ids(field.size), characters, lengths, generator, 2, nan=False)
    return {name: padded, f"{name}.lengths": lengths}


def _pad_steps(
    field: Field, values: Tensor, lengths: Tensor, generator: Generator, extra: int, nan: bool
) -> Tensor:
    rows, steps = values.shape[:2]
    padded = random_steps(field, (rows, steps + extra), generator)  # (B, T + extra, …)
    if nan and isinstance(field, Numbers):
        padded.fill_(torch.nan)
    real = _expand_mask(step_mask(lengths, steps), values)
    padded[:, :steps] = torch.where(real, values, padded[:, :steps])
    return padded


def _random_targets(spec: ModelSpec, mask: Tensor, generator: Generator) -> Tensor:
    shape = spec.outputs.shape
    if spec.outputs.kind == "class":
        return torch.randint(shape[-1], tuple(mask.shape), generator=generator)
    return torch.randn(*mask.shape, *shape, generator=generator)


def _expand_mask(mask: Tensor, values: Tensor) -> Tensor:
    """The mask with as many dimensions as the values, for broadcasting."""
    return mask.view(*mask.shape, *[1] * (values.dim() - mask.dim()))
