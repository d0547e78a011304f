"""Small layers, so that tests of the core need no plugin."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seqlab.nn import Layer
from seqlab.spec import State


class TinyLSTM(Layer):
    causal = True

    def __init__(self, input_size: int, hidden_size: int = 8) -> None:
        super().__init__()
        self.output_size = hidden_size
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.lstm(x)[0]  # type: ignore[no-any-return]  # (B, T, H)

    def initial_state(self, batch_size: int) -> State:
        weight = self.lstm.get_parameter("weight_hh_l0")
        zeros = weight.new_zeros(batch_size, self.output_size)  # (B, H)
        return {"hidden": zeros, "cell": zeros}

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        before = (state["hidden"][None], state["cell"][None])  # (1, B, H) each
        y, (hidden, cell) = self.lstm(x, tuple(entry.contiguous() for entry in before))
        return y, {"hidden": hidden[0], "cell": cell[0]}


class Averaging(Layer):
    """Not causal: each step is concatenated with the mean over the row's real steps."""

    def __init__(self, input_size: int) -> None:
        super().__init__()
        self.output_size = 2 * input_size

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        real = torch.arange(x.size(1)) < lengths[:, None]  # (B, T)
        mean = x.masked_fill(~real[:, :, None], 0.0).sum(1) / lengths[:, None]  # (B, D)
        return torch.cat([x, mean[:, None].expand_as(x)], dim=2)  # (B, T, 2D)
