"""Gated recurrent units."""

from __future__ import annotations

from typing import Annotated

from torch import nn

from seqlab import Range
from seqlab.nn import Init, InitialStateKind, init_recurrent
from seqlab_recurrent.fused import Fused, module_options


class GRU(Fused):
    """Gated recurrent units: two gates and no separate cell state (Cho 2014).

    As in torch, the reset gate is applied after the recurrent matrix.

    Args:
        input_size: D.
        hidden_size: Size H of the hidden state and the output.
        num_layers: Number of stacked layers.
        dropout: Dropout between layers.
        bias: Whether to use biases.
        init: Initial weights: orthogonal recurrent weights and uniform input weights; all uniform,
            as in torch; or all drawn from N(0, 0.01²).
        initial_state: Initial state: zeros, ones, drawn once from the seed, or learned.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: Annotated[int, Range(1)] = 128,
        num_layers: Annotated[int, Range(1)] = 1,
        dropout: Annotated[float, Range(0, 1)] = 0.0,
        bias: bool = True,
        init: Init = "orthogonal",
        initial_state: InitialStateKind = "zeros",
    ) -> None:
        module = nn.GRU(input_size, hidden_size, **module_options(num_layers, dropout, bias))
        super().__init__(module, initial_state)
        self.gru = module
        init_recurrent(module, init)

    @property
    def module(self) -> nn.GRU:
        """Torch's module."""
        return self.gru
