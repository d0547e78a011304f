"""Random batches for any `ModelSpec`, and ways to change what must not matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Generator, Tensor

from seqlab.nn import step_mask
from seqlab.spec import Batch, Characters, Field, Ids, Inputs, ModelSpec, Numbers

LENGTHS = (7, 1, 4, 6, 3)
"""Rows of one step, of all steps, and between."""

SYMBOLS, PIECES, MANY = 6, 4, 3
"""U and C of a `Characters` stream, K of an `Ids(many=True)` stream."""


def random_batch(spec: ModelSpec, generator: Generator, lengths: Sequence[int] = LENGTHS) -> Batch:
    """A batch that the spec allows; its padding is 0.

    Args:
        spec: Which streams and targets.
        generator: Where the numbers come from.
        lengths: Steps of each row.
    """
    sizes = torch.tensor(lengths)  # (B,)
    rows, steps = len(lengths), max(lengths)
    real = step_mask(sizes, steps)  # (B, T)
    inputs: dict[str, Tensor] = {}
    for name, field in spec.inputs.items():
        if isinstance(field, Characters):
            inputs |= _random_symbols(name, field, generator)
        values = random_steps(field, (rows, steps), generator)  # (B, T, …)
        inputs[step_key(name, field)] = values.masked_fill(~_beside(real, values), 0)
    mask = real if spec.outputs.per == "step" else torch.ones(rows, dtype=torch.bool)
    return Batch(
        inputs=inputs,
        lengths=sizes,
        targets=_random_targets(spec, mask, generator),
        mask=mask,
        rows=torch.arange(rows),
        weight=float(mask.sum()),
    )


def step_key(name: str, field: Field) -> str:
    """The name of the tensor of a stream that has steps: (B, T, …)."""
    return f"{name}.index" if isinstance(field, Characters) else name


def random_steps(field: Field, shape: tuple[int, int], generator: Generator) -> Tensor:
    """(B, T, …) real steps of a stream."""
    if isinstance(field, Numbers):
        return torch.randn(*shape, field.size, generator=generator)
    if isinstance(field, Characters):
        return torch.randint(SYMBOLS, shape, generator=generator)
    if field.many:  # some steps hold fewer symbols than others
        return torch.randint(-1, field.size, (*shape, MANY), generator=generator)
    return torch.randint(field.size, shape, generator=generator)


def mixed(spec: ModelSpec, batch: Batch, other: Batch, keep: Tensor) -> Batch:
    """The batch with the inputs of another wherever `keep` (B, T) is False."""
    inputs = dict(batch.inputs)
    for name, field in spec.inputs.items():
        key = step_key(name, field)
        kept = _beside(keep, inputs[key])
        inputs[key] = torch.where(kept, inputs[key], other.inputs[key])
    return replace(batch, inputs=inputs)


def take_rows(spec: ModelSpec, batch: Batch, rows: Tensor) -> Batch:
    """Some rows, in this order, with as many steps as before."""
    inputs = dict(batch.inputs)
    for name, field in spec.inputs.items():
        inputs[step_key(name, field)] = inputs[step_key(name, field)][rows]
    return replace(
        batch,
        inputs=inputs,
        lengths=batch.lengths[rows],
        targets=batch.targets[rows],
        mask=batch.mask[rows],
        rows=batch.rows[rows],
    )


def take_steps(spec: ModelSpec, inputs: Inputs, start: int, stop: int) -> Inputs:
    """The steps from `initial_state` to `stop` of every row."""
    taken = dict(inputs)
    for name, field in spec.inputs.items():
        taken[step_key(name, field)] = taken[step_key(name, field)][:, start:stop]
    return taken


def with_garbage(
    spec: ModelSpec, batch: Batch, generator: Generator, *, extra: int, nan: bool
) -> Batch:
    """The batch with more padding, and garbage in all of it.

    Args:
        spec: Which streams there are.
        batch: The batch.
        generator: Where the garbage comes from.
        extra: How many steps of padding are added.
        nan: Numbers become NaN; otherwise they are random. Ids are always other valid ids.
    """
    inputs = dict(batch.inputs)
    for name, field in spec.inputs.items():
        if isinstance(field, Characters):
            inputs |= _longer_symbols(name, field, batch.inputs, generator)
        key = step_key(name, field)
        inputs[key] = _longer_steps(field, inputs[key], batch.lengths, generator, extra, nan)
    targets, mask = batch.targets, batch.mask
    if spec.outputs.per == "step":
        steps = mask.size(1)
        mask = torch.nn.functional.pad(mask, (0, extra))  # (B, T + extra)
        longer = _random_targets(spec, mask, generator)  # (B, T + extra, …)
        longer[:, :steps] = torch.where(_beside(batch.mask, targets), targets, longer[:, :steps])
        targets = longer
    return replace(batch, inputs=inputs, targets=targets, mask=mask)


def shuffled_symbols(spec: ModelSpec, batch: Batch, generator: Generator) -> Batch:
    """The batch with the distinct symbols of its `Characters` streams in another order."""
    inputs = dict(batch.inputs)
    for name, field in spec.inputs.items():
        if isinstance(field, Characters):
            order = torch.randperm(len(inputs[name]), generator=generator)  # (U,)
            inputs[name] = inputs[name][order]  # (U, C)
            inputs[f"{name}.lengths"] = inputs[f"{name}.lengths"][order]  # (U,)
            inputs[f"{name}.index"] = order.argsort()[inputs[f"{name}.index"]]  # (B, T)
    return replace(batch, inputs=inputs)


def _random_symbols(name: str, field: Characters, generator: Generator) -> dict[str, Tensor]:
    lengths = torch.randint(1, PIECES + 1, (SYMBOLS,), generator=generator)  # (U,)
    lengths[0] = PIECES
    pieces = torch.randint(field.size, (SYMBOLS, PIECES), generator=generator)  # (U, C)
    inside = step_mask(lengths, PIECES)  # (U, C)
    return {name: pieces.masked_fill(~inside, 0), f"{name}.lengths": lengths}


def _longer_symbols(
    name: str, field: Characters, inputs: Inputs, generator: Generator
) -> dict[str, Tensor]:
    pieces, lengths = inputs[name], inputs[f"{name}.lengths"]  # (U, C), (U,)
    longer = _longer_steps(Ids(field.size), pieces, lengths, generator, 2, nan=False)
    return {name: longer, f"{name}.lengths": lengths}


def _longer_steps(
    field: Field, values: Tensor, lengths: Tensor, generator: Generator, extra: int, nan: bool
) -> Tensor:
    rows, steps = values.shape[:2]
    longer = random_steps(field, (rows, steps + extra), generator)  # (B, T + extra, …)
    if nan and isinstance(field, Numbers):
        longer.fill_(torch.nan)
    kept = _beside(step_mask(lengths, steps), values)
    longer[:, :steps] = torch.where(kept, values, longer[:, :steps])
    return longer


def _random_targets(spec: ModelSpec, mask: Tensor, generator: Generator) -> Tensor:
    shape = spec.outputs.shape
    if spec.outputs.kind == "class":
        return torch.randint(shape[-1], tuple(mask.shape), generator=generator)
    return torch.randn(*mask.shape, *shape, generator=generator)


def _beside(mask: Tensor, values: Tensor) -> Tensor:
    """The mask with as many dimensions as the values."""
    return mask.view(*mask.shape, *[1] * (values.dim() - mask.dim()))
