"""From every step to one vector a sequence; padding never counts."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from seqlab.nn.masking import step_mask

PoolingKind = Literal["last", "mean", "max", "attention"]


class Pooling(nn.Module):
    """(B, T, D) → (B, D).

    Args:
        kind: "last" reads each direction where it has seen the whole sequence: the forward
            one at the last real step, the backward one at the first. "mean" and "max" run
            over the real steps. "attention" is their mean with learned weights.
        size: D.
        back_size: How many of D, at the end, come from a backward direction.
    """

    def __init__(self, kind: PoolingKind, size: int, back_size: int = 0) -> None:
        super().__init__()
        self.kind = kind
        self.ahead_size = size - back_size
        self.output_size = size
        self.score = nn.Linear(size, 1) if kind == "attention" else None

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """One vector a sequence."""
        if self.kind == "last":
            rows = torch.arange(len(x), device=x.device)
            ahead = x[rows, lengths - 1, : self.ahead_size]  # (B, ahead)
            return torch.cat([ahead, x[:, 0, self.ahead_size :]], dim=1)  # (B, D)
        padding = ~step_mask(lengths, x.size(1))[:, :, None]  # (B, T, 1)
        if self.kind == "max":
            return x.masked_fill(padding, -torch.inf).amax(1)
        x = x.masked_fill(padding, 0.0)
        if self.score is None:
            return x.sum(1) / lengths[:, None].to(x.dtype)
        weights = self.score(x).masked_fill(padding, -torch.inf).softmax(1)  # (B, T, 1)
        return (weights * x).sum(1)  # type: ignore[no-any-return]
