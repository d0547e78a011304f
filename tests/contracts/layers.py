"""Layers whose states have other shapes than those of recurrent layers."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqlab.nn import Layer
from seqlab.spec import State


class Attention(Layer):
    """Causal self-attention; the state is a key-value cache, which grows."""

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
        key = torch.cat([state["key"], key], dim=1)  # (B, S + T, H), filled from the end
        value = torch.cat([state["value"], value], dim=1)
        cached, steps = state["key"].size(1), x.size(1)
        position = torch.arange(cached + steps) - cached  # (S + T,), negative in the cache
        filled = position >= -state["filled"][:, None, None]  # (B, 1, S + T)
        mask = filled & (position <= torch.arange(steps)[:, None])  # (B, T, S + T)
        y = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)  # (B, T, H)
        return y, {"key": key, "value": value, "filled": state["filled"] + steps}


class Convolution(Layer):
    """One causal dilated convolution; the state is its last inputs."""

    causal = True

    def __init__(
        self, input_size: int, hidden_size: int = 8, kernel_size: int = 3, dilation: int = 2
    ) -> None:
        super().__init__()
        self.input_size, self.output_size = input_size, hidden_size
        self.memory = (kernel_size - 1) * dilation
        self.convolution = nn.Conv1d(input_size, hidden_size, kernel_size, dilation=dilation)

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
        hidden, outputs = state["hidden"], []  # (B, H)
        for step in x.unbind(1):
            hidden = self.cell(step, hidden)
            outputs.append(hidden)
        return torch.stack(outputs, dim=1), {"hidden": hidden}
