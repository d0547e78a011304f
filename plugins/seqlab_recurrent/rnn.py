"""The plain recurrent layer."""

from __future__ import annotations

from typing import Annotated, Literal

from torch import nn

from seqlab import Range
from seqlab.nn import Init, InitialStateKind, init_recurrent
from seqlab_recurrent.fused import Fused, arguments


class RNN(Fused):
    """The plain recurrent layer: h' = f(W x + U h + b) (Elman 1990).

    Args:
        input_size: D.
        hidden_size: Width H of the output.
        nonlinearity: f.
        num_layers: How many above each other.
        dropout: Between them.
        bias: Whether there is a b.
        init: Start weights: recurrent ones orthogonal and input ones uniform; all uniform as
            torch has them; or all from N(0, 0.01²).
        initial_state: State before the first step: zeros, ones, drawn once from the seed, or
            learned.
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
            **arguments(num_layers, dropout, bias),
        )
        super().__init__(module, initial_state)
        self.rnn = module
        init_recurrent(module, init)

    @property
    def module(self) -> nn.RNN:
        """Torch's module."""
        return self.rnn
