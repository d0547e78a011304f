"""Plain recurrent layer with a loop over time in Python."""

from __future__ import annotations

from typing import Annotated, Literal, cast

import torch
from torch import Tensor, nn

from seqlab import Range, State
from seqlab.nn import Init, InitialState, InitialStateKind, Layer, init_recurrent


class RNNCell(Layer):
    """`torch.nn.RNNCell` applied step by step: h' = f(W x + U h + b) (Elman 1990).

    Computes the same outputs as `rnn`, but slower; the loop over time is easy to read and change.

    Args:
        input_size: D.
        hidden_size: Size H of the hidden state and the output.
        nonlinearity: f.
        bias: Whether to use the bias b.
        init: Initial weights: orthogonal recurrent weights and uniform input weights; all uniform,
            as in torch; or all drawn from N(0, 0.01²).
        initial_state: Initial state: zeros, ones, drawn once from the seed, or learned.
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
        """(B, T, D) → (B, T, H). Padding is on the right, so it does not affect real steps."""
        del lengths
        y, _ = self.advance(x, self.initial_state(len(x)))
        return y

    def initial_state(self, batch_size: int) -> State:
        """Initial state of every row, `h` (B, 1, H)."""
        return cast(State, self.initial(batch_size))

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Process the next T steps of every row."""
        h = state["h"][:, 0]  # (B, H)
        outputs = []
        for step in x.unbind(1):  # (B, D)
            h = self.cell(step, h)  # (B, H)
            outputs.append(h)
        return torch.stack(outputs, dim=1), {"h": h[:, None]}  # (B, T, H), (B, 1, H)
