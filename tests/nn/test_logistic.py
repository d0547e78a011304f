"""A logistic head equals binary cross entropy, and a linear head with two outputs."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression

from seqlab.errors import UserError
from seqlab.nn import CrossEntropy, LinearHead, LogisticHead, SequenceModel
from seqlab.spec import UNSEEN, Ids, ModelSpec, Outputs
from seqlab.testing import assert_passes, check_model
from tests.nn.tiny import TinyLSTM

TWO_CLASSES = Outputs("class", (2,), "sequence")


def equivalent_heads() -> tuple[LogisticHead, LinearHead]:
    """A logistic head, and the linear head with the same probabilities."""
    logistic, linear = LogisticHead(4, TWO_CLASSES), LinearHead(4, TWO_CLASSES)
    with torch.no_grad():
        linear.linear.weight[1] = linear.linear.weight[0] + logistic.linear.weight[0]
        linear.linear.bias[1] = linear.linear.bias[0] + logistic.linear.bias[0]
    return logistic, linear


@pytest.mark.parametrize("scale", [1.0, 1e3])  # exp overflows with the second one
def test_the_loss_is_binary_cross_entropy(scale: float) -> None:
    torch.manual_seed(0)
    head = LogisticHead(4, TWO_CLASSES)
    features, targets = scale * torch.randn(20, 4), torch.arange(20) % 2
    losses = head.loss(features, targets, torch.ones(20, dtype=torch.bool), CrossEntropy())
    logits = head.linear(features).squeeze(1)  # (B,)
    expected = F.binary_cross_entropy_with_logits(logits, targets.float(), reduction="none")
    torch.testing.assert_close(losses, expected)
    parameters = list(head.parameters())
    gradients = torch.autograd.grad(losses.sum(), parameters)
    torch.testing.assert_close(gradients, torch.autograd.grad(expected.sum(), parameters))


def test_class_weights_and_label_smoothing() -> None:
    torch.manual_seed(0)
    head = LogisticHead(4, TWO_CLASSES)
    features, targets = torch.randn(20, 4), torch.arange(20) % 2
    mask = torch.ones(20, dtype=torch.bool)
    weighted = CrossEntropy(torch.tensor([0.5, 3.0])).train()
    smooth = CrossEntropy(label_smoothing=0.2).train()
    logits = head.linear(features).squeeze(1)
    bce = F.binary_cross_entropy_with_logits
    expected = bce(logits, targets.float(), torch.tensor([0.5, 3.0])[targets], reduction="none")
    torch.testing.assert_close(head.loss(features, targets, mask, weighted), expected)
    expected = bce(logits, 0.1 + 0.8 * targets, reduction="none")  # half of 0.2 for each class
    torch.testing.assert_close(head.loss(features, targets, mask, smooth), expected)


@pytest.mark.parametrize("shape", [(9, 4), (3, 5, 4)])
def test_a_linear_head_with_the_same_difference_of_logits(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    logistic, linear = equivalent_heads()
    features, lengths = torch.randn(shape), torch.full(shape[:1], 5)
    outputs, expected = logistic(features), linear(features)
    assert outputs.shape == expected.shape
    probabilities = outputs.softmax(-1)
    torch.testing.assert_close(probabilities, expected.softmax(-1))
    assert torch.equal(logistic.decode(outputs, lengths), linear.decode(expected, lengths))
    torch.testing.assert_close(probabilities[..., 1], logistic.linear(features).sigmoid()[..., 0])
    targets = torch.randint(UNSEEN, 2, shape[:-1])  # with unseen classes
    mask = torch.ones(shape[:-1], dtype=torch.bool)
    losses = [head.loss(features, targets, mask, CrossEntropy()) for head in (logistic, linear)]
    torch.testing.assert_close(*losses)


def test_it_learns_the_weights_of_a_logistic_regression() -> None:
    generator = np.random.default_rng(0)
    features = generator.normal(size=(200, 3))
    targets = (features @ [1.0, -2.0, 0.5] + generator.normal(size=200) > 0.3).astype(int)
    expected = LogisticRegression(C=np.inf, tol=1e-8).fit(features, targets)
    head = LogisticHead(3, TWO_CLASSES).double()
    optimizer = torch.optim.LBFGS(head.parameters(), max_iter=200, tolerance_grad=1e-9)
    x, y = torch.tensor(features), torch.tensor(targets)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(head(x), y)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    np.testing.assert_allclose(head.linear.weight.detach(), expected.coef_, rtol=1e-3)
    np.testing.assert_allclose(head.linear.bias.detach(), expected.intercept_, rtol=1e-3)


@pytest.mark.parametrize("per", ["step", "sequence"])
def test_a_model_with_one_logit(per: Literal["step", "sequence"]) -> None:
    spec = ModelSpec({"tokens": Ids(7)}, Outputs("class", (2,), per))
    assert_passes(check_model(lambda: SequenceModel(spec, TinyLSTM, {}, head="logistic"), spec))


@pytest.mark.parametrize(
    ("outputs", "needed"),
    [
        (Outputs("class", (3,), "sequence"), "3 classes"),
        (Outputs("value", (2,), "sequence"), "values"),
    ],
)
def test_outputs_other_than_two_classes_are_refused(outputs: Outputs, needed: str) -> None:
    with pytest.raises(UserError, match=f"two classes, but the task needs {needed}") as error:
        LogisticHead(4, outputs)
    assert error.value.location == "model.head"
