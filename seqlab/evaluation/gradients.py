"""How far back a loss reaches: the gradient of the last loss by what a layer remembered.

Layers are stepped with `advance`, so that the state between two steps can be differentiated by:
inside a fused recurrent layer that runs over all steps at once, the gradient of `output[t]` is only
what reaches it directly, not what goes on through time. All is computed on the CPU in double
precision, where a gradient that vanishes over hundreds of steps is still a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.batching import gather
from seqlab.errors import UserError
from seqlab.nn import Criterion, Layer, Model, Objective, SequenceModel, Stack, reverse
from seqlab.spec import UNSEEN, Batch

SHARE = 0.01
"""Of its last value: where the gradient is smaller than this, the memory has ended."""


@dataclass(frozen=True)
class Trace:
    """What a stack's forward direction hands on, step by step.

    Args:
        features: (B, T, D') its output, both directions.
        states: T times the entries (B, …) that go on to the next step, of all levels.
        outputs: T times (B, 1, H) the forward output of the top level.
        top: How the names of the top level's entries begin.
    """

    features: Tensor
    states: Sequence[Mapping[str, Tensor]]
    outputs: Sequence[Tensor]
    top: str


def measure(objective: Objective, examples: Examples, *, rows: int) -> dict[str, Any]:
    """The gradient's norm so many steps before the last, averaged over rows.

    Args:
        objective: Model and criterion; they stay as they are.
        examples: Encoded rows.
        rows: How many of them at most, spread evenly over the longer half.

    Returns:
        `loss`: "sequence" or "last step"; `pooling`: of steps to a sequence; `bidirectional`: then
        the gradients are those of the forward direction; `rows`: how many; `norms`: for the whole
        `state` and for each of its entries a list, from the last step back, as far as all these
        rows reach; `horizon`: see there.

    Raises:
        UserError: The model cannot be stepped, or no row has a target to start from.
    """
    chosen = _usable(examples)
    if len(chosen) == 0:
        raise UserError(
            "no row has a known target at its last step",
            location="--data",
            remedy="give rows with targets that training had",
        )
    lengths = examples.lengths[chosen]
    chosen = chosen[lengths >= np.median(lengths)]  # the same rows behind every step's mean
    places = np.linspace(0, len(chosen) - 1, min(rows, len(chosen))).astype(np.int64)
    batch = gather(examples, chosen[places])
    model = _steppable(deepcopy(objective.model).cpu().double().eval())
    norms = state_gradients(model, deepcopy(objective.criterion).cpu().eval(), batch)
    curves = {name: _mean_from_the_end(each, batch.lengths) for name, each in norms.items()}
    return {
        "loss": "last step" if examples.per == "step" else "sequence",
        "pooling": model.pooling.kind if model.pooling is not None else None,
        "bidirectional": len(model.stack.back) > 0,
        "rows": len(batch),
        "norms": curves,
        "horizon": horizon(curves["state"]),
    }


def horizon(norms: Sequence[float], share: float = SHARE) -> dict[str, Any] | None:
    """The memory horizon: how many steps back the gradient is last a share of its last value.

    Args:
        norms: From the last step back.
        share: How much of the last value.

    Returns:
        `steps`, and `beyond`: whether it lies at or beyond the earliest step that was seen; None
        where the gradient is 0 at the last step.
    """
    if not norms or not norms[0] > 0:
        return None
    steps = max(k for k, norm in enumerate(norms) if norm >= share * norms[0])
    return {"steps": steps, "beyond": steps == len(norms) - 1}


def state_gradients(model: Model, criterion: Criterion, batch: Batch) -> dict[str, Tensor]:
    """Norms of the gradient of each row's loss by what the forward direction hands on.

    After step t a layer hands on its state to step t + 1, and the top layer its output to what
    lies above. Where that output is part of the state, as h is in the recurrent layers, the two
    gradients are added: then it is all of ∂loss/∂h_t. Else the output is an entry of its own.

    Args:
        model: Put together by the core; in evaluation mode.
        criterion: One loss a target.
        batch: Rows. With a target at every step, the loss is that of each row's last step.

    Returns:
        (B, T) norms, 0 after a row's last step: `state` for all entries as one vector, and each.

    Raises:
        UserError: The model cannot be stepped.
    """
    model = _steppable(model)
    x = model.embedder(batch.inputs, batch.lengths)  # (B, T, D)
    x = x.to(next(model.parameters(), x).dtype).detach().requires_grad_()
    trace = _stepped(model.stack, x, batch.lengths)
    if not trace.outputs[0].requires_grad:
        raise _refused(f"layer {type(model.stack.ahead[-1]).__name__} lets no gradient through")
    losses = _last_losses(model, criterion, trace.features, batch)  # (B,)
    asked = [*trace.outputs, *(e for state in trace.states for e in state.values())]
    found = torch.autograd.grad(losses.sum(), asked, allow_unused=True)
    gradients = [
        torch.zeros_like(tensor) if gradient is None else gradient
        for tensor, gradient in zip(asked, found, strict=True)
    ]
    return _norms(_handed_on(trace, gradients))


def _stepped(stack: Stack, x: Tensor, lengths: Tensor) -> Trace:
    """Run a stack, the forward direction step by step; steps of padding are run and not used."""
    states: list[dict[str, Tensor]] = [{} for _ in range(x.size(1))]
    for level, layer in enumerate(cast(Sequence[Layer], stack.ahead)):
        prefix = f"{level + 1}." if len(stack.ahead) > 1 else ""
        state = {name: _as(entry, x) for name, entry in layer.initial_state(len(x)).items()}
        outputs = list[Tensor]()
        for step, kept in zip(torch.split(x, 1, dim=1), states, strict=True):  # (B, 1, D)
            y, after = layer.advance(step, state)
            # as tensors of their own: what goes on through time, and what goes up
            state = {name: entry.clone() for name, entry in after.items()}
            outputs.append(y.clone())
            kept |= {prefix + n: e for n, e in state.items() if e.requires_grad}
        y = torch.cat(outputs, dim=1)  # (B, T, H)
        if stack.back:
            back = stack.back[level](reverse(x, lengths), lengths)
            y = torch.cat([y, reverse(back, lengths)], dim=2)
        x = y
    return Trace(x, states, outputs, prefix)


def _last_losses(
    model: SequenceModel, criterion: Criterion, features: Tensor, batch: Batch
) -> Tensor:
    """(B,) the loss of each sequence, or of each one's last step."""
    if model.pooling is not None:
        features = model.pooling(features, batch.lengths)  # (B, D)
        return model.head.loss(features, batch.targets, batch.mask, criterion)
    rows, last = torch.arange(len(batch)), batch.lengths - 1
    features, targets = features[rows, last][:, None], batch.targets[rows, last][:, None]
    return model.head.loss(features, targets, batch.mask[rows, last][:, None], criterion)


def _handed_on(trace: Trace, gradients: Sequence[Tensor]) -> list[dict[str, Tensor]]:
    """T times (B, N) gradients of each entry, that of the output added to the state's or beside."""
    steps = len(trace.outputs)
    outputs, rest = gradients[:steps], iter(gradients[steps:])
    found = [{name: next(rest).flatten(1) for name in state} for state in trace.states]
    name = _entry_of_output(trace)
    for each, output in zip(found, outputs, strict=True):
        above = output.flatten(1)  # (B, H)
        if name is None:
            each["output"] = above
        else:
            each[name] = each[name].clone()
            each[name][:, -above.size(1) :] += above
    return found


def _entry_of_output(trace: Trace) -> str | None:
    """The entry of the top level's state whose end is the output, at every step."""
    for name in (name for name in trace.states[0] if name.startswith(trace.top)):
        pairs = zip(trace.states, trace.outputs, strict=True)
        if all(_ends_with(state[name], output) for state, output in pairs):
            return name
    return None


def _ends_with(entry: Tensor, output: Tensor) -> bool:
    output = output.flatten(1)  # (B, H)
    return torch.equal(entry.flatten(1)[:, -output.size(1) :], output)


def _norms(gradients: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """(B, T) of each entry, and of all as one vector."""
    parts = {
        name: torch.stack([each[name].norm(dim=1) for each in gradients], dim=1)
        for name in gradients[0]
    }
    whole = torch.stack(list(parts.values())).norm(dim=0)
    return {"state": whole, **(parts if len(parts) > 1 else {})}


def _mean_from_the_end(norms: Tensor, lengths: Tensor) -> list[float]:
    """(B, T) → the rows' mean from the last step back, as far as all of them reach."""
    back = reverse(norms[:, :, None], lengths)[:, :, 0]  # (B, T), the last step first
    return cast(list[float], back[:, : int(lengths.min())].mean(0).tolist())


def _usable(examples: Examples) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The examples whose last target counts."""
    last = examples.starts + examples.lengths - 1
    targets = examples.targets[last] if examples.per == "step" else examples.targets
    if np.issubdtype(targets.dtype, np.integer):
        return np.flatnonzero(targets != UNSEEN)
    return np.arange(len(examples))


def _as(entry: Tensor, x: Tensor) -> Tensor:
    return entry.to(x.dtype) if entry.is_floating_point() else entry


def _steppable(model: Model) -> SequenceModel:
    """The model, if all its layers can be stepped.

    Raises:
        UserError: They cannot.
    """
    if not isinstance(model, SequenceModel):
        raise _refused(f"model {type(model).__name__} is not put together from layers by the core")
    for layer in cast(Sequence[Layer], model.stack.ahead):
        name = type(layer).__name__
        if not layer.causal:
            raise _refused(f"layer {name} sees the whole sequence at once")
        if type(layer).advance is Layer.advance or type(layer).initial_state is Layer.initial_state:
            raise _refused(f"layer {name} has no `initial_state` and `advance`")
    return model


def _refused(why: str) -> UserError:
    return UserError(
        f"{why}: there is no state between two steps to take the gradient by",
        location="inspect gradients",
        remedy="choose runs of causal layers, such as rnn, lstm or gru",
    )
