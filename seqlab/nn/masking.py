"""Padding is known from lengths: masks, and rows reversed by their own length."""

from __future__ import annotations

import torch
from torch import Tensor


def step_mask(lengths: Tensor, steps: int) -> Tensor:
    """(B, T) True where a real step stands.

    Args:
        lengths: (B,) true lengths.
        steps: T.
    """
    return torch.arange(steps, device=lengths.device) < lengths[:, None]  # (B, T)


def reverse(x: Tensor, lengths: Tensor) -> Tensor:
    """Each row's real steps in reverse order; padding stays where it is.

    Args:
        x: (B, T, D).
        lengths: (B,).

    Returns:
        (B, T, D). Twice reversed is the original.
    """
    steps = torch.arange(x.size(1), device=x.device)  # (T,)
    mirrored = lengths[:, None] - 1 - steps  # (B, T), negative in the padding
    index = torch.where(mirrored >= 0, mirrored, steps)  # (B, T)
    return x.gather(1, index[:, :, None].expand(-1, -1, x.size(2)))  # (B, T, D)
