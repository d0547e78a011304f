"""The state before the first step of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from seqlab.spec import State

InitialStateKind = Literal["zeros", "ones", "random", "learned"]


class InitialState(nn.Module):
    """The state before the first step, the same for every row.

    A random state is drawn once, when the layer is built, and saved with the weights. A learned
    state is a parameter that is 0 at first.

    Args:
        kind: Zeros, ones, drawn from N(0, 1), or learned.
        names: Names of the state's entries, such as "h" and "c".
        num_layers: L.
        hidden_size: H.
    """

    def __init__(
        self, kind: InitialStateKind, names: Sequence[str], num_layers: int, hidden_size: int
    ) -> None:
        super().__init__()
        self.kind, self.names = kind, tuple(names)
        for name in names:
            if kind == "learned":
                self.register_parameter(name, nn.Parameter(torch.zeros(1, num_layers, hidden_size)))
            else:  # zeros and ones can be rebuilt, so they are not saved with the weights
                create = torch.randn if kind == "random" else getattr(torch, kind)
                value = create(1, num_layers, hidden_size)
                self.register_buffer(name, value, persistent=kind == "random")

    def forward(self, batch_size: int) -> State:
        """The state of a batch; each entry is (B, L, H)."""
        entries: dict[str, Tensor] = {name: getattr(self, name) for name in self.names}
        return {name: entry.expand(batch_size, -1, -1) for name, entry in entries.items()}
