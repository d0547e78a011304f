"""The plain recurrent layer, stepped by hand."""

from __future__ import annotations

from typing import Annotated, Literal, cast

import torch
from torch import Tensor, nn

from seqlab import Range, State
from seqlab.nn import Init, InitialState, InitialStateKind, Layer, init_recurrent


class RNNCell(Layer):
    """Torch's `RNNCell`, one step after the other: h' = f(W x + U h + b) (Elman 1990).

    The same numbers as `rnn`, slower: the loop through time is open to read and to change.

    Args:
        input_size: D.
        hidden_size: Width H of the output.
        nonlinearity: f.
        bias: Whether there is a b.
        init: Start weights: recurrent ones orthogonal and input ones uniform; all uniform as
            torch has them; or all from N(0, 0.01²).
        initial_state: State before the first step: zeros, ones, drawn once from the seed, or
            learned.
    """

    causal = True

    def __init__(
        self,
        input_size: int,
        hidden_size: Annotated[int, Range(1)] = 128,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        bias: bool = True,
        init: Init = "orthogonal",
        initial_state: InitialStateKind = "zeros",
    ) -> None:
        super().__init__()
        self.output_size = hidden_size
        self.cell = nn.RNNCell(input_size, hidden_size, bias=bias, nonlinearity=nonlinearity)
        self.initial = InitialState(initial_state, ("h",), 1, hidden_size)
        init_recurrent(self.cell, init)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, D) → (B, T, H). Padding is on the right, so that no real step sees it."""
        del lengths
        y, _ = self.advance(x, self.initial_state(len(x)))
        return y

    def initial_state(self, batch_size: int) -> State:
        """Every row's start state, `h` (B, 1, H)."""
        return cast(State, self.initial(batch_size))

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """The next T steps of every row."""
        h = state["h"][:, 0]  # (B, H)
        steps = []
        for step in x.unbind(1):  # (B, D)
            h = self.cell(step, h)  # (B, H)
            steps.append(h)
        return torch.stack(steps, dim=1), {"h": h[:, None]}  # (B, T, H)
