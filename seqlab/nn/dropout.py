"""Dropout for sequences."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import dropout


class LockedDropout(nn.Module):
    """Dropout with the same mask at every step of a sequence (Gal and Ghahramani 2016).

    The noise of plain dropout averages out over the steps of a recurrent layer; a mask that
    stays the same does not. It also needs T times fewer random numbers.

    Args:
        p: Probability that a feature is set to 0 in training; the others are scaled up.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D) → (B, T, D)."""
        if not self.training or self.p == 0:
            return x
        mask = dropout(x.new_ones(x.size(0), 1, x.size(2)), self.p)  # (B, 1, D)
        return x * mask
