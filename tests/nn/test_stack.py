from __future__ import annotations

from typing import cast

import pytest
import torch
from torch import Tensor, nn

from seqlab.errors import PluginError
from seqlab.nn import Layer, Stack
from tests.nn.tiny import Averaging, TinyLSTM

LENGTHS = torch.tensor([4, 1, 7, 2])


class SelfStacking(Layer):
    """A layer that stacks itself."""

    causal = True

    def __init__(self, input_size: int, num_layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.output_size = input_size
        self.num_layers, self.dropout = num_layers, dropout

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return x


class NoOutputSize(Layer):
    def __init__(self, input_size: int) -> None:
        super().__init__()

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return x


def copy_weights(reference: nn.LSTM, stack: Stack) -> None:
    with torch.no_grad():
        for level in range(2):
            for layers, suffix in ((stack.ahead, ""), (stack.back, "_reverse")):
                lstm = cast(TinyLSTM, layers[level]).lstm
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                    weight = getattr(reference, f"{name}_l{level}{suffix}")
                    getattr(lstm, f"{name}_l0").copy_(weight)


def test_two_directions_equal_each_row_without_padding() -> None:
    torch.manual_seed(0)
    reference = nn.LSTM(3, 5, num_layers=2, bidirectional=True, batch_first=True)
    stack = Stack(TinyLSTM, 3, {"hidden_size": 5}, num_layers=2, bidirectional=True)
    copy_weights(reference, stack)
    x = torch.randn(4, 7, 3)  # (B, T, D)
    y = stack(x, LENGTHS)  # (B, T, 2H)
    assert (stack.output_size, stack.backward_size, stack.causal) == (10, 5, False)
    for row, length in enumerate(LENGTHS):
        alone = reference(x[row : row + 1, :length])[0][0]  # (length, 2H)
        torch.testing.assert_close(y[row, :length], alone, rtol=0, atol=1e-5)


def test_levels_continue_from_their_states() -> None:
    torch.manual_seed(0)
    stack = Stack(TinyLSTM, 3, {"hidden_size": 5}, num_layers=2).eval()
    x = torch.randn(2, 6, 3)
    state = stack.initial_state(2)
    assert sorted(state) == ["0.cell", "0.hidden", "1.cell", "1.hidden"]
    first, state = stack.advance(x[:, :4], state)
    second, _ = stack.advance(x[:, 4:], state)
    chunks = torch.cat([first, second], dim=1)
    torch.testing.assert_close(chunks, stack(x, torch.tensor([6, 6])))


def test_dropout_is_between_levels_only() -> None:
    x, lengths = torch.ones(1, 3, 2), torch.tensor([3])
    one_level = Stack(Averaging, 2, {}, num_layers=1, dropout=1.0).train()
    two_levels = Stack(Averaging, 2, {}, num_layers=2, dropout=1.0).train()
    assert one_level(x, lengths).all()
    assert not two_levels(x, lengths).any()


def test_a_layer_that_stacks_itself() -> None:
    forward = Stack(SelfStacking, 3, {}, num_layers=4, dropout=0.5)
    (layer,) = cast(list[SelfStacking], list(forward.ahead))
    assert (layer.num_layers, layer.dropout) == (4, 0.5)
    bidirectional = Stack(SelfStacking, 3, {}, num_layers=2, dropout=0.5, bidirectional=True)
    assert len(bidirectional.ahead) == len(bidirectional.back) == 2
    assert cast(SelfStacking, bidirectional.ahead[0]).num_layers == 1
    assert (forward.causal, bidirectional.causal) == (True, False)


def test_separate_levels_of_a_layer_that_stacks_itself() -> None:
    separate = Stack(SelfStacking, 3, {}, num_layers=2, dropout=0.5, separate_levels=True)
    assert [cast(SelfStacking, layer).num_layers for layer in separate.ahead] == [1, 1]
    x = torch.ones(1, 3, 3)
    assert len(separate.eval().levels(x, torch.tensor([3]))) == 2
    fused = Stack(SelfStacking, 3, {}, num_layers=2)
    assert len(fused.levels(x, torch.tensor([3]))) == 1


def test_sizes_of_the_levels() -> None:
    assert Stack(Averaging, 2, {}, num_layers=2).level_sizes == [(4, 0), (8, 0)]
    stack = Stack(TinyLSTM, 3, {"hidden_size": 5}, num_layers=2, bidirectional=True)
    assert stack.level_sizes == [(10, 5), (10, 5)]
    x = torch.randn(4, 7, 3)
    first, second = stack.levels(x, LENGTHS)
    assert (first.shape, second.shape) == ((4, 7, 10), (4, 7, 10))
    assert torch.equal(second, stack(x, LENGTHS))


def test_a_layer_without_output_size_is_refused() -> None:
    with pytest.raises(PluginError, match="NoOutputSize does not set its output_size"):
        Stack(NoOutputSize, 3, {})
