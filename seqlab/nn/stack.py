"""Depth and direction for any layer."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from seqlab.errors import PluginError
from seqlab.nn.layer import Layer
from seqlab.nn.masking import reverse
from seqlab.options import options_of
from seqlab.spec import State
from seqlab.types import Options


class Stack(nn.Module):
    """Levels of layers in one or two directions: (B, T, D) → (B, T, D').

    The backward direction reads each row reversed by its length, so that it never reads
    padding. Its output is reversed back and concatenated to that of the forward direction, level
    by level.

    Args:
        layer: The layer's class.
        input_size: D.
        options: Options of the layer.
        num_layers: Number of levels.
        bidirectional: Whether every level has a backward direction.
        dropout: Dropout probability between levels.
        separate_levels: Create one layer per level even if the layer can stack itself. Otherwise
            such a layer, in one direction, computes all levels at once, and `levels` returns
            only the last one.
    """

    def __init__(
        self,
        layer: type[Layer],
        input_size: int,
        options: Options,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        *,
        separate_levels: bool = False,
    ) -> None:
        super().__init__()
        known = options_of(layer)
        fused = not bidirectional and not separate_levels and "num_layers" in known
        depth = {"num_layers": num_layers, "dropout": dropout} if fused else {}
        options = {**options, **{name: value for name, value in depth.items() if name in known}}
        self.ahead, self.back = nn.ModuleList(), nn.ModuleList()
        self.level_sizes: list[tuple[int, int]] = []
        """D' of each level, and how many of D', at the end, come from a backward direction."""
        size = input_size
        for _ in range(1 if fused else num_layers):
            level = [_build_layer(layer, size, options) for _ in range(2 if bidirectional else 1)]
            self.ahead.append(level[0])
            self.back.extend(level[1:])
            size = sum(direction.output_size for direction in level)
            self.level_sizes.append((size, size - level[0].output_size))
        self.output_size, self.backward_size = self.level_sizes[-1]
        self.causal = not bidirectional and level[0].causal
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """All steps at once; see `Layer.forward`."""
        return self.levels(x, lengths)[-1]

    def levels(self, x: Tensor, lengths: Tensor) -> list[Tensor]:
        """The output of each level, (B, T, D')."""
        outputs = []
        for level, ahead in enumerate(self.ahead):
            if level:
                x = self.dropout(x)
            y = ahead(x, lengths)
            if self.back:
                back = self.back[level](reverse(x, lengths), lengths)
                y = torch.cat([y, reverse(back, lengths)], dim=2)
            outputs.append(x := y)
        return outputs

    def initial_state(self, batch_size: int) -> State:
        """The initial states of all levels; entries are named "level.name"."""
        return {
            f"{level}.{name}": entry
            for level, layer in enumerate(self._layers())
            for name, entry in layer.initial_state(batch_size).items()
        }

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Compute the next steps; see `Layer.advance`."""
        next_state: dict[str, Tensor] = {}
        for level, layer in enumerate(self._layers()):
            if level:
                x = self.dropout(x)
            prefix = f"{level}."
            before = {
                name.removeprefix(prefix): entry
                for name, entry in state.items()
                if name.startswith(prefix)
            }
            x, after = layer.advance(x, before)
            next_state |= {prefix + name: entry for name, entry in after.items()}
        return x, next_state

    def _layers(self) -> list[Layer]:
        return cast(list[Layer], list(self.ahead))


def _build_layer(layer: type[Layer], input_size: int, options: Options) -> Layer:
    instance = layer(input_size, **options)
    if not isinstance(getattr(instance, "output_size", None), int):
        raise PluginError(
            f"layer {layer.__name__} does not set its output_size",
            location=f"{layer.__module__}.{layer.__qualname__}.__init__",
            remedy="set self.output_size to the width of the layer's output",
        )
    return instance
