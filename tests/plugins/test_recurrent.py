"""rnn-cell, rnn, gru and lstm alike: the contract, torch's numbers, start states."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from seqlab.nn import Layer, SequenceModel, Stack, weights_from_torch, weights_to_torch
from seqlab.plugin.manager import installed
from seqlab.spec import Ids, ModelSpec, Numbers, Outputs
from seqlab.testing import assert_passes, check_layer
from seqlab_recurrent.cell import RNNCell
from seqlab_recurrent.fused import Fused
from seqlab_recurrent.gru import GRU
from seqlab_recurrent.lstm import LSTM
from seqlab_recurrent.rnn import RNN

LAYERS: list[type[Layer]] = [RNNCell, RNN, GRU, LSTM]
FUSED: list[tuple[type[Fused], type[nn.RNNBase]]] = [(RNN, nn.RNN), (GRU, nn.GRU), (LSTM, nn.LSTM)]
MODULES: list[tuple[type[Layer], type[nn.RNNBase]]] = [(RNNCell, nn.RNN), *FUSED]
LENGTHS = torch.tensor([5, 1, 9])
OPTIONS: list[dict[str, Any]] = [
    {},
    {"num_layers": 3},
    {"num_layers": 2, "bidirectional": True},
    {"bias": False},
    {"init": "uniform"},
    {"init": "small"},
    {"initial_state": "ones"},
    {"initial_state": "random", "num_layers": 2},
    {"initial_state": "learned", "num_layers": 2},
    {"initial_state": "learned", "bidirectional": True},
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
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=0)


def _row_by_row(reference: nn.RNNBase, x: Tensor, y: Tensor) -> None:
    """Torch's module reads each row alone and without padding."""
    for row, length in enumerate(LENGTHS):
        _same(y[row, :length], reference(x[row : row + 1, :length])[0][0])


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("layer", "theirs"), MODULES)
def test_weights_go_to_and_from_torch(
    layer: type[Layer],
    theirs: type[nn.RNNBase],
    bidirectional: bool,
    num_layers: int,
    bias: bool,
) -> None:
    torch.manual_seed(0)
    reference = theirs(3, 4, num_layers, bias=bias, batch_first=True, bidirectional=bidirectional)  # type: ignore[arg-type]
    stack = Stack(layer, 3, {"hidden_size": 4, "bias": bias}, num_layers, bidirectional)
    x = torch.randn(3, 9, 3)
    taken = weights_from_torch(reference.state_dict(), stack.state_dict())
    stack.load_state_dict(taken, strict=True)
    _row_by_row(reference, x, stack(x, LENGTHS))
    with torch.no_grad():
        for parameter in stack.parameters():
            nn.init.uniform_(parameter, -1, 1)
    reference.load_state_dict(weights_to_torch(stack.state_dict()), strict=True)
    _row_by_row(reference, x, stack(x, LENGTHS))


def test_weights_of_a_whole_model_go_to_torch() -> None:
    spec = ModelSpec({"symbols": Ids(6)}, Outputs("class", (3,), "sequence"))
    options = {"hidden_size": 4, "initial_state": "learned"}
    model = SequenceModel(spec, LSTM, options, num_layers=2, bidirectional=True, embedding_size=3)
    reference = nn.LSTM(3, 4, 2, batch_first=True, bidirectional=True)
    reference.load_state_dict(weights_to_torch(model.state_dict()), strict=True)
    x = torch.randn(3, 9, 3)
    _row_by_row(reference, x, model.stack(x, LENGTHS))


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("layer", "theirs"), MODULES)
def test_final_states_are_in_the_order_of_torch(
    layer: type[Layer], theirs: type[nn.RNNBase], bidirectional: bool
) -> None:
    """Pooling "states" is h_n (L · directions, B, H), row by row (L · directions · H)."""
    spec = ModelSpec({"numbers": Numbers(3)}, Outputs("class", (3,), "sequence"))
    model = SequenceModel(
        spec, layer, {"hidden_size": 4}, num_layers=2, bidirectional=bidirectional, pooling="states"
    )
    reference = theirs(3, 4, 2, batch_first=True, bidirectional=bidirectional)  # type: ignore[arg-type]
    reference.load_state_dict(weights_to_torch(model.state_dict()), strict=True)
    x = torch.randn(3, 9, 3)
    found = model.features({"numbers": x}, LENGTHS)
    assert found.shape == (3, 2 * (2 if bidirectional else 1) * 4)
    for row, length in enumerate(LENGTHS):
        after = reference(x[row : row + 1, :length])[1]
        h = after[0] if isinstance(after, tuple) else after  # (L · directions, 1, H)
        _same(found[row], h.flatten())


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("layer", LAYERS)
def test_the_last_output_is_the_final_state(layer: type[Layer], num_layers: int) -> None:
    stack = Stack(layer, 3, {"hidden_size": 4}, num_layers)
    y, state = stack.advance(torch.randn(2, 7, 3), stack.initial_state(2))
    last = max(name for name in state if name.endswith(".h"))
    assert y.shape == (2, 7, 4)
    assert torch.equal(y[:, -1], state[last][:, -1])


