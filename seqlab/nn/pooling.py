"""Pooling: from one vector per step to one vector per sequence, without the padding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from seqlab.nn.masking import step_mask

StepPoolingKind = Literal["last", "mean", "max", "attention"]
"""How the steps of the last level are pooled."""

PoolingKind = Literal["last", "mean", "max", "attention", "states"]
"""`StepPoolingKind`, or "states" for the `FinalStates` of all levels."""


class Pooling(nn.Module):
    """(B, T, D) → (B, D).

    Args:
        kind: "last" takes each direction where it has read the whole sequence: the forward
            direction at the last real step, the backward direction at the first step. "mean" and
            "max" run over the real steps. "attention" is a mean with learned weights.
        size: D.
        backward_size: How many of D, at the end, come from a backward direction.
    """

    def __init__(self, kind: StepPoolingKind, size: int, backward_size: int = 0) -> None:
        super().__init__()
        self.kind = kind
        self.forward_size = size - backward_size
        self.output_size = size
        self.score = nn.Linear(size, 1) if kind == "attention" else None

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """One vector per sequence."""
        if self.kind == "last":
            return _final_state(x, lengths, self.forward_size)
        padding = ~step_mask(lengths, x.size(1))[:, :, None]  # (B, T, 1)
        if self.kind == "max":
            return x.masked_fill(padding, -torch.inf).amax(1)
        x = x.masked_fill(padding, 0.0)
        if self.score is None:
            return x.sum(1) / lengths[:, None].to(x.dtype)
        weights = self.score(x).masked_fill(padding, -torch.inf).softmax(1)  # (B, T, 1)
        return (weights * x).sum(1)  # type: ignore[no-any-return]


class FinalStates(nn.Module):
    """The final states of all levels, concatenated: (B, T, D) per level → (B, sum of all D).

    Levels are in order, and in each the forward direction comes before the backward direction.
    For a plain recurrent layer this is torch's `h_n`, (L · directions, B, H), reshaped to
    (B, L · directions · H).

    Args:
        level_sizes: For each level D, and how many of D, at the end, come from a backward
            direction.
    """

    def __init__(self, level_sizes: Sequence[tuple[int, int]]) -> None:
        super().__init__()
        self.forward_sizes = [size - backward_size for size, backward_size in level_sizes]
        self.output_size = sum(size for size, _ in level_sizes)

    def forward(self, levels: Sequence[Tensor], lengths: Tensor) -> Tensor:
        """One vector per sequence."""
        pairs = zip(levels, self.forward_sizes, strict=True)
        return torch.cat([_final_state(x, lengths, size) for x, size in pairs], dim=1)


def _final_state(x: Tensor, lengths: Tensor, forward_size: int) -> Tensor:
    """(B, T, D) → (B, D): the forward direction's last step, the backward direction's first."""
    rows = torch.arange(len(x), device=x.device)
    last = x[rows, lengths - 1, :forward_size]  # (B, forward_size)
    return torch.cat([last, x[:, 0, forward_size:]], dim=1)  # (B, D)
