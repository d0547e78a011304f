"""Plain recurrent layer."""

from __future__ import annotations

from typing import Annotated, Literal

from torch import nn

from seqlab import Range
from seqlab.nn import Init, InitialStateKind, init_recurrent
from seqlab_recurrent.fused import Fused, module_options


class RNN(Fused):
    """Plain recurrent layer: h' = f(W x + U h + b) (Elman 1990).

    Args:
        input_size: D.
        hidden_size: Size H of the hidden state and the output.
        nonlinearity: f.
        num_layers: Number of stacked layers.
        dropout: Dropout between layers.
        bias: Whether to use the bias b.
        init: Initial weights: orthogonal recurrent weights and uniform input weights; all uniform,
            as in torch; or all drawn from N(0, 0.01²).
        initial_state: Initial state: zeros, ones, drawn once from the seed, or learned.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: Annotated[int, Range(1)] = 128,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        num_layers: Annotated[int, Range(1)] = 1,
        dropout: Annotated[float, Range(0, 1)] = 0.0,
        bias: bool = True,
        init: Init = "orthogonal",
        initial_state: InitialStateKind = "zeros",
    ) -> None:
        module = nn.RNN(
            input_size,
            hidden_size,
            nonlinearity=nonlinearity,
            **module_options(num_layers, dropout, bias),
        )
        super().__init__(module, initial_state)
        self.rnn = module
        init_recurrent(module, init)

    @property
    def module(self) -> nn.RNN:
        """Torch's module."""
        return self.rnn
