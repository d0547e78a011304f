"""numpy-rnn: conformance, and equality with torch's RNN in the forward and backward pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from seqlab import UserError
from seqlab.nn import InitialStateKind, Stack, weights_from_torch, weights_to_torch
from seqlab.plugin.manager import installed
from seqlab.testing import assert_passes, check_layer
from seqlab_numpy.bptt import Nonlinearity
from seqlab_numpy.rnn import NumpyRNN, RNNFunction

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
def test_conformance(options: dict[str, object]) -> None:
    assert_passes(check_layer(NumpyRNN, {"hidden_size": 6, **options}))


def test_layer_is_registered() -> None:
    assert installed().models.get("numpy-rnn").load() is NumpyRNN


def _row_by_row(reference: nn.RNN, x: Tensor, grad_output: Tensor) -> Tensor:
    """Torch's outputs (B, T, D') and gradients, with each row alone and without padding."""
    outputs = torch.zeros_like(grad_output)
    for row, length in enumerate(LENGTHS):
        y = reference(x[row : row + 1, :length])[0][0]  # (length, D')
        (y * grad_output[row, :length]).sum().backward()
        outputs[row, :length] = y.detach()
    return outputs


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-10)])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("bias", [True, False])
def test_forward_and_backward_equal_torch(
    dtype: torch.dtype,
    tolerance: float,
    num_layers: int,
    bidirectional: bool,
    nonlinearity: Nonlinearity,
    bias: bool,
) -> None:
    torch.manual_seed(0)
    reference = nn.RNN(
        3, 4, num_layers, nonlinearity, bias, batch_first=True, bidirectional=bidirectional
    ).to(dtype)
    options = {"hidden_size": 4, "nonlinearity": nonlinearity, "bias": bias}
    stack = Stack(NumpyRNN, 3, options, num_layers, bidirectional).to(dtype)
    weights = weights_from_torch(reference.state_dict(), stack.state_dict())
    stack.load_state_dict(weights, strict=True)
    x = torch.randn(3, 9, 3).to(dtype).requires_grad_()  # (B, T, D)
    reference_x = x.detach().clone().requires_grad_()
    grad_output = torch.randn(3, 9, stack.output_size).to(dtype)  # (B, T, D')
    for row, length in enumerate(LENGTHS):
        grad_output[row, length:] = 0
    y = stack(x, torch.tensor(LENGTHS))
    (y * grad_output).sum().backward()
    expected = _row_by_row(reference, reference_x, grad_output)

    def assert_close(actual: Tensor | None, desired: Tensor | None) -> None:
        torch.testing.assert_close(actual, desired, atol=tolerance, rtol=tolerance)

    for row, length in enumerate(LENGTHS):
        assert_close(y[row, :length].detach(), expected[row, :length])
    assert_close(x.grad, reference_x.grad)
    gradients = weights_to_torch(
        {name: p.grad for name, p in stack.named_parameters() if p.grad is not None}
    )
    assert len(gradients) == len(list(reference.parameters()))
    for name, parameter in reference.named_parameters():
        assert_close(gradients[name], parameter.grad)


@pytest.mark.parametrize("bias", [True, False])
def test_gradients_equal_numerical_differences(bias: bool) -> None:
    """With respect to every input of the function, including the initial state."""
    torch.manual_seed(0)
    shapes = [(2, 4, 3), (2, 5), (5, 3), (5, 5), (5,)]
    inputs = [
        torch.randn(shape, dtype=torch.float64, requires_grad=True)
        for shape in (shapes if bias else shapes[:-1])
    ]

    apply: Callable[..., Tensor] = RNNFunction.apply

    def function(*tensors: Tensor) -> Tensor:
        return apply(*tensors, *([] if bias else [None]), "tanh")

    assert torch.autograd.gradcheck(function, inputs)


@pytest.mark.parametrize("init", ["uniform", "orthogonal"])
def test_initial_weights_equal_those_of_rnn(init: str) -> None:
    torch.manual_seed(0)
    weights = installed().models.get("numpy-rnn").load()(3, 4, init=init).state_dict()
    torch.manual_seed(0)
    expected = installed().models.get("rnn").load()(3, 4, init=init).state_dict()
    for name, weight in weights.items():
        torch.testing.assert_close(weight, expected[f"rnn.{name}_l0"])


@pytest.mark.parametrize("kind", ["zeros", "ones", "random", "learned"])
def test_first_step_uses_the_initial_state(kind: InitialStateKind) -> None:
    torch.manual_seed(0)
    layer, cell = NumpyRNN(3, 4, initial_state=kind), nn.RNNCell(3, 4)
    cell.load_state_dict(
        {name: w for name, w in layer.state_dict().items() if not name.startswith("initial")}
    )
    h0 = layer.initial_state(2)["h"][:, 0]  # (B, H)
    if kind in ("zeros", "ones"):
        assert torch.equal(h0, getattr(torch, kind)(2, 4))
    x = torch.randn(2, 1, 3)
    torch.testing.assert_close(layer(x, torch.tensor([1, 1]))[:, 0], cell(x[:, 0], h0))


def test_last_output_is_the_final_state() -> None:
    layer = NumpyRNN(3, 4)
    y, state = layer.advance(torch.randn(2, 7, 3), layer.initial_state(2))
    assert torch.equal(y[:, -1], state["h"][:, 0])


def test_computation_stays_float32_under_autocast() -> None:
    layer, x = NumpyRNN(3, 4), torch.randn(2, 5, 3, dtype=torch.bfloat16, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(x, torch.tensor([5, 5]))
    y.sum().backward()
    assert y.dtype == torch.float32
    assert x.grad is not None
    assert x.grad.dtype == torch.bfloat16


def test_other_devices_are_refused() -> None:
    """The device "meta" stands for a GPU, which a test machine may lack."""
    layer = NumpyRNN(3, 4).to("meta")
    message = "runs on the CPU only, but its input is on 'meta'"
    with pytest.raises(UserError, match=message) as error:
        layer(torch.randn(2, 5, 3, device="meta"), torch.tensor([5, 5]))
    assert "--device cpu; or --model rnn" in error.value.remedy
