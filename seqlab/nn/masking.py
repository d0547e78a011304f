"""Masks of padding, and reversal without it, from the lengths of sequences."""

from __future__ import annotations

import torch
from torch import Tensor


def step_mask(lengths: Tensor, steps: int) -> Tensor:
    """(B, T) mask, True at real steps and False in the padding.

    Args:
        lengths: (B,) lengths without padding.
        steps: T.
    """
    return torch.arange(steps, device=lengths.device) < lengths[:, None]  # (B, T)


def reverse(x: Tensor, lengths: Tensor) -> Tensor:
    """Reverse the real steps of each row; padding stays where it is.

    Args:
        x: (B, T, D).
        lengths: (B,) lengths without padding.

    Returns:
        (B, T, D). Reversing twice gives the original.
    """
    steps = torch.arange(x.size(1), device=x.device)  # (T,)
    mirrored = lengths[:, None] - 1 - steps  # (B, T), negative in the padding
    index = torch.where(mirrored >= 0, mirrored, steps)  # (B, T)
    return x.gather(1, index[:, :, None].expand(-1, -1, x.size(2)))  # (B, T, D)
