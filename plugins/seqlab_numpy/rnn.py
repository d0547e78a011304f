"""The layer: computation in NumPy, wrapped in a torch module."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, cast

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from seqlab import Range, State, UserError
from seqlab.nn import Init, InitialState, InitialStateKind, Layer, init_recurrent
from seqlab_numpy.bptt import Inputs, Nonlinearity, backward, forward


class RNNFunction(torch.autograd.Function):
    """The recurrence as a differentiable torch function."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        h0: Tensor,
        w: Tensor,
        u: Tensor,
        b: Tensor | None,
        nonlinearity: Nonlinearity,
    ) -> Tensor:
        """(B, T, D) inputs, a (B, H) initial state and weights → (B, T, H)."""
        states = forward(
            _to_numpy(x, h0, w, u, nonlinearity), None if b is None else b.detach().numpy()
        )
        y = torch.from_numpy(states).transpose(0, 1)  # (B, T, H)
        ctx.save_for_backward(x, h0, w, u, y)
        ctx.nonlinearity, ctx.bias = nonlinearity, b is not None
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Gradient of each input of `forward`; `grad_output` is (B, T, H)."""
        x, h0, w, u, y = ctx.saved_tensors
        gradients = backward(
            _to_numpy(x, h0, w, u, ctx.nonlinearity),
            y.transpose(0, 1).numpy(),
            grad_output.transpose(0, 1).numpy(),
        )
        return (
            torch.from_numpy(gradients.x).transpose(0, 1),
            torch.from_numpy(gradients.h0),
            torch.from_numpy(gradients.w),
            torch.from_numpy(gradients.u),
            torch.from_numpy(gradients.b) if ctx.bias else None,
            None,
        )


def _to_numpy(x: Tensor, h0: Tensor, w: Tensor, u: Tensor, nonlinearity: Nonlinearity) -> Inputs:
    return Inputs(
        x.detach().transpose(0, 1).numpy(),  # (T, B, D)
        h0.detach().numpy(),
        w.detach().numpy(),
        u.detach().numpy(),
        nonlinearity,
    )


class NumpyRNN(Layer):
    """Plain recurrent layer, h' = f(W x + U h + b) (Elman 1990), computed by NumPy.

    Has the same outputs, parameter names and initial weights as `rnn`; the forward and backward
    passes are easy to read and change. Runs on the CPU only.

    Args:
        input_size: D.
        hidden_size: Size H of the hidden state and the output.
        nonlinearity: f.
        bias: Whether to use the bias b, which is the sum of two parameters, as in torch.
        init: Initial weights: orthogonal recurrent weights and uniform input weights; all uniform,
            as in torch; or all drawn from N(0, 0.01²).
        initial_state: Initial state: zeros, ones, drawn once from the seed, or learned.
    """

    causal = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)

    def __init__(
        self,
        input_size: int,
        hidden_size: Annotated[int, Range(1)] = 128,
        nonlinearity: Nonlinearity = "tanh",
        bias: bool = True,
        init: Init = "orthogonal",
        initial_state: InitialStateKind = "zeros",
    ) -> None:
        super().__init__()
        self.output_size, self.nonlinearity = hidden_size, nonlinearity
        self.weight_ih = nn.Parameter(torch.empty(hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(hidden_size)) if bias else None
        self.bias_hh = nn.Parameter(torch.empty(hidden_size)) if bias else None
        for parameter in self.parameters():  # in torch's order of random draws
            nn.init.uniform_(parameter, -(hidden_size**-0.5), hidden_size**-0.5)
        init_recurrent(self, init)
        self.initial = InitialState(initial_state, ("h",), 1, hidden_size)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, D) → (B, T, H). Padding is on the right, so it does not affect real steps."""
        del lengths
        y, _ = self.advance(x, self.initial_state(len(x)))
        return y

    def initial_state(self, batch_size: int) -> State:
        """Initial state of every row, `h` (B, 1, H)."""
        return cast(State, self.initial(batch_size))

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Process the next T steps of every row.

        Raises:
            UserError: The input is not in CPU memory.
        """
        if x.device.type not in self.devices:
            raise UserError(
                f"numpy-rnn runs on the CPU only, but its input is on '{x.device}'",
                location="--device",
                remedy="--device cpu; or --model rnn, the same layer for any device",
            )
        bias = None
        if self.bias_ih is not None and self.bias_hh is not None:
            bias = self.bias_ih + self.bias_hh  # (H,)
        dtype = self.weight_ih.dtype  # NumPy has no bfloat16, which autocast may produce
        y: Tensor = RNNFunction.apply(  # type: ignore[no-untyped-call]
            x.to(dtype),
            state["h"][:, 0].to(dtype),
            self.weight_ih,
            self.weight_hh,
            bias,
            self.nonlinearity,
        )
        return y, {"h": y[:, -1:]}  # (B, T, H), (B, 1, H)
