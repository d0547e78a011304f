"""Long short-term memory."""

from __future__ import annotations

from typing import Annotated

from torch import nn

from seqlab import Range
from seqlab.nn import Init, StartKind, init_recurrent
from seqlab_recurrent.fused import Fused, arguments


class LSTM(Fused):
    """Long short-term memory: a gated cell that gradients flow through (Hochreiter 1997).

    The gates are those of Gers, Schmidhuber and Cummins (2000), with a forget gate.

    Args:
        input_size: D.
        hidden_size: Width H of the output and of the cell.
        num_layers: How many above each other.
        dropout: Between them.
        bias: Whether the gates have biases.
        init: Start weights: recurrent ones orthogonal and input ones uniform; all uniform as
            torch has them; or all from N(0, 0.01²).
        forget_bias: Start of the forget gate's bias; 1 remembers at first (Jozefowicz 2015).
        start_state: State before the first step: zeros, ones, drawn once from the seed, or
            learned.
    """

    entries = ("h", "c")

    def __init__(
        self,
        input_size: int,
        hidden_size: Annotated[int, Range(1)] = 128,
        num_layers: Annotated[int, Range(1)] = 1,
        dropout: Annotated[float, Range(0, 1)] = 0.0,
        bias: bool = True,
        init: Init = "orthogonal",
        forget_bias: float = 1.0,
        start_state: StartKind = "zeros",
    ) -> None:
        module = nn.LSTM(input_size, hidden_size, **arguments(num_layers, dropout, bias))
        super().__init__(module, start_state)
        self.lstm = module
        init_recurrent(module, init)
        if init != "uniform" and bias:
            for layer in range(num_layers):  # gates stand in the order i, f, g, o
                gates = self.lstm.get_parameter(f"bias_ih_l{layer}")
                nn.init.constant_(gates[hidden_size : 2 * hidden_size], forget_bias)

    @property
    def module(self) -> nn.LSTM:
        """Torch's module."""
        return self.lstm