def test_states_are_batch_first() -> None:
    """Torch has (L, B, H) also where it is told batch_first."""
    for layer in (RNN, GRU, LSTM):
        state = Stack(layer, 3, {"hidden_size": 4}, num_layers=3).initial_state(2)
        assert {tuple(entry.shape) for entry in state.values()} == {(2, 3, 4)}


@pytest.mark.parametrize(("layer", "theirs"), FUSED)
def test_each_option_reaches_torch(layer: type[Fused], theirs: type[nn.RNNBase]) -> None:
    options = {"hidden_size": 5, "bias": False, "init": "small"}
    if layer is RNN:
        options["nonlinearity"] = "relu"
    deep = Stack(layer, 3, options, num_layers=2, dropout=0.5).ahead[0]
    assert isinstance(deep, Fused)
    module = deep.module
    assert isinstance(module, theirs)
    assert module.batch_first
    found = (module.input_size, module.hidden_size, module.num_layers, module.dropout)
    assert found == (3, 5, 2, 0.5)
    assert not module.bias
    assert getattr(module, "nonlinearity", "relu") == "relu"
    drawn = torch.cat([weight.detach().flatten() for weight in module.parameters()])
    assert 0.005 < float(drawn.std()) < 0.015


def test_dropout_lies_between_layers_and_not_after_the_last() -> None:
    for bidirectional in (False, True):
        options = {"hidden_size": 4, "bias": False}
        stack = Stack(RNN, 3, options, 2, bidirectional, dropout=1.0).train()
        x = torch.randn(3, 9, 3)
        assert not stack(x, LENGTHS).any()  # the second layer sees zeros only
        assert stack.eval()(x, LENGTHS).any()
        assert Stack(RNN, 3, options, 1, bidirectional, dropout=1.0).train()(x, LENGTHS).any()


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
    built = layer(3, hidden_size=4, initial_state=kind)
    assert isinstance(built, RNNCell | Fused)
    if kind == "learned":
        nn.init.constant_(built.initial.get_parameter("h"), 0.5)
    start = {name: entry[:, 0] for name, entry in built.initial_state(2).items()}  # (B, H)
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
        return layer(3, hidden_size=4, initial_state=kind)

    one, other = built(0), built(1)
    first, again, different = (each.initial_state(2)["h"] for each in (one, built(0), other))
    assert torch.equal(first, one.initial_state(2)["h"])
    assert torch.equal(first, again)
    assert torch.equal(first[0], first[1])
    assert not torch.equal(first, different)
    other.load_state_dict(one.state_dict())
    assert torch.equal(other.initial_state(2)["h"], first)
    assert not [name for name in built(0, "zeros").state_dict() if name.startswith("initial")]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_learned_start_is_one_vector_a_layer(layer: type[Layer]) -> None:
    built = layer(3, hidden_size=4, initial_state="learned")
    shapes = {n: tuple(p.shape) for n, p in built.named_parameters() if n.startswith("initial")}
    names = ("h", "c") if layer is LSTM else ("h",)
    assert shapes == {f"initial.{name}": (1, 1, 4) for name in names}
