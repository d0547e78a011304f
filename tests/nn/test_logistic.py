"""One logit for two classes is binary cross entropy, and two scores whose difference it is."""

from __future__ import annotations

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

TWO = Outputs("class", (2,), "sequence")


def heads() -> tuple[LogisticHead, LinearHead]:
    """A logistic head, and the linear one that says the same."""
    one, both = LogisticHead(4, TWO), LinearHead(4, TWO)
    with torch.no_grad():
        both.linear.weight[1] = both.linear.weight[0] + one.linear.weight[0]
        both.linear.bias[1] = both.linear.bias[0] + one.linear.bias[0]
    return one, both


@pytest.mark.parametrize("spread", [1.0, 1e3])  # also where exp would overflow
def test_its_loss_is_binary_cross_entropy(spread: float) -> None:
    torch.manual_seed(0)
    head = LogisticHead(4, TWO)
    features, targets = spread * torch.randn(20, 4), torch.arange(20) % 2
    losses = head.loss(features, targets, torch.ones(20, dtype=torch.bool), CrossEntropy())
    logits = head.linear(features).squeeze(1)  # (B,)
    expected = F.binary_cross_entropy_with_logits(logits, targets.float(), reduction="none")
    torch.testing.assert_close(losses, expected)
    weights = list(head.parameters())
    mine = torch.autograd.grad(losses.sum(), weights)
    torch.testing.assert_close(mine, torch.autograd.grad(expected.sum(), weights))


def test_weights_of_classes_and_label_smoothing() -> None:
    torch.manual_seed(0)
    head = LogisticHead(4, TWO)
    features, targets = torch.randn(20, 4), torch.arange(20) % 2
    everywhere = torch.ones(20, dtype=torch.bool)
    weighted = CrossEntropy(torch.tensor([0.5, 3.0])).train()
    smooth = CrossEntropy(label_smoothing=0.2).train()
    logits = head.linear(features).squeeze(1)
    bce = F.binary_cross_entropy_with_logits
    expected = bce(logits, targets.float(), torch.tensor([0.5, 3.0])[targets], reduction="none")
    torch.testing.assert_close(head.loss(features, targets, everywhere, weighted), expected)
    expected = bce(logits, 0.1 + 0.8 * targets, reduction="none")  # half of 0.2 for the other
    torch.testing.assert_close(head.loss(features, targets, everywhere, smooth), expected)


@pytest.mark.parametrize("shape", [(9, 4), (3, 5, 4)])
def test_two_scores_with_the_same_difference_say_the_same(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    one, both = heads()
    features, lengths = torch.randn(shape), torch.full(shape[:1], 5)
    mine, theirs = one(features), both(features)
    assert mine.shape == theirs.shape
    torch.testing.assert_close(mine.softmax(-1), theirs.softmax(-1))
    assert torch.equal(one.decode(mine, lengths), both.decode(theirs, lengths))
    torch.testing.assert_close(mine.softmax(-1)[..., 1], one.linear(features).sigmoid()[..., 0])
    targets = torch.randint(UNSEEN, 2, shape[:-1])  # those that training never had too
    mask = torch.ones(shape[:-1], dtype=torch.bool)
    losses = [head.loss(features, targets, mask, CrossEntropy()) for head in (one, both)]
    torch.testing.assert_close(*losses)


def test_it_finds_the_weights_of_a_logistic_regression() -> None:
    draw = np.random.default_rng(0)
    features = draw.normal(size=(200, 3))
    targets = (features @ [1.0, -2.0, 0.5] + draw.normal(size=200) > 0.3).astype(int)
    theirs = LogisticRegression(C=np.inf, tol=1e-8).fit(features, targets)
    head = LogisticHead(3, TWO).double()
    optimizer = torch.optim.LBFGS(head.parameters(), max_iter=200, tolerance_grad=1e-9)
    x, y = torch.tensor(features), torch.tensor(targets)

    def step() -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(head(x), y)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(step)  # type: ignore[no-untyped-call]
    np.testing.assert_allclose(head.linear.weight.detach(), theirs.coef_, rtol=1e-3)
    np.testing.assert_allclose(head.linear.bias.detach(), theirs.intercept_, rtol=1e-3)


@pytest.mark.parametrize("per", ["step", "sequence"])
def test_a_model_with_one_logit(per: str) -> None:
    spec = ModelSpec({"symbols": Ids(7)}, Outputs("class", (2,), per))  # type: ignore[arg-type]
    assert_passes(check_model(lambda: SequenceModel(spec, TinyLSTM, {}, head="logistic"), spec))


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        (Outputs("class", (3,), "sequence"), "3 classes are asked for"),
        (Outputs("value", (2,), "sequence"), "values are asked for"),
    ],
)
def test_other_than_two_classes_are_refused(outputs: Outputs, said: str) -> None:
    with pytest.raises(UserError, match=said) as error:
        LogisticHead(4, outputs)
    assert error.value.location == "model.head"
