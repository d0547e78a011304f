"""A recurrent cell in NumPy, its backward pass written by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seqlab.nn import CrossEntropy, Layer, Objective, SequenceModel
from seqlab.spec import Ids, ModelSpec, Outputs, State
from seqlab.testing import assert_passes, check_layer
from tests.contracts.test_layers import counting
from tests.contracts.training import train


class NumpySteps(torch.autograd.Function):
    """h[t] = tanh(x[t] W + h[t−1] U + b)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, before: Tensor, w: Tensor, u: Tensor, b: Tensor) -> Tensor:
        arrays = [each.detach().numpy() for each in (x, before, w, u, b)]
        steps, hidden = np.empty((*x.shape[:2], len(b)), np.float32), arrays[1]
        for t in range(x.shape[1]):
            hidden = np.tanh(arrays[0][:, t] @ arrays[2] + hidden @ arrays[3] + arrays[4])
            steps[:, t] = hidden  # (B, H)
        ctx.arrays, ctx.steps = arrays, steps
        return torch.from_numpy(steps)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, ...]:
        (x, before, w, u, b), steps, above = ctx.arrays, ctx.steps, grads[0].numpy()
        dx, dw, du, db = (np.zeros_like(each) for each in (x, w, u, b))
        carried = np.zeros_like(before)  # (B, H)
        for t in reversed(range(x.shape[1])):
            inner = (above[:, t] + carried) * (1 - steps[:, t] ** 2)  # (B, H)
            previous = steps[:, t - 1] if t else before
            dx[:, t] = inner @ w.T
            dw += x[:, t].T @ inner
            du += previous.T @ inner
            db += inner.sum(0)
            carried = inner @ u.T
        return tuple(torch.from_numpy(each) for each in (dx, carried, dw, du, db))


class NumpyRNN(Layer):
    causal = True

    def __init__(self, input_size: int, hidden_size: int = 8) -> None:
        super().__init__()
        self.output_size = hidden_size
        self.w = nn.Parameter(torch.randn(input_size, hidden_size) * 0.3)  # (D, H)
        self.u = nn.Parameter(torch.randn(hidden_size, hidden_size) * 0.3)  # (H, H)
        self.b = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.advance(x, self.start(len(x)))[0]

    def start(self, batch_size: int) -> State:
        return {"hidden": self.b.new_zeros(batch_size, self.output_size)}  # (B, H)

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        y: Tensor = NumpySteps.apply(x, state["hidden"], self.w, self.u, self.b)  # type: ignore[no-untyped-call]
        return y, {"hidden": y[:, -1]}


def test_gradients_equal_those_of_torch() -> None:
    torch.manual_seed(0)
    layer, reference = NumpyRNN(4, 6), nn.RNN(4, 6, batch_first=True)
    with torch.no_grad():
        reference.get_parameter("weight_ih_l0").copy_(layer.w.T)
        reference.get_parameter("weight_hh_l0").copy_(layer.u.T)
        reference.get_parameter("bias_ih_l0").copy_(layer.b)
        reference.get_parameter("bias_hh_l0").zero_()
    x, above = torch.randn(3, 7, 4), torch.randn(3, 7, 6)  # (B, T, D), (B, T, H)
    ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    y, expected = layer(ours, torch.full((3,), 7)), reference(theirs)[0]
    torch.testing.assert_close(y, expected)
    (y * above).sum().backward()
    (expected * above).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)
    torch.testing.assert_close(layer.w.grad, _transposed(reference.get_parameter("weight_ih_l0")))
    torch.testing.assert_close(layer.u.grad, _transposed(reference.get_parameter("weight_hh_l0")))
    torch.testing.assert_close(layer.b.grad, reference.get_parameter("bias_ih_l0").grad)


def test_numpy_cell_learns_and_passes() -> None:
    torch.manual_seed(0)
    spec = ModelSpec({"symbols": Ids(5)}, Outputs("class", (5,), "step"), causal=True)
    model = SequenceModel(spec, NumpyRNN, {}, embedding_size=8)
    history = train(Objective(model, CrossEntropy()), counting())
    assert history[-1] < 0.5 * history[0]
    assert_passes(check_layer(NumpyRNN))
    assert_passes(check_layer(NumpyRNN, {"num_layers": 2, "bidirectional": True}))


def _transposed(parameter: nn.Parameter) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad.T
