from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from seqlab.nn import AbsoluteError, Criterion, HuberError, SquaredError

CRITERIA = [(SquaredError, F.mse_loss), (AbsoluteError, F.l1_loss), (HuberError, F.huber_loss)]


@pytest.mark.parametrize(("criterion", "reference"), CRITERIA)
@pytest.mark.parametrize("shape", [(6,), (6, 1), (6, 4, 3)])
def test_errors_of_values_equal_those_of_torch(
    criterion: type[Criterion], reference: Callable[..., Tensor], shape: tuple[int, ...]
) -> None:
    outputs, targets = 2 * torch.randn(2, *shape)
    expected = reference(outputs, targets, reduction="none").reshape(shape[0], -1).mean(1)
    torch.testing.assert_close(criterion()(outputs, targets), expected)


@pytest.mark.parametrize(("criterion", "reference"), CRITERIA)
def test_flat_targets_with_one_output(
    criterion: type[Criterion], reference: Callable[..., Tensor]
) -> None:
    outputs, targets = torch.randn(5, 1), torch.randn(5)
    losses = criterion()(outputs, targets)
    assert losses.shape == (5,)
    torch.testing.assert_close(losses.mean(), reference(outputs[:, 0], targets))
