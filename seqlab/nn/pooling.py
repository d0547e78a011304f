"""From every step to one vector a sequence; padding never counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from seqlab.nn.masking import step_mask

OneLevel = Literal["last", "mean", "max", "attention"]
"""What is made of the last level's steps."""

PoolingKind = Literal["last", "mean", "max", "attention", "states"]
"""The same, or `FinalStates` of all levels."""


class Pooling(nn.Module):
    """(B, T, D) → (B, D).

    Args:
        kind: "last" reads each direction where it has seen the whole sequence: the forward
            one at the last real step, the backward one at the first. "mean" and "max" run
            over the real steps. "attention" is their mean with learned weights.
        size: D.
        back_size: How many of D, at the end, come from a backward direction.
    """

    def __init__(self, kind: OneLevel, size: int, back_size: int = 0) -> None:
        super().__init__()
        self.kind = kind
        self.ahead_size = size - back_size
        self.output_size = size
        self.score = nn.Linear(size, 1) if kind == "attention" else None

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """One vector a sequence."""
        if self.kind == "last":
            return _last(x, lengths, self.ahead_size)
        padding = ~step_mask(lengths, x.size(1))[:, :, None]  # (B, T, 1)
        if self.kind == "max":
            return x.masked_fill(padding, -torch.inf).amax(1)
        x = x.masked_fill(padding, 0.0)
        if self.score is None:
            return x.sum(1) / lengths[:, None].to(x.dtype)
        weights = self.score(x).masked_fill(padding, -torch.inf).softmax(1)  # (B, T, 1)
        return (weights * x).sum(1)  # type: ignore[no-any-return]


class FinalStates(nn.Module):
    """The final states of all levels, joined: one (B, T, D) a level → (B, sum of all D).

    Level by level, the forward direction before the backward one: of a plain recurrent layer,
    torch's `h_n` (L · directions, B, H) as (B, L · directions · H).

    Args:
        sizes: D of each level, and how many of D, at the end, come from a backward direction.
    """

    def __init__(self, sizes: Sequence[tuple[int, int]]) -> None:
        super().__init__()
        self.ahead_sizes = [size - back for size, back in sizes]
        self.output_size = sum(size for size, _ in sizes)

    def forward(self, levels: Sequence[Tensor], lengths: Tensor) -> Tensor:
        """One vector a sequence."""
        found = zip(levels, self.ahead_sizes, strict=True)
        return torch.cat([_last(x, lengths, ahead) for x, ahead in found], dim=1)


def _last(x: Tensor, lengths: Tensor, ahead_size: int) -> Tensor:
    """(B, T, D) → (B, D): the forward direction's last step, the backward one's first."""
    rows = torch.arange(len(x), device=x.device)
    ahead = x[rows, lengths - 1, :ahead_size]  # (B, ahead)
    return torch.cat([ahead, x[:, 0, ahead_size:]], dim=1)  # (B, D)
