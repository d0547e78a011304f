"""Long short-term memory."""

from __future__ import annotations

from typing import Annotated

from torch import nn

from seqlab import Range
from seqlab.nn import Init, InitialStateKind, init_recurrent
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
        chrono_init: Steps T that the start weights remember, instead of `forget_bias`: each cell another
            number of them, up to T. The forget gate's biases are drawn from log U(1, T − 1), the
            input gate's are their negatives (Tallec and Ollivier 2018, "Can recurrent neural
            networks warp time?").
        initial_state: State before the first step: zeros, ones, drawn once from the seed, or
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
        chrono_init: Annotated[int, Range(3)] | None = None,
        initial_state: InitialStateKind = "zeros",
    ) -> None:
        module = nn.LSTM(input_size, hidden_size, **arguments(num_layers, dropout, bias))
        super().__init__(module, initial_state)
        self.lstm = module
        init_recurrent(module, init)
        for layer in range(num_layers if bias else 0):
            gates = module.get_parameter(f"bias_ih_l{layer}")
            write, forget, *_ = gates.detach().view(4, hidden_size)  # i, f, g, o
            if chrono_init is not None:
                nn.init.zeros_(gates)
                forget.uniform_(1, chrono_init - 1).log_()
                write.copy_(-forget)
            elif init != "uniform":
                nn.init.constant_(forget, forget_bias)

    @property
    def module(self) -> nn.LSTM:
        """Torch's module."""
        return self.lstm
