"""Long short-term memory."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from torch import Tensor, nn

from seqlab import Range, State
from seqlab.nn import Layer


class LSTM(Layer):
    """Long short-term memory: a gated cell that gradients flow through (Hochreiter 1997).

    The gates are those of Gers, Schmidhuber and Cummins (2000), with a forget gate.

    Args:
        input_size: D.
        hidden_size: Width H of the output and of the cell.
        num_layers: How many above each other.
        dropout: Between them.
        bias: Whether the gates have biases.
        init: Start weights: recurrent ones orthogonal and input ones uniform, or all uniform
            as torch has them.
        forget_bias: Start of the forget gate's bias; 1 remembers at first (Jozefowicz 2015).
    """

    causal = True

    def __init__(
        self,
        input_size: int,
        hidden_size: Annotated[int, Range(1)] = 128,
        num_layers: Annotated[int, Range(1)] = 1,
        dropout: Annotated[float, Range(0, 1)] = 0.0,
        bias: bool = True,
        init: Literal["orthogonal", "uniform"] = "orthogonal",
        forget_bias: float = 1.0,
    ) -> None:
        super().__init__()
        self.output_size = hidden_size
        self.lstm = nn.LSTM(
            input_size,
            hidden_size,
            num_layers,
            bias=bias,
            dropout=dropout if num_layers > 1 else 0.0,  # torch warns of dropout between nothing
            batch_first=True,
        )
        self._reset(init, forget_bias)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, D) → (B, T, H). Padding is on the right, so that no real step sees it."""
        del lengths  # packing would be 5 to 10 times slower backwards on a CPU
        y, _ = cast(tuple[Tensor, object], self.lstm(x))
        return y

    def start(self, batch_size: int) -> State:
        """Zeros: `h` and `c`, (B, L, H) each."""
        weight = next(self.lstm.parameters())
        shape = (batch_size, self.lstm.num_layers, self.lstm.hidden_size)
        return {"h": weight.new_zeros(shape), "c": weight.new_zeros(shape)}

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """The next T steps of every row."""
        h, c = (state[name].transpose(0, 1).contiguous() for name in ("h", "c"))  # (L, B, H)
        y, (h, c) = self.lstm(x, (h, c))
        return y, {"h": h.transpose(0, 1), "c": c.transpose(0, 1)}

    def _reset(self, init: str, forget_bias: float) -> None:
        size = self.lstm.hidden_size
        for name, parameter in self.lstm.named_parameters():
            if init == "orthogonal" and name.startswith("weight_hh"):
                nn.init.orthogonal_(parameter)
            elif init == "orthogonal" and name.startswith("bias"):
                nn.init.zeros_(parameter)
                if name.startswith("bias_ih"):  # gates stand in the order i, f, g, o
                    nn.init.constant_(parameter[size : 2 * size], forget_bias)
