"""Plain recurrent layer and back-propagation through time in NumPy.

Forward, starting from the initial state h[−1]:

    z[t] = x[t] Wᵀ + h[t−1] Uᵀ + b          h[t] = f(z[t])

Backward (Werbos 1990). A state affects the loss in two ways: through the layer's output at the
same step, whose gradient is g[t], and through the next state. With d[t] = ∂loss/∂z[t], from the
last step to the first:

    d[t] = (g[t] + d[t+1] U) ⊙ f′(z[t])     d[T] = 0
    ∂loss/∂x[t] = d[t] W                    ∂loss/∂h[−1] = d[0] U
    ∂loss/∂W = Σ d[t]ᵀ x[t]                 ∂loss/∂U = Σ d[t]ᵀ h[t−1]
    ∂loss/∂b = Σ d[t]                       sums over all steps and rows

f′ can be computed from h: for h = tanh z it is 1 − h²; for h = max(0, z) it is 1 where h > 0,
else 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating]
Nonlinearity = Literal["tanh", "relu"]


@dataclass(frozen=True)
class Inputs:
    """Inputs and weights of the layer; all arrays have the same floating-point type.

    Args:
        x: (T, B, D) inputs.
        h0: (B, H) initial state h[−1].
        w: (H, D) input weights.
        u: (H, H) recurrent weights.
        nonlinearity: f.
    """

    x: Array
    h0: Array
    w: Array
    u: Array
    nonlinearity: Nonlinearity


@dataclass(frozen=True)
class Gradients:
    """Gradients of the loss, each of the same shape as its input; `b` is (H,)."""

    x: Array
    h0: Array
    w: Array
    u: Array
    b: Array


def forward(inputs: Inputs, b: Array | None) -> Array:
    """The states h[0] … h[T−1], (T, B, H).

    Args:
        inputs: Inputs and weights.
        b: (H,) bias, or None.
    """
    z = _flatten(inputs.x) @ inputs.w.T  # (T·B, H), the inputs' part of all z in one product
    if b is not None:
        z += b
    states = z.reshape(*inputs.x.shape[:2], -1)  # (T, B, H)
    previous = inputs.h0  # (B, H)
    for state in states:
        state += previous @ inputs.u.T  # the view holds z[t] from here …
        if inputs.nonlinearity == "tanh":
            np.tanh(state, out=state)  # … and h[t] from here
        else:
            np.maximum(state, 0, out=state)
        previous = state
    return states


def backward(inputs: Inputs, states: Array, grad_states: Array) -> Gradients:
    """Gradients with respect to all inputs and weights.

    Args:
        inputs: As for `forward`.
        states: (T, B, H) result of `forward`.
        grad_states: (T, B, H) g, the gradient of the loss with respect to the layer's output.
    """
    derivative = 1 - states**2 if inputs.nonlinearity == "tanh" else states > 0  # (T, B, H) f′
    grad_z = np.empty_like(states)  # (T, B, H) d
    grad_h = np.zeros_like(inputs.h0)  # (B, H) d[t+1] U
    for t in reversed(range(len(states))):
        grad_z[t] = (grad_states[t] + grad_h) * derivative[t]
        grad_h = grad_z[t] @ inputs.u
    previous = np.concatenate([inputs.h0[None], states[:-1]])  # (T, B, H) h[t−1]
    return Gradients(
        x=(_flatten(grad_z) @ inputs.w).reshape(inputs.x.shape),
        h0=grad_h,
        w=_flatten(grad_z).T @ _flatten(inputs.x),
        u=_flatten(grad_z).T @ _flatten(previous),
        b=_flatten(grad_z).sum(0),
    )


def _flatten(steps: Array) -> Array:
    """(T, B, …) → (T·B, …)."""
    return steps.reshape(-1, steps.shape[2])
