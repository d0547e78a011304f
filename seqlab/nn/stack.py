"""Depth and direction for any layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn

from seqlab.errors import PluginError
from seqlab.nn.layer import Layer
from seqlab.nn.masking import reverse
from seqlab.options import options_of
from seqlab.spec import State


class Stack(nn.Module):
    """Layers above each other, in one or two directions, (B, T, D) → (B, T, D').

    The backward direction reads each row reversed by its own length, so that it never sees
    padding; its output is put back in order and joined to the forward one's, level by level.

    Args:
        layer: The layer's class.
        input_size: D.
        options: The layer's own options.
        num_layers: How many levels.
        bidirectional: Two directions at every level.
        dropout: Between levels.
        apart: Each level is a layer of its own, also of a layer that could stack itself; only
            then there are `levels`.
    """

    def __init__(
        self,
        layer: type[Layer],
        input_size: int,
        options: Mapping[str, Any],
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        *,
        apart: bool = False,
    ) -> None:
        super().__init__()
        own = options_of(layer)
        fused = not bidirectional and not apart and "num_layers" in own
        depth = {"num_layers": num_layers, "dropout": dropout} if fused else {}
        chosen = {**options, **{name: value for name, value in depth.items() if name in own}}
        self.ahead, self.back = nn.ModuleList(), nn.ModuleList()
        self.sizes: list[tuple[int, int]] = []
        """D' of each level, and how many of D', at the end, come from a backward direction."""
        width = input_size
        for _ in range(1 if fused else num_layers):
            level = [_built(layer, width, chosen) for _ in range(2 if bidirectional else 1)]
            self.ahead.append(level[0])
            self.back.extend(level[1:])
            width = sum(each.output_size for each in level)
            self.sizes.append((width, width - level[0].output_size))
        self.output_size, self.back_size = self.sizes[-1]
        self.causal = not bidirectional and level[0].causal
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """All steps at once; see `Layer.forward`."""
        return self.levels(x, lengths)[-1]

    def levels(self, x: Tensor, lengths: Tensor) -> list[Tensor]:
        """The output of each level, (B, T, D')."""
        found = []
        for level, ahead in enumerate(self.ahead):
            if level:
                x = self.dropout(x)
            y = ahead(x, lengths)
            if self.back:
                back = self.back[level](reverse(x, lengths), lengths)
                y = torch.cat([y, reverse(back, lengths)], dim=2)
            found.append(x := y)
        return found

    def initial_state(self, batch_size: int) -> State:
        """The empty states of all levels."""
        return {
            f"{level}.{name}": entry
            for level, layer in enumerate(self._layers())
            for name, entry in layer.initial_state(batch_size).items()
        }

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """The next steps; see `Layer.advance`."""
        after: dict[str, Tensor] = {}
        for level, layer in enumerate(self._layers()):
            if level:
                x = self.dropout(x)
            prefix = f"{level}."
            own = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
            x, own_after = layer.advance(x, own)
            after |= {prefix + name: entry for name, entry in own_after.items()}
        return x, after

    def _layers(self) -> list[Layer]:
        return cast(list[Layer], list(self.ahead))


def _built(layer: type[Layer], input_size: int, options: Mapping[str, Any]) -> Layer:
    built = layer(input_size, **options)
    if not isinstance(getattr(built, "output_size", None), int):
        raise PluginError(
            f"layer {layer.__name__} does not say its output_size",
            location=f"{layer.__module__}.{layer.__qualname__}.__init__",
            remedy="set self.output_size to the width of its output",
        )
    return built
