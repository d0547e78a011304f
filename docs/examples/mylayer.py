"""A layer in one file: a recurrence whose gate depends on the input only (minGRU, Feng 2024)."""

import torch

from seqlab import Register, hookimpl
from seqlab.nn import Layer


class MyLayer(Layer):
    def __init__(self, input_size: int, hidden_size: int = 128) -> None:
        super().__init__()
        self.output_size = hidden_size
        self.linear = torch.nn.Linear(input_size, 2 * hidden_size)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        candidates, gates = self.linear(x).transpose(0, 1).chunk(2, -1)  # (T, B, H) each
        states = [torch.zeros_like(candidates[0])]
        for candidate, gate in zip(candidates, gates.sigmoid(), strict=True):
            states.append(states[-1].lerp(candidate, gate))
        return torch.stack(states[1:], 1)  # (B, T, H)


@hookimpl
def register_layers(register: Register) -> None:
    register("mylayer", MyLayer, summary="A gated recurrent layer")
