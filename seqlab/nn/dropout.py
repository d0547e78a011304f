"""Dropout for sequences."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import dropout


class LockedDropout(nn.Module):
    """Drops the same numbers at every step of a sequence (Gal and Ghahramani 2016).

    A recurrent layer learns from it what plain dropout's noise averages away over the steps; and
    it draws T times fewer random numbers.

    Args:
        share: Of the numbers, set to 0 in training; the others are scaled up.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D) → (B, T, D)."""
        if not self.training or self.share == 0:
            return x
        mask = dropout(x.new_ones(x.size(0), 1, x.size(2)), self.share)  # (B, 1, D)
        return x * mask
