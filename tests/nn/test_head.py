from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.utils.class_weight import compute_class_weight

from seqlab.errors import UserError
from seqlab.nn import CrossEntropy, IdentityHead, LinearHead, SquaredError, balanced_weights
from seqlab.spec import UNSEEN, Outputs

MASK = torch.tensor([[True, True, True], [True, False, False]])


def test_loss_per_step_is_summed_by_row() -> None:
    torch.manual_seed(0)
    head = LinearHead(4, Outputs("class", (5,), "step"))
    features = torch.randn(2, 3, 4)  # (B, T, D)
    features[~MASK] = torch.nan
    targets = torch.tensor([[0, 4, UNSEEN], [2, 3, 3]])
    losses = head.loss(features, targets, MASK, CrossEntropy())
    first = F.cross_entropy(head(features[0, :2]), targets[0, :2], reduction="sum")
    second = F.cross_entropy(head(features[1, :1]), targets[1, :1])
    torch.testing.assert_close(losses, torch.stack([first, second]))
    losses.sum().backward()  # type: ignore[no-untyped-call]
    assert head.linear.weight.grad is not None
    assert head.linear.weight.grad.isfinite().all()


def test_loss_per_sequence() -> None:
    torch.manual_seed(0)
    head = LinearHead(4, Outputs("class", (5,), "sequence"))
    features, targets = torch.randn(3, 4), torch.tensor([1, 0, 4])
    mask = torch.tensor([True, True, False])
    expected = F.cross_entropy(head(features), targets, reduction="none") * mask
    torch.testing.assert_close(head.loss(features, targets, mask, CrossEntropy()), expected)


def test_class_weights_and_label_smoothing() -> None:
    torch.manual_seed(0)
    logits, targets = torch.randn(6, 3), torch.tensor([0, 1, 2, 0, 1, 2])
    weights = torch.tensor([1.0, 2.0, 3.0])
    criterion = CrossEntropy(weights, label_smoothing=0.1)
    smooth = F.cross_entropy(logits, targets, weights, reduction="none", label_smoothing=0.1)
    plain = F.cross_entropy(logits, targets, reduction="none")  # comparable to a baseline's loss
    torch.testing.assert_close(criterion.train()(logits, targets), smooth)
    torch.testing.assert_close(criterion.eval()(logits, targets), plain)


@pytest.mark.parametrize("counts", [[1, 1], [3, 1, 6], [10, 90]])
def test_balanced_weights_are_those_of_sklearn(counts: list[int]) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    expected = compute_class_weight("balanced", classes=np.arange(len(counts)), y=labels)
    torch.testing.assert_close(balanced_weights(counts), torch.tensor(expected).float())


@pytest.mark.parametrize("shape", [(1,), (4, 3)])
def test_values(shape: tuple[int, ...]) -> None:
    head = LinearHead(6, Outputs("value", shape, "sequence"))
    outputs = head(torch.randn(2, 6))
    targets = torch.randn(2, *shape)
    assert outputs.shape == (2, *shape)
    expected = F.mse_loss(outputs, targets, reduction="none").flatten(1).mean(1)
    torch.testing.assert_close(SquaredError()(outputs, targets), expected)
    assert head.decode(outputs, torch.ones(2)) is outputs


def test_one_value_with_flat_targets_is_not_broadcast() -> None:
    outputs, targets = torch.tensor([[1.0], [2.0]]), torch.tensor([1.0, 4.0])
    assert SquaredError()(outputs, targets).tolist() == [0.0, 4.0]


def test_the_prediction_is_the_class_with_the_highest_logit() -> None:
    head = IdentityHead(3, Outputs("class", (3,), "step"))
    logits = torch.tensor([[[0.0, 2.0, 1.0], [3.0, 0.0, 0.0]]])
    assert head.decode(head(logits), torch.tensor([2])).tolist() == [[1, 0]]


def test_an_identity_head_needs_the_right_width() -> None:
    with pytest.raises(UserError, match="has 8 outputs, but the task needs 6"):
        IdentityHead(8, Outputs("value", (2, 3), "sequence"))
