from __future__ import annotations

from typing import cast

import pytest
import torch
from torch import Tensor, nn

from seqlab.errors import PluginError
from seqlab.nn import Layer, Stack
from tests.nn.tiny import Averaging, TinyLSTM

LENGTHS = torch.tensor([4, 1, 7, 2])


class Deep(Layer):
    """Stacks itself."""

    causal = True

    def __init__(self, input_size: int, num_layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.output_size = input_size
        self.num_layers, self.dropout = num_layers, dropout

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return x


class Shapeless(Layer):
    def __init__(self, input_size: int) -> None:
        super().__init__()

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return x


def with_weights_of(reference: nn.LSTM, stack: Stack) -> None:
    with torch.no_grad():
        for level in range(2):
            for layers, ending in ((stack.ahead, ""), (stack.back, "_reverse")):
                lstm = cast(TinyLSTM, layers[level]).lstm
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                    weight = getattr(reference, f"{name}_l{level}{ending}")
                    getattr(lstm, f"{name}_l0").copy_(weight)


def test_both_directions_equal_each_row_alone() -> None:
    torch.manual_seed(0)
    reference = nn.LSTM(3, 5, num_layers=2, bidirectional=True, batch_first=True)
    stack = Stack(TinyLSTM, 3, {"hidden_size": 5}, num_layers=2, bidirectional=True)
    with_weights_of(reference, stack)
    x = torch.randn(4, 7, 3)  # (B, T, D)
    found = stack(x, LENGTHS)  # (B, T, 2H)
    assert (stack.output_size, stack.back_size, stack.causal) == (10, 5, False)
    for row, length in enumerate(LENGTHS):
        alone = reference(x[row : row + 1, :length])[0][0]  # (length, 2H)
        torch.testing.assert_close(found[row, :length], alone, rtol=0, atol=1e-5)


def test_levels_go_on_from_their_state() -> None:
    torch.manual_seed(0)
    stack = Stack(TinyLSTM, 3, {"hidden_size": 5}, num_layers=2).eval()
    x = torch.randn(2, 6, 3)
    state = stack.initial_state(2)
    assert sorted(state) == ["0.cell", "0.hidden", "1.cell", "1.hidden"]
    first, state = stack.advance(x[:, :4], state)
    second, _ = stack.advance(x[:, 4:], state)
    found = torch.cat([first, second], dim=1)
    torch.testing.assert_close(found, stack(x, torch.tensor([6, 6])))


def test_dropout_lies_between_levels_only() -> None:
    x, lengths = torch.ones(1, 3, 2), torch.tensor([3])
    one = Stack(Averaging, 2, {}, num_layers=1, dropout=1.0).train()
    two = Stack(Averaging, 2, {}, num_layers=2, dropout=1.0).train()
    assert one(x, lengths).all()
    assert not two(x, lengths).any()


def test_a_layer_that_stacks_itself() -> None:
    stack = Stack(Deep, 3, {}, num_layers=4, dropout=0.5)
    (layer,) = stack.ahead
    assert (cast(Deep, layer).num_layers, cast(Deep, layer).dropout) == (4, 0.5)
    both = Stack(Deep, 3, {}, num_layers=2, dropout=0.5, bidirectional=True)
    assert len(both.ahead) == len(both.back) == 2
    assert cast(Deep, both.ahead[0]).num_layers == 1
    assert (stack.causal, both.causal) == (True, False)


def test_levels_of_a_layer_that_stacks_itself() -> None:
    stack = Stack(Deep, 3, {}, num_layers=2, dropout=0.5, apart=True)
    assert [cast(Deep, layer).num_layers for layer in stack.ahead] == [1, 1]
    x = torch.ones(1, 3, 3)
    assert len(stack.eval().levels(x, torch.tensor([3]))) == 2
    assert len(Stack(Deep, 3, {}, num_layers=2).levels(x, torch.tensor([3]))) == 1


def test_sizes_of_the_levels() -> None:
    assert Stack(Averaging, 2, {}, num_layers=2).sizes == [(4, 0), (8, 0)]
    stack = Stack(TinyLSTM, 3, {"hidden_size": 5}, num_layers=2, bidirectional=True)
    assert stack.sizes == [(10, 5), (10, 5)]
    x = torch.randn(4, 7, 3)
    low, high = stack.levels(x, LENGTHS)
    assert (low.shape, high.shape) == ((4, 7, 10), (4, 7, 10))
    assert torch.equal(high, stack(x, LENGTHS))


def test_a_layer_without_output_size_is_named() -> None:
    with pytest.raises(PluginError, match="Shapeless does not say its output_size"):
        Stack(Shapeless, 3, {})
