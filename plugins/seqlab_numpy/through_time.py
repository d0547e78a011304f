"""The plain recurrent layer and back-propagation through time, in NumPy alone.

Forward, from the start state h[−1] on:

    z[t] = x[t] Wᵀ + h[t−1] Uᵀ + b          h[t] = f(z[t])

Backward (Werbos 1990). A state acts on the loss in two ways: through what is done with it at its
own step, which comes from above as a[t] = ∂loss/∂h[t], and through the next state. With d[t] for
∂loss/∂z[t], from the last step to the first:

    d[t] = (a[t] + d[t+1] U) ⊙ f′(z[t])     nothing comes from behind the last step
    ∂loss/∂x[t] = d[t] W                    ∂loss/∂h[−1] = d[0] U
    ∂loss/∂W = Σ d[t]ᵀ x[t]                 ∂loss/∂U = Σ d[t]ᵀ h[t−1]
    ∂loss/∂b = Σ d[t]                       the sums run over all steps and rows

f′ needs no z: of h = tanh z it is 1 − h², of h = max(0, z) it is 1 where h > 0, else 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Nonlinearity = Literal["tanh", "relu"]


@dataclass(frozen=True)
class Steps:
    """What goes into the layer; arrays of one kind of floating-point number.

    Args:
        x: (T, B, D) inputs.
        start: (B, H) h[−1].
        w: (H, D) input weights.
        u: (H, H) recurrent weights.
        nonlinearity: f.
    """

    x: Array
    start: Array
    w: Array
    u: Array
    nonlinearity: Nonlinearity


@dataclass(frozen=True)
class Gradients:
    """Of the loss, each shaped as what it belongs to; `b` is (H,)."""

    x: Array
    start: Array
    w: Array
    u: Array
    b: Array


def forward(steps: Steps, b: Array | None) -> Array:
    """The states h[0] … h[T−1], (T, B, H).

    Args:
        steps: Inputs, start state and weights.
        b: (H,), or None for none.
    """
    inner = _flat(steps.x) @ steps.w.T  # (T·B, H), the inputs' share of all z at once
    if b is not None:
        inner += b
    states = inner.reshape(*steps.x.shape[:2], -1)  # (T, B, H)
    before = steps.start  # (B, H)
    for state in states:
        state += before @ steps.u.T  # now it is z[t] …
        if steps.nonlinearity == "tanh":
            np.tanh(state, out=state)  # … and now h[t]
        else:
            np.maximum(state, 0, out=state)
        before = state
    return states


def backward(steps: Steps, states: Array, above: Array) -> Gradients:
    """The gradients of all that went in.

    Args:
        steps: As for `forward`.
        states: (T, B, H) what `forward` gave.
        above: (T, B, H) a, the loss's gradient with respect to `states`.
    """
    slopes = 1 - states**2 if steps.nonlinearity == "tanh" else states > 0  # (T, B, H)
    inner = np.empty_like(states)  # (T, B, H) d
    behind = np.zeros_like(steps.start)  # (B, H) d[t+1] U
    for t in reversed(range(len(states))):
        inner[t] = (above[t] + behind) * slopes[t]
        behind = inner[t] @ steps.u
    before = np.concatenate([steps.start[None], states[:-1]])  # (T, B, H) h[t−1]
    return Gradients(
        x=(_flat(inner) @ steps.w).reshape(steps.x.shape),
        start=behind,
        w=_flat(inner).T @ _flat(steps.x),
        u=_flat(inner).T @ _flat(before),
        b=_flat(inner).sum(0),
    )


def _flat(steps: Array) -> Array:
    """(T, B, …) → (T·B, …)."""
    return steps.reshape(-1, steps.shape[2])
