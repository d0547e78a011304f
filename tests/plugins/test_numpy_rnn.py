"""numpy-rnn: the contract, and the numbers of torch's RNN, forward and backward."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from seqlab.errors import UserError
from seqlab.nn import Stack, weights_from_torch, weights_to_torch
from seqlab.plugin.manager import installed
from seqlab.testing import assert_passes, check_layer
from seqlab_numpy.rnn import NumpyRNN, ThroughTime

LENGTHS = (5, 1, 9)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"num_layers": 3},
        {"num_layers": 2, "bidirectional": True},
        {"bias": False},
        {"nonlinearity": "relu"},
        {"init": "small"},
        {"initial_state": "learned", "num_layers": 2},
    ],
    ids=str,
)
def test_it_conforms(options: dict[str, Any]) -> None:
    assert_passes(check_layer(NumpyRNN, {"hidden_size": 6, **options}))


def test_it_has_its_name() -> None:
    assert installed().models.get("numpy-rnn").load() is NumpyRNN


def _row_by_row(reference: nn.RNN, x: Tensor, above: Tensor) -> Tensor:
    """Torch's output (B, T, D') and gradients: each row alone, without padding."""
    y = torch.zeros_like(above)
    for row, length in enumerate(LENGTHS):
        own = reference(x[row : row + 1, :length])[0][0]  # (length, D')
        (own * above[row, :length]).sum().backward()
        y[row, :length] = own.detach()
    return y


@pytest.mark.parametrize(("kind", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-10)])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("bias", [True, False])
def test_forward_and_backward_equal_torch(
    kind: torch.dtype,
    tolerance: float,
    num_layers: int,
    bidirectional: bool,
    nonlinearity: Any,
    bias: bool,
) -> None:
    torch.manual_seed(0)
    reference = nn.RNN(
        3, 4, num_layers, nonlinearity, bias, batch_first=True, bidirectional=bidirectional
    ).to(kind)
    options = {"hidden_size": 4, "nonlinearity": nonlinearity, "bias": bias}
    stack = Stack(NumpyRNN, 3, options, num_layers, bidirectional).to(kind)
    weights = weights_from_torch(reference.state_dict(), stack.state_dict())
    stack.load_state_dict(weights, strict=True)
    ours, theirs = (torch.randn(3, 9, 3).to(kind) for _ in range(2))  # (B, T, D)
    theirs.copy_(ours)
    for x in (ours, theirs):
        x.requires_grad_()
    above = torch.randn(3, 9, stack.output_size).to(kind)  # (B, T, D')
    for row, length in enumerate(LENGTHS):
        above[row, length:] = 0
    y = stack(ours, torch.tensor(LENGTHS))
    (y * above).sum().backward()
    expected = _row_by_row(reference, theirs, above)

    def same(found: Tensor | None, wanted: Tensor | None) -> None:
        torch.testing.assert_close(found, wanted, atol=tolerance, rtol=tolerance)

    for row, length in enumerate(LENGTHS):
        same(y[row, :length].detach(), expected[row, :length])
    same(ours.grad, theirs.grad)
    gradients = {name: p.grad for name, p in stack.named_parameters() if p.grad is not None}
    found = weights_to_torch(gradients)
    assert len(found) == len(list(reference.parameters()))
    for name, parameter in reference.named_parameters():
        same(found[name], parameter.grad)


@pytest.mark.parametrize("bias", [True, False])
def test_gradients_equal_differences(bias: bool) -> None:
    """Numerically, with respect to every input of the function, the start state among them."""
    torch.manual_seed(0)
    shapes = [(2, 4, 3), (2, 5), (5, 3), (5, 5), (5,)]
    given: list[Any] = [torch.randn(s, dtype=torch.float64, requires_grad=True) for s in shapes]
    if not bias:
        given[-1] = None
    kind: Any = "tanh"
    assert torch.autograd.gradcheck(ThroughTime.apply, (*given, kind))


def test_start_weights_are_those_of_rnn() -> None:
    for init in ("uniform", "orthogonal"):
        torch.manual_seed(0)
        found = NumpyRNN(3, 4, init=init).state_dict()
        torch.manual_seed(0)
        expected = installed().models.get("rnn").load()(3, 4, init=init).state_dict()
        for name, weight in found.items():
            torch.testing.assert_close(weight, expected[f"rnn.{name}_l0"])


@pytest.mark.parametrize("kind", ["zeros", "ones", "random", "learned"])
def test_the_first_step_starts_from_the_start_state(kind: Any) -> None:
    torch.manual_seed(0)
    layer, cell = NumpyRNN(3, 4, initial_state=kind), nn.RNNCell(3, 4)
    cell.load_state_dict(weights_of(layer))
    start = layer.initial_state(2)["h"][:, 0]  # (B, H)
    if kind in ("zeros", "ones"):
        assert torch.equal(start, getattr(torch, kind)(2, 4))
    x = torch.randn(2, 1, 3)
    torch.testing.assert_close(layer(x, torch.tensor([1, 1]))[:, 0], cell(x[:, 0], start))


def test_the_last_output_is_the_final_state() -> None:
    layer = NumpyRNN(3, 4)
    y, state = layer.advance(torch.randn(2, 7, 3), layer.initial_state(2))
    assert torch.equal(y[:, -1], state["h"][:, 0])


def test_products_in_bfloat16_around_it() -> None:
    """Its own numbers stay float32."""
    layer, x = NumpyRNN(3, 4), torch.randn(2, 5, 3, dtype=torch.bfloat16, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(x, torch.tensor([5, 5]))
    y.sum().backward()
    assert y.dtype == torch.float32
    assert x.grad is not None
    assert x.grad.dtype == torch.bfloat16


def test_refused_where_numpy_cannot_reach() -> None:
    """As on a GPU, of which a test machine may have none."""
    layer = NumpyRNN(3, 4).to("meta")
    with pytest.raises(
        UserError, match="computes on the CPU only, and its input is on 'meta'"
    ) as e:
        layer(torch.randn(2, 5, 3, device="meta"), torch.tensor([5, 5]))
    assert "--device cpu; or --model rnn" in e.value.remedy


def weights_of(layer: NumpyRNN) -> dict[str, Tensor]:
    return {n: w for n, w in layer.state_dict().items() if not n.startswith("initial")}
