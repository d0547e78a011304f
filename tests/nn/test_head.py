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


def test_loss_a_step_is_the_sum_of_each_row() -> None:
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


def test_loss_a_sequence() -> None:
    torch.manual_seed(0)
    head = LinearHead(4, Outputs("class", (5,), "sequence"))
    features, targets = torch.randn(3, 4), torch.tensor([1, 0, 4])
    mask = torch.tensor([True, True, False])
    expected = F.cross_entropy(head(features), targets, reduction="none") * mask
    torch.testing.assert_close(head.loss(features, targets, mask, CrossEntropy()), expected)


def test_class_weights_and_label_smoothing() -> None:
    torch.manual_seed(0)
    scores, targets = torch.randn(6, 3), torch.tensor([0, 1, 2, 0, 1, 2])
    weights = torch.tensor([1.0, 2.0, 3.0])
    criterion = CrossEntropy(weights, label_smoothing=0.1)
    smooth = F.cross_entropy(scores, targets, weights, reduction="none", label_smoothing=0.1)
    plain = F.cross_entropy(scores, targets, reduction="none")  # as a baseline's loss
    torch.testing.assert_close(criterion.train()(scores, targets), smooth)
    torch.testing.assert_close(criterion.eval()(scores, targets), plain)


@pytest.mark.parametrize("counts", [[1, 1], [3, 1, 6], [10, 90]])
def test_balanced_weights_are_those_of_sklearn(counts: list[int]) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    theirs = compute_class_weight("balanced", classes=np.arange(len(counts)), y=labels)
    torch.testing.assert_close(balanced_weights(counts), torch.tensor(theirs).float())


@pytest.mark.parametrize("shape", [(1,), (4, 3)])
def test_values(shape: tuple[int, ...]) -> None:
    head = LinearHead(6, Outputs("value", shape, "sequence"))
    scores = head(torch.randn(2, 6))
    targets = torch.randn(2, *shape)
    assert scores.shape == (2, *shape)
    expected = F.mse_loss(scores, targets, reduction="none").flatten(1).mean(1)
    torch.testing.assert_close(SquaredError()(scores, targets), expected)
    assert head.decode(scores, torch.ones(2)) is scores


def test_one_value_beside_flat_targets_is_not_broadcast() -> None:
    scores, targets = torch.tensor([[1.0], [2.0]]), torch.tensor([1.0, 4.0])
    assert SquaredError()(scores, targets).tolist() == [0.0, 4.0]


def test_decisions() -> None:
    head = IdentityHead(3, Outputs("class", (3,), "step"))
    scores = torch.tensor([[[0.0, 2.0, 1.0], [3.0, 0.0, 0.0]]])
    assert head.decode(head(scores), torch.tensor([2])).tolist() == [[1, 0]]


def test_no_head_needs_the_right_width() -> None:
    with pytest.raises(UserError, match="gives 8 outputs where 6 are needed"):
        IdentityHead(8, Outputs("value", (2, 3), "sequence"))
