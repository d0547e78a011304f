from __future__ import annotations

import pytest
import torch
from torch import Tensor

from seqlab.nn import FinalStates, Pooling
from seqlab.nn.pooling import OneLevel

LENGTHS = torch.tensor([3, 1, 5])


def by_hand(pooling: Pooling, row: Tensor) -> Tensor:
    """One text (T, D) without padding; of D = 4, the last comes from a backward direction."""
    if pooling.kind == "last":
        return torch.cat([row[-1, :3], row[0, 3:]])
    if pooling.kind == "mean":
        return row.mean(0)
    if pooling.kind == "max":
        return row.max(0).values
    assert pooling.score is not None
    weights = torch.stack([pooling.score(step).exp() for step in row])  # (T, 1)
    return (row * weights).sum(0) / weights.sum()


@pytest.mark.parametrize("kind", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize("rubbish", [0.0, 1e6, torch.nan])
def test_each_text_alone(kind: OneLevel, rubbish: float) -> None:
    torch.manual_seed(0)
    pooling = Pooling(kind, 4, back_size=1)
    x = torch.randn(3, 6, 4)  # (B, T, D)
    for row, length in enumerate(LENGTHS):
        x[row, length:] = rubbish
    found = pooling(x, LENGTHS)
    for row, length in enumerate(LENGTHS):
        torch.testing.assert_close(found[row], by_hand(pooling, x[row, :length]))


@pytest.mark.parametrize("kind", ["last", "mean", "max", "attention"])
def test_padding_gets_no_gradient(kind: OneLevel) -> None:
    x = torch.randn(3, 6, 4, requires_grad=True)
    Pooling(kind, 4)(x, LENGTHS).sum().backward()
    assert x.grad is not None
    for row, length in enumerate(LENGTHS):
        assert not x.grad[row, length:].any()


def test_final_states_of_all_levels() -> None:
    """Two levels, of widths 4 and 3; 1 and 2 numbers come from a backward direction."""
    pooling = FinalStates([(4, 1), (3, 2)])
    low, high = torch.randn(3, 6, 4), torch.randn(3, 6, 3)  # (B, T, D) each
    found = pooling([low, high], LENGTHS)
    assert (pooling.output_size, found.shape) == (7, (3, 7))
    for row, length in enumerate(LENGTHS):
        end = int(length) - 1
        splits = [low[row, end, :3], low[row, 0, 3:], high[row, end, :1], high[row, 0, 1:]]
        assert torch.equal(found[row], torch.cat(splits))
