from __future__ import annotations

import pytest
import torch
from torch import Tensor

from seqlab.nn import FinalStates, Pooling
from seqlab.nn.pooling import StepPoolingKind

LENGTHS = torch.tensor([3, 1, 5])


def pool_row(pooling: Pooling, row: Tensor) -> Tensor:
    """Pool one row (T, D) without padding; the last of D = 4 is from a backward direction."""
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
@pytest.mark.parametrize("garbage", [0.0, 1e6, torch.nan])
def test_each_row_equals_the_row_without_padding(kind: StepPoolingKind, garbage: float) -> None:
    torch.manual_seed(0)
    pooling = Pooling(kind, 4, backward_size=1)
    x = torch.randn(3, 6, 4)  # (B, T, D)
    for row, length in enumerate(LENGTHS):
        x[row, length:] = garbage
    pooled = pooling(x, LENGTHS)
    for row, length in enumerate(LENGTHS):
        torch.testing.assert_close(pooled[row], pool_row(pooling, x[row, :length]))


@pytest.mark.parametrize("kind", ["last", "mean", "max", "attention"])
def test_padding_gets_no_gradient(kind: StepPoolingKind) -> None:
    x = torch.randn(3, 6, 4, requires_grad=True)
    Pooling(kind, 4)(x, LENGTHS).sum().backward()
    assert x.grad is not None
    for row, length in enumerate(LENGTHS):
        assert not x.grad[row, length:].any()


def test_final_states_of_all_levels() -> None:
    """Two levels of widths 4 and 3, of which 1 and 2 come from a backward direction."""
    pooling = FinalStates([(4, 1), (3, 2)])
    first, second = torch.randn(3, 6, 4), torch.randn(3, 6, 3)  # (B, T, D) each
    pooled = pooling([first, second], LENGTHS)
    assert (pooling.output_size, pooled.shape) == (7, (3, 7))
    for row, length in enumerate(LENGTHS):
        last = int(length) - 1
        states = [
            first[row, last, :3],
            first[row, 0, 3:],
            second[row, last, :1],
            second[row, 0, 1:],
        ]
        assert torch.equal(pooled[row], torch.cat(states))
