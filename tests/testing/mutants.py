"""Faulty layers and models: each breaks one rule, in a way that is common in practice."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seqlab.nn import Criterion, Layer, LinearHead, Model, SequenceModel, step_mask
from seqlab.spec import Inputs, ModelSpec, State
from tests.nn.tiny import TinyLSTM


class MeanOverPadding(TinyLSTM):
    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        y = super().forward(x, lengths)
        return y + y.mean(1, keepdim=True)


class PaddedBothWays(Layer):
    """The bidirectional LSTM of many tutorials: its backward direction starts in the padding."""

    def __init__(self, input_size: int) -> None:
        super().__init__()
        self.output_size = 8
        self.lstm = nn.LSTM(input_size, 4, batch_first=True, bidirectional=True)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.lstm(x)[0]  # type: ignore[no-any-return]


class ForgetsTotalLength(TinyLSTM):
    """A packed sequence without `total_length` has fewer steps than the input."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, True, enforce_sorted=False)
        return nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)[0]


class ZeroTimesPadding(Model):
    """The padding is multiplied by 0, which keeps NaN."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.head = LinearHead(4, spec.outputs)

    def features(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        x = inputs["numbers"]  # (B, T, 4)
        real = step_mask(lengths, x.size(1))[:, :, None]  # (B, T, 1)
        return (x * real).sum(1) / lengths[:, None]  # (B, 4)


class BatchMean(TinyLSTM):
    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return super().forward(x - x.mean(0, keepdim=True), lengths)


class RowIndex(TinyLSTM):
    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return super().forward(x, lengths) + torch.arange(len(x))[:, None, None]


class TimeFirst(TinyLSTM):
    """`batch_first` is missing, so that the LSTM runs along the rows."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.lstm = nn.LSTM(input_size, 8)


class LooksAhead(TinyLSTM):
    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        next_steps = torch.cat([x[:, 1:], torch.zeros_like(x[:, :1])], dim=1)
        real = (torch.arange(x.size(1)) + 1 < lengths[:, None])[:, :, None]  # (B, T, 1)
        return super().forward(x + next_steps.where(real, 0.0), lengths)


class ForgetsState(TinyLSTM):
    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        return super().advance(x, self.initial_state(len(x)))


class ForgetsCell(TinyLSTM):
    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        y, after = super().advance(x, state)
        return y, {**after, "cell": torch.zeros_like(after["cell"])}


class StateOfTorch(TinyLSTM):
    """The state as torch returns it: (1, B, H)."""

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        y, after = super().advance(x, state)
        return y, {name: entry[None] for name, entry in after.items()}


class StateOfFirstStep(TinyLSTM):
    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        return super().advance(x, state)[0], super().advance(x[:, :1], state)[1]


class NoInitialState(Layer):
    causal = True

    def __init__(self, input_size: int) -> None:
        super().__init__()
        self.output_size = input_size

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return x.cumsum(1)


class UnusedParameter(TinyLSTM):
    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.gate = nn.Parameter(torch.ones(8))


class DetachedGate(TinyLSTM):
    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.gate = nn.Linear(8, 8)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        y = super().forward(x, lengths)
        return y * self.gate(y).detach()  # type: ignore[no-any-return]


class TimesZero(TinyLSTM):
    """A recurrent weight that is only ever multiplied by a state of zeros."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.recurrent = nn.Linear(8, 8, bias=False)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return super().forward(x, lengths) + self.recurrent(x.new_zeros(len(x), 1, 8))  # type: ignore[no-any-return]


class RootOfZero(TinyLSTM):
    """The output is right, but the gradient of a square root at 0 is not finite."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        y = super().forward(x, lengths)
        return y + (y - y.detach()).square().sqrt()


class UnsavedBuffer(TinyLSTM):
    mixing: Tensor

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.register_buffer("mixing", torch.randn(8, 8), persistent=False)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return super().forward(x, lengths) @ self.mixing


class UnregisteredTensor(TinyLSTM):
    def __init__(self, input_size: int) -> None:
        super().__init__(input_size)
        self.mixing = [torch.randn(8, 8)]

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return super().forward(x, lengths) @ self.mixing[0]


class LossOfPadding(LinearHead):
    def loss(self, features: Tensor, targets: Tensor, mask: Tensor, criterion: Criterion) -> Tensor:
        return super().loss(features, targets, torch.ones_like(mask), criterion)


class DecodesPadding(LinearHead):
    """The prediction of a step depends on the row's last step, real or padding."""

    def decode(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        return (outputs - 2 * outputs[:, -1:]).argmax(-1)


class WithHead(SequenceModel):
    """`SequenceModel` with a different head."""

    def __init__(self, spec: ModelSpec, head: type[LinearHead]) -> None:
        super().__init__(spec, TinyLSTM, {}, embedding_size=6)
        self.head = head(self.stack.output_size, spec.outputs)
