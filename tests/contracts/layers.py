"""Layers with states of other shapes than a recurrent one's."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqlab.nn import Layer
from seqlab.spec import State


class Attention(Layer):
    """Causal self-attention; the state is a cache of keys and values, which grows."""

    causal = True

    def __init__(self, input_size: int, hidden_size: int = 8) -> None:
        super().__init__()
        self.output_size = hidden_size
        self.map = nn.Linear(input_size, 3 * hidden_size)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        query, key, value = self.map(x).chunk(3, dim=2)  # (B, T, H) each
        return F.scaled_dot_product_attention(query, key, value, is_causal=True)

    def initial_state(self, batch_size: int) -> State:
        cache = self.map.weight.new_zeros(batch_size, 0, self.output_size)  # (B, 0, H)
        return {"key": cache, "value": cache, "filled": torch.zeros(batch_size, dtype=torch.long)}

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        query, key, value = self.map(x).chunk(3, dim=2)  # (B, T, H) each
        key = torch.cat([state["key"], key], dim=1)  # (B, S + T, H), a row's own at the end
        value = torch.cat([state["value"], value], dim=1)
        new, old = x.size(1), state["key"].size(1)
        place = torch.arange(old + new) - old  # (S + T,), negative in the cache
        seen = place >= -state["filled"][:, None, None]  # (B, 1, S + T)
        seen = seen & (place <= torch.arange(new)[:, None])  # (B, T, S + T)
        y = F.scaled_dot_product_attention(query, key, value, attn_mask=seen)  # (B, T, H)
        return y, {"key": key, "value": value, "filled": state["filled"] + new}


class Convolution(Layer):
    """One causal dilated convolution; the state is its last inputs."""

    causal = True

    def __init__(self, input_size: int, hidden_size: int = 8, width: int = 3, gap: int = 2) -> None:
        super().__init__()
        self.input_size, self.output_size = input_size, hidden_size
        self.memory = (width - 1) * gap
        self.convolution = nn.Conv1d(input_size, hidden_size, width, dilation=gap)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.advance(x, self.initial_state(len(x)))[0]

    def initial_state(self, batch_size: int) -> State:
        weight = self.convolution.weight
        return {"last": weight.new_zeros(batch_size, self.memory, self.input_size)}  # (B, M, D)

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        x = torch.cat([state["last"], x], dim=1)  # (B, M + T, D)
        y = self.convolution(x.transpose(1, 2)).transpose(1, 2).tanh()  # (B, T, H)
        return y, {"last": x[:, x.size(1) - self.memory :]}


class LogitCell(Layer):
    """An `nn.RNNCell` whose state is the logits, as in the "hihell" tutorial."""

    causal = True

    def __init__(self, input_size: int, hidden_size: int = 5) -> None:
        super().__init__()
        self.output_size = hidden_size
        self.cell = nn.RNNCell(input_size, hidden_size)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.advance(x, self.initial_state(len(x)))[0]

    def initial_state(self, batch_size: int) -> State:
        return {"hidden": self.cell.weight_hh.new_zeros(batch_size, self.output_size)}  # (B, H)

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        hidden, steps = state["hidden"], []  # (B, H)
        for step in x.unbind(1):
            hidden = self.cell(step, hidden)
            steps.append(hidden)
        return torch.stack(steps, dim=1), {"hidden": hidden}
