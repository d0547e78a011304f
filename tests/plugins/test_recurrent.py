"""rnn-cell, rnn, gru and lstm alike: the contract, torch's numbers, start states."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from seqlab.nn import Layer, Stack
from seqlab.plugins import installed
from seqlab.testing import assert_passes, check_layer
from seqlab_recurrent.cell import RNNCell
from seqlab_recurrent.fused import Fused
from seqlab_recurrent.gru import GRU
from seqlab_recurrent.lstm import LSTM
from seqlab_recurrent.rnn import RNN

LAYERS: list[type[Layer]] = [RNNCell, RNN, GRU, LSTM]
FUSED: list[tuple[type[Fused], type[nn.RNNBase]]] = [(RNN, nn.RNN), (GRU, nn.GRU), (LSTM, nn.LSTM)]
LENGTHS = torch.tensor([5, 1, 9])
OPTIONS: list[dict[str, Any]] = [
    {},
    {"num_layers": 3},
    {"num_layers": 2, "bidirectional": True},
    {"bias": False},
    {"init": "uniform"},
    {"start_state": "ones"},
    {"start_state": "random", "num_layers": 2},
    {"start_state": "learned", "num_layers": 2},
    {"start_state": "learned", "bidirectional": True},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("layer", LAYERS)
def test_it_conforms(layer: type[Layer], options: dict[str, Any]) -> None:
    assert_passes(check_layer(layer, {"hidden_size": 6, **options}))


@pytest.mark.parametrize("layer", [RNNCell, RNN])
def test_relu_conforms(layer: type[Layer]) -> None:
    assert_passes(check_layer(layer, {"hidden_size": 6, "nonlinearity": "relu"}))


def test_each_has_its_name() -> None:
    found = {name: installed().models.get(name).load() for name in ("rnn-cell", "rnn", "gru")}
    assert found == {"rnn-cell": RNNCell, "rnn": RNN, "gru": GRU}


def _same(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("layer", "theirs"), FUSED)
def test_deep_layers_equal_torch_row_by_row(
    layer: type[Fused], theirs: type[nn.RNNBase], bias: bool
) -> None:
    """Torch's weights taken over by name; each row alone and without padding."""
    torch.manual_seed(0)
    reference = theirs(3, 4, 2, bias=bias, batch_first=True)  # type: ignore[arg-type]
    stack = Stack(layer, 3, {"hidden_size": 4, "bias": bias}, num_layers=2)
    own = stack.ahead[0]
    assert isinstance(own, Fused)
    own.module.load_state_dict(reference.state_dict())
    x = torch.randn(3, 9, 3)
    y = stack(x, LENGTHS)
    for row, length in enumerate(LENGTHS):
        _same(y[row, :length], reference(x[row : row + 1, :length])[0][0])


@pytest.mark.parametrize(("layer", "theirs"), FUSED)
def test_two_directions_equal_torch_row_by_row(
    layer: type[Fused], theirs: type[nn.RNNBase]
) -> None:
    torch.manual_seed(0)
    reference = theirs(3, 4, 2, batch_first=True, bidirectional=True)  # type: ignore[arg-type]
    stack = Stack(layer, 3, {"hidden_size": 4}, num_layers=2, bidirectional=True)
    weights = reference.state_dict()
    for level in range(2):
        for suffix, direction in (("", stack.ahead), ("_reverse", stack.back)):
            own = direction[level]
            assert isinstance(own, Fused)
            kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            own.module.load_state_dict({f"{k}_l0": weights[f"{k}_l{level}{suffix}"] for k in kinds})
    x = torch.randn(3, 9, 3)
    y = stack(x, LENGTHS)
    for row, length in enumerate(LENGTHS):
        _same(y[row, :length], reference(x[row : row + 1, :length])[0][0])


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_the_cell_equals_the_fused_layer(nonlinearity: Any, bias: bool) -> None:
    torch.manual_seed(0)
    reference = nn.RNN(3, 4, nonlinearity=nonlinearity, bias=bias, batch_first=True)
    cell = RNNCell(3, 4, nonlinearity, bias)
    fused = RNN(3, 4, nonlinearity, bias=bias)
    weights = reference.state_dict()
    cell.cell.load_state_dict({k.removesuffix("_l0"): v for k, v in weights.items()})
    fused.rnn.load_state_dict(weights)
    x = torch.randn(2, 7, 3)
    expected = reference(x)[0]
    _same(cell(x, torch.tensor([7, 7])), expected)
    _same(fused(x, torch.tensor([7, 7])), expected)


@pytest.mark.parametrize("kind", ["zeros", "ones", "random", "learned"])
@pytest.mark.parametrize("layer", LAYERS)
def test_the_first_step_starts_from_the_start_state(layer: type[Layer], kind: str) -> None:
    """Against torch's cell, stepped once from the state in question."""
    torch.manual_seed(0)
    built = layer(3, hidden_size=4, start_state=kind)
    assert isinstance(built, RNNCell | Fused)
    if kind == "learned":
        nn.init.constant_(built.initial.get_parameter("h"), 0.5)
    start = {name: entry[:, 0] for name, entry in built.start(2).items()}  # (B, H)
    if kind != "random":
        value = {"zeros": 0.0, "ones": 1.0, "learned": 0.5}[kind]
        assert torch.equal(start["h"], torch.full((2, 4), value))
    cell = {RNNCell: nn.RNNCell, RNN: nn.RNNCell, GRU: nn.GRUCell, LSTM: nn.LSTMCell}[layer](3, 4)
    own = built.cell if isinstance(built, RNNCell) else built.module
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in own.state_dict().items()})
    x = torch.randn(2, 1, 3)
    expected = (
        cell(x[:, 0], (start["h"], start["c"]))[0] if layer is LSTM else cell(x[:, 0], start["h"])
    )
    _same(built(x, torch.tensor([1, 1]))[:, 0], expected)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_random_start_is_drawn_once_and_saved(layer: type[Layer]) -> None:
    def built(seed: int, kind: str = "random") -> Layer:
        torch.manual_seed(seed)
        return layer(3, hidden_size=4, start_state=kind)

    one, other = built(0), built(1)
    first, again, different = (each.start(2)["h"] for each in (one, built(0), other))
    assert torch.equal(first, one.start(2)["h"])
    assert torch.equal(first, again)
    assert torch.equal(first[0], first[1])
    assert not torch.equal(first, different)
    other.load_state_dict(one.state_dict())
    assert torch.equal(other.start(2)["h"], first)
    assert not [name for name in built(0, "zeros").state_dict() if name.startswith("initial")]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_learned_start_is_one_vector_a_layer(layer: type[Layer]) -> None:
    built = layer(3, hidden_size=4, start_state="learned")
    shapes = {n: tuple(p.shape) for n, p in built.named_parameters() if n.startswith("initial")}
    names = ("h", "c") if layer is LSTM else ("h",)
    assert shapes == {f"initial.{name}": (1, 1, 4) for name in names}
