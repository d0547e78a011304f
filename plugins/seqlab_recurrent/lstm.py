"""Long short-term memory."""

from __future__ import annotations

from typing import Annotated

from torch import nn

from seqlab import Range
from seqlab.nn import Init, InitialStateKind, init_recurrent
from seqlab_recurrent.fused import Fused, module_options


class LSTM(Fused):
    """Long short-term memory: a gated cell that preserves gradients (Hochreiter 1997).

    The gates are those of Gers, Schmidhuber and Cummins (2000), with a forget gate.

    Args:
        input_size: D.
        hidden_size: Size H of the hidden state, the cell state and the output.
        num_layers: Number of stacked layers.
        dropout: Dropout between layers.
        bias: Whether to use biases.
        init: Initial weights: orthogonal recurrent weights and uniform input weights; all uniform,
            as in torch; or all drawn from N(0, 0.01²).
        forget_bias: Initial bias of the forget gate; 1 keeps the gate open (Jozefowicz 2015). Not
            used if `init` is "uniform".
        chrono_init: Longest dependency T, in steps, for chrono initialization, which replaces
            `forget_bias`: biases of the forget gate are drawn from log U(1, T − 1), and biases of
            the input gate are their negatives, so that the cells remember for different times up
            to T (Tallec and Ollivier 2018, "Can recurrent neural networks warp time?").
        initial_state: Initial state: zeros, ones, drawn once from the seed, or learned.
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
        chrono_init: Annotated[int, Range(3)] | None = None,
        initial_state: InitialStateKind = "zeros",
    ) -> None:
        module = nn.LSTM(input_size, hidden_size, **module_options(num_layers, dropout, bias))
        super().__init__(module, initial_state)
        self.lstm = module
        init_recurrent(module, init)
        for layer in range(num_layers if bias else 0):
            gate_biases = module.get_parameter(f"bias_ih_l{layer}")
            input_gate, forget_gate, *_ = gate_biases.detach().view(4, hidden_size)  # i, f, g, o
            if chrono_init is not None:
                nn.init.zeros_(gate_biases)
                forget_gate.uniform_(1, chrono_init - 1).log_()
                input_gate.copy_(-forget_gate)
            elif init != "uniform":
                nn.init.constant_(forget_gate, forget_bias)

    @property
    def module(self) -> nn.LSTM:
        """Torch's module."""
        return self.lstm
