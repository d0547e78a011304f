"""The layer: NumPy inside, torch around it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, cast

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from seqlab import Range, State, UserError
from seqlab.nn import Init, InitialState, InitialStateKind, Layer, init_recurrent
from seqlab_numpy.through_time import Nonlinearity, Steps, backward, forward


class ThroughTime(torch.autograd.Function):
    """Tells torch what NumPy computes, and what to do when gradients are asked for."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        start: Tensor,
        w: Tensor,
        u: Tensor,
        b: Tensor | None,
        nonlinearity: Nonlinearity,
    ) -> Tensor:
        """(B, T, D) inputs, a (B, H) start state and weights → (B, T, H)."""
        states = forward(
            _steps(x, start, w, u, nonlinearity), None if b is None else b.detach().numpy()
        )
        y = torch.from_numpy(states).transpose(0, 1)  # (B, T, H)
        ctx.save_for_backward(x, start, w, u, y)
        ctx.nonlinearity, ctx.bias = nonlinearity, b is not None
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, above: Tensor) -> tuple[Tensor | None, ...]:
        """The gradient of each input of `forward`; that of the output is (B, T, H)."""
        x, start, w, u, y = ctx.saved_tensors
        found = backward(
            _steps(x, start, w, u, ctx.nonlinearity),
            y.transpose(0, 1).numpy(),
            above.transpose(0, 1).numpy(),
        )
        return (
            torch.from_numpy(found.x).transpose(0, 1),
            torch.from_numpy(found.start),
            torch.from_numpy(found.w),
            torch.from_numpy(found.u),
            torch.from_numpy(found.b) if ctx.bias else None,
            None,
        )


def _steps(x: Tensor, start: Tensor, w: Tensor, u: Tensor, nonlinearity: Nonlinearity) -> Steps:
    return Steps(
        x.detach().transpose(0, 1).numpy(),  # (T, B, D)
        start.detach().numpy(),
        w.detach().numpy(),
        u.detach().numpy(),
        nonlinearity,
    )


class NumpyRNN(Layer):
    """The plain recurrent layer, h' = f(W x + U h + b) (Elman 1990), computed by NumPy.

    The same numbers as `rnn`, with the same names and start weights; forward and backward are
    open to read and to change. On the CPU only.

    Args:
        input_size: D.
        hidden_size: Width H of the output.
        nonlinearity: f.
        bias: Whether there is a b; it is the sum of two parameters, as in torch.
        init: Start weights: recurrent ones orthogonal and input ones uniform; all uniform as
            torch has them; or all from N(0, 0.01²).
        initial_state: State before the first step: zeros, ones, drawn once from the seed, or
            learned.
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
        for parameter in self.parameters():  # as torch draws them
            nn.init.uniform_(parameter, -(hidden_size**-0.5), hidden_size**-0.5)
        init_recurrent(self, init)
        self.initial = InitialState(initial_state, ("h",), 1, hidden_size)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, D) → (B, T, H). Padding is on the right, so that no real step sees it."""
        del lengths
        y, _ = self.advance(x, self.initial_state(len(x)))
        return y

    def initial_state(self, batch_size: int) -> State:
        """Every row's start state, `h` (B, 1, H)."""
        return cast(State, self.initial(batch_size))

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """The next T steps of every row.

        Raises:
            UserError: The input is not in the CPU's memory.
        """
        if x.device.type not in self.devices:
            raise UserError(
                f"numpy-rnn computes on the CPU only, and its input is on '{x.device}'",
                location="--device",
                remedy="--device cpu; or --model rnn, the same layer for any device",
            )
        kind = self.weight_ih.dtype  # NumPy has no bfloat16, in which the input may come
        one, other = self.bias_ih, self.bias_hh
        bias = None if one is None or other is None else one + other  # (H,)
        y: Tensor = ThroughTime.apply(  # type: ignore[no-untyped-call]
            x.to(kind),
            state["h"][:, 0].to(kind),
            self.weight_ih,
            self.weight_hh,
            bias,
            self.nonlinearity,
        )
        return y, {"h": y[:, -1:]}  # (B, T, H), (B, 1, H)
