from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from seqlab.nn import AbsoluteError, Criterion, HuberError, SquaredError

KINDS = [(SquaredError, F.mse_loss), (AbsoluteError, F.l1_loss), (HuberError, F.huber_loss)]


@pytest.mark.parametrize(("kind", "reference"), KINDS)
@pytest.mark.parametrize("shape", [(6,), (6, 1), (6, 4, 3)])
def test_errors_of_values_as_torch_has_them(
    kind: type[Criterion], reference: object, shape: tuple[int, ...]
) -> None:
    scores, targets = 2 * torch.randn(2, *shape)
    expected = reference(scores, targets, reduction="none").flatten(1) if len(shape) > 1 else None  # type: ignore[operator]
    if expected is None:
        expected = reference(scores, targets, reduction="none")[:, None]  # type: ignore[operator]
    torch.testing.assert_close(kind()(scores, targets), expected.mean(1))


@pytest.mark.parametrize(("kind", "reference"), KINDS)
def test_a_flat_target_beside_one_value(kind: type[Criterion], reference: object) -> None:
    scores, targets = torch.randn(5, 1), torch.randn(5)
    found = kind()(scores, targets)
    assert found.shape == (5,)
    torch.testing.assert_close(found.mean(), reference(scores[:, 0], targets))  # type: ignore[operator]
