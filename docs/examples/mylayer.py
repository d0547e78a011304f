"""A first own layer: a memory whose gate looks at the input only (minGRU, Feng 2024)."""

import torch

from seqlab import Register, hookimpl
from seqlab.nn import Layer


class MyLayer(Layer):
    def __init__(self, input_size: int, hidden_size: int = 128) -> None:
        super().__init__()
        self.output_size = hidden_size
        self.maps = torch.nn.Linear(input_size, 2 * hidden_size)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        new, gate = self.maps(x).transpose(0, 1).chunk(2, -1)  # (B, T, D) → (T, B, H) each
        steps = [torch.zeros_like(new[0])]
        for value, share in zip(new, gate.sigmoid(), strict=True):
            steps.append(steps[-1].lerp(value, share))
        return torch.stack(steps[1:], 1)  # (B, T, H)


@hookimpl
def register_layers(register: Register) -> None:
    register("mylayer", MyLayer, summary="A gated memory")
