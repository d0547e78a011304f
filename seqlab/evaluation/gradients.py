"""Gradients through time: the gradient of the last loss with respect to each hidden state.

Layers are run with `advance`, one step at a time, so that the state between two steps is a tensor
of the graph. A fused recurrent layer runs over all steps at once: there the gradient of `output[t]`
is only what reaches it directly, without what flows back through time. All is computed on the CPU
in double precision, where a gradient that vanishes over hundreds of steps is still not 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TypedDict, cast

import numpy as np
import torch
from torch import Tensor

from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.batching import gather
from seqlab.errors import UserError
from seqlab.nn import Criterion, Layer, Model, Objective, SequenceModel, Stack, reverse
from seqlab.spec import NO_TARGET, UNSEEN, Batch
from seqlab.types import Integers, JsonObject

THRESHOLD = 0.01
"""The memory horizon ends where the gradient falls below this share of its last value."""


@dataclass(frozen=True)
class Trace:
    """What the forward direction of a stack passes on, step by step.

    Args:
        features: (B, T, D') the output of the stack, of both directions.
        states: T dicts of the entries (B, …) of all levels that the next step reads.
        outputs: T tensors (B, 1, H), the forward output of the top level.
        top_prefix: The prefix of the names of the top level's entries.
    """

    features: Tensor
    states: Sequence[Mapping[str, Tensor]]
    outputs: Sequence[Tensor]
    top_prefix: str


class Horizon(TypedDict):
    """The memory horizon in `steps`, and whether it is `beyond` the earliest step of the data."""

    steps: int
    beyond: bool


def measure(objective: Objective, examples: Examples, *, rows: int) -> JsonObject:
    """The norm of the gradient against the distance from the last step, averaged over rows.

    Args:
        objective: Model and criterion; they are not changed.
        examples: Encoded rows.
        rows: The number of rows at most, spread evenly over the longer half.

    Returns:
        `loss`: "sequence" or "last step"; `pooling`: of steps to a sequence; `bidirectional`: if
        so, the gradients are those of the forward direction; `rows`: the number of rows; `norms`:
        lists for the whole `state` and for each of its entries, from the last step back, as far
        as all these rows reach; `horizon`: see `horizon`.

    Raises:
        UserError: The model cannot be run step by step, or no row has a known target at its end.
    """
    indices = _with_known_last_target(examples)
    if len(indices) == 0:
        raise UserError(
            "no row has a known target at its last step",
            location="--data",
            remedy="give rows with targets that occurred in training",
        )
    lengths = examples.lengths[indices]
    indices = indices[lengths >= np.median(lengths)]  # every mean is over the same rows
    positions = np.linspace(0, len(indices) - 1, min(rows, len(indices))).astype(np.int64)
    batch = gather(examples, indices[positions])
    model = _checked(deepcopy(objective.model).cpu().double().eval())
    norms = state_gradients(model, deepcopy(objective.criterion).cpu().eval(), batch)
    curves = {name: _mean_from_last_step(norm, batch.lengths) for name, norm in norms.items()}
    return {
        "loss": "last step" if examples.per == "step" else "sequence",
        "pooling": model.pooling.kind if model.pooling is not None else None,
        "bidirectional": len(model.stack.back) > 0,
        "rows": len(batch),
        "norms": curves,
        "horizon": horizon(curves["state"]),
    }


def horizon(norms: Sequence[float], threshold: float = THRESHOLD) -> Horizon | None:
    """The memory horizon: the largest distance at which the gradient is above the threshold.

    Args:
        norms: From the last step back.
        threshold: As a share of the norm at the last step.

    Returns:
        The horizon; None where the gradient is 0 at the last step.
    """
    if not norms or not norms[0] > 0:
        return None
    steps = max(k for k, norm in enumerate(norms) if norm >= threshold * norms[0])
    return {"steps": steps, "beyond": steps == len(norms) - 1}


def state_gradients(model: Model, criterion: Criterion, batch: Batch) -> dict[str, Tensor]:
    """Norms of the gradient of each row's loss by what the forward direction passes on.

    After step t a layer passes its state on to step t + 1, and the top layer passes its output on
    to what follows the stack. Where that output is part of the state, as h is in the recurrent
    layers, the two gradients are added, which gives the total ∂loss/∂h_t. Otherwise the output is
    an entry of its own.

    Args:
        model: A `SequenceModel` in evaluation mode.
        criterion: One loss per target.
        batch: Rows. With a target at every step, the loss is that of the last step of each row.

    Returns:
        (B, T) norms, 0 after the last step of a row: `state` for all entries as one vector, and
        one per entry.

    Raises:
        UserError: The model cannot be run step by step.
    """
    model = _checked(model)
    x = model.embedder(batch.inputs, batch.lengths)  # (B, T, D)
    x = x.to(next(model.parameters(), x).dtype).detach().requires_grad_()
    trace = _run_stepwise(model.stack, x, batch.lengths)
    if not trace.outputs[0].requires_grad:
        raise _not_stepwise(
            f"layer {type(model.stack.ahead[-1]).__name__} lets no gradient through"
        )
    losses = _last_losses(model, criterion, trace.features, batch)  # (B,)
    tensors = [*trace.outputs, *(entry for state in trace.states for entry in state.values())]
    partial = torch.autograd.grad(losses.sum(), tensors, allow_unused=True)
    gradients = [
        torch.zeros_like(tensor) if gradient is None else gradient
        for tensor, gradient in zip(tensors, partial, strict=True)
    ]
    return _norms(_total_gradients(trace, gradients))


def _run_stepwise(stack: Stack, x: Tensor, lengths: Tensor) -> Trace:
    """Run a stack, its forward direction step by step; steps of padding are run but not used."""
    states: list[dict[str, Tensor]] = [{} for _ in range(x.size(1))]
    for level, layer in enumerate(cast(Sequence[Layer], stack.ahead)):
        prefix = f"{level + 1}." if len(stack.ahead) > 1 else ""
        state = {name: _cast(entry, x) for name, entry in layer.initial_state(len(x)).items()}
        outputs = list[Tensor]()
        for step, entries in zip(torch.split(x, 1, dim=1), states, strict=True):  # (B, 1, D)
            y, after = layer.advance(step, state)
            # separate tensors for what flows through time and for what the next level reads
            state = {name: entry.clone() for name, entry in after.items()}
            outputs.append(y.clone())
            entries |= {prefix + n: entry for n, entry in state.items() if entry.requires_grad}
        y = torch.cat(outputs, dim=1)  # (B, T, H)
        if stack.back:
            back = stack.back[level](reverse(x, lengths), lengths)
            y = torch.cat([y, reverse(back, lengths)], dim=2)
        x = y
    return Trace(x, states, outputs, prefix)


def _last_losses(
    model: SequenceModel, criterion: Criterion, features: Tensor, batch: Batch
) -> Tensor:
    """(B,) the loss of each sequence, or of the last step of each."""
    if model.pooling is not None:
        features = model.pooling(features, batch.lengths)  # (B, D)
        return model.head.loss(features, batch.targets, batch.mask, criterion)
    rows, last = torch.arange(len(batch)), batch.lengths - 1
    features, targets = features[rows, last][:, None], batch.targets[rows, last][:, None]
    return model.head.loss(features, targets, batch.mask[rows, last][:, None], criterion)


def _total_gradients(trace: Trace, gradients: Sequence[Tensor]) -> list[dict[str, Tensor]]:
    """T dicts of (B, N) gradients per entry; that of the output is added to its entry.

    Args:
        trace: The trace.
        gradients: With respect to its outputs, then to the entries of its states.
    """
    steps = len(trace.outputs)
    of_outputs, of_entries = gradients[:steps], iter(gradients[steps:])
    totals = [{name: next(of_entries).flatten(1) for name in state} for state in trace.states]
    name = _entry_of_output(trace)
    for total, gradient in zip(totals, of_outputs, strict=True):
        of_output = gradient.flatten(1)  # (B, H)
        if name is None:
            total["output"] = of_output
        else:
            total[name] = total[name].clone()
            total[name][:, -of_output.size(1) :] += of_output
    return totals


def _entry_of_output(trace: Trace) -> str | None:
    """The entry of the top level's state whose end is the output, at every step."""
    for name in (name for name in trace.states[0] if name.startswith(trace.top_prefix)):
        pairs = zip(trace.states, trace.outputs, strict=True)
        if all(_ends_with(state[name], output) for state, output in pairs):
            return name
    return None


def _ends_with(entry: Tensor, output: Tensor) -> bool:
    output = output.flatten(1)  # (B, H)
    return torch.equal(entry.flatten(1)[:, -output.size(1) :], output)


def _norms(gradients: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """(B, T) norms of each entry, and of all entries as one vector."""
    entries = {
        name: torch.stack([step[name].norm(dim=1) for step in gradients], dim=1)
        for name in gradients[0]
    }
    whole = torch.stack(list(entries.values())).norm(dim=0)
    return {"state": whole, **(entries if len(entries) > 1 else {})}


def _mean_from_last_step(norms: Tensor, lengths: Tensor) -> list[float]:
    """(B, T) → the mean over rows from the last step back, as far as all rows reach."""
    backwards = reverse(norms[:, :, None], lengths)[:, :, 0]  # (B, T), the last step first
    return cast(list[float], backwards[:, : int(lengths.min())].mean(0).tolist())


def _with_known_last_target(examples: Examples) -> Integers:
    """The indices of the examples whose last target counts."""
    last = examples.starts + examples.lengths - 1
    targets = examples.targets[last] if examples.per == "step" else examples.targets
    if np.issubdtype(targets.dtype, np.integer):
        return np.flatnonzero((targets != UNSEEN) & (targets != NO_TARGET))
    return np.arange(len(examples))


def _cast(entry: Tensor, x: Tensor) -> Tensor:
    return entry.to(x.dtype) if entry.is_floating_point() else entry


def _checked(model: Model) -> SequenceModel:
    """The model, if all its layers can be run step by step.

    Raises:
        UserError: They cannot.
    """
    if not isinstance(model, SequenceModel):
        raise _not_stepwise(f"model {type(model).__name__} is not built from layers by seqlab")
    for layer in cast(Sequence[Layer], model.stack.ahead):
        name = type(layer).__name__
        if not layer.causal:
            raise _not_stepwise(f"layer {name} reads the whole sequence at once")
        if type(layer).advance is Layer.advance or type(layer).initial_state is Layer.initial_state:
            raise _not_stepwise(f"layer {name} has no `initial_state` and `advance`")
    return model


def _not_stepwise(cause: str) -> UserError:
    return UserError(
        f"{cause}: there is no state between two steps to differentiate by",
        location="inspect gradients",
        remedy="choose runs of causal layers, such as rnn, lstm or gru",
    )
