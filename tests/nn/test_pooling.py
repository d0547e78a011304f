from __future__ import annotations

import pytest
import torch
from torch import Tensor

from seqlab.nn import Pooling
from seqlab.nn.pooling import PoolingKind

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
def test_each_text_alone(kind: PoolingKind, rubbish: float) -> None:
    torch.manual_seed(0)
    pooling = Pooling(kind, 4, back_size=1)
    x = torch.randn(3, 6, 4)  # (B, T, D)
    for row, length in enumerate(LENGTHS):
        x[row, length:] = rubbish
    found = pooling(x, LENGTHS)
    for row, length in enumerate(LENGTHS):
        torch.testing.assert_close(found[row], by_hand(pooling, x[row, :length]))


@pytest.mark.parametrize("kind", ["last", "mean", "max", "attention"])
def test_padding_gets_no_gradient(kind: PoolingKind) -> None:
    x = torch.randn(3, 6, 4, requires_grad=True)
    Pooling(kind, 4)(x, LENGTHS).sum().backward()
    assert x.grad is not None
    for row, length in enumerate(LENGTHS):
        assert not x.grad[row, length:].any()
