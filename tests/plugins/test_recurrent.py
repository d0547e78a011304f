"""rnn-cell, rnn, gru and lstm: conformance, equality with torch, initial states."""

from __future__ import annotations

from typing import Literal

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
WITH_REFERENCE: list[tuple[type[Layer], type[nn.RNNBase]]] = [(RNNCell, nn.RNN), *FUSED]
LENGTHS = torch.tensor([5, 1, 9])
OPTIONS: list[dict[str, object]] = [
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
def test_conformance(layer: type[Layer], options: dict[str, object]) -> None:
    assert_passes(check_layer(layer, {"hidden_size": 6, **options}))


@pytest.mark.parametrize("layer", [RNNCell, RNN])
def test_conformance_with_relu(layer: type[Layer]) -> None:
    assert_passes(check_layer(layer, {"hidden_size": 6, "nonlinearity": "relu"}))


def test_layers_are_registered() -> None:
    layers = [installed().models.get(name).load() for name in ("rnn-cell", "rnn", "gru", "lstm")]
    assert layers == LAYERS


def _assert_close(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual, expected, atol=1e-6, rtol=0)


def _assert_rows_equal(reference: nn.RNNBase, x: Tensor, y: Tensor) -> None:
    """Compare with torch's module on each row alone, without padding."""
    for row, length in enumerate(LENGTHS):
        _assert_close(y[row, :length], reference(x[row : row + 1, :length])[0][0])


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("layer", "reference_class"), WITH_REFERENCE)
def test_weights_are_exchanged_with_torch(
    layer: type[Layer],
    reference_class: type[nn.RNNBase],
    bidirectional: bool,
    num_layers: int,
    bias: bool,
) -> None:
    torch.manual_seed(0)
    options = {"bias": bias, "batch_first": True, "bidirectional": bidirectional}
    reference = reference_class(3, 4, num_layers, **options)  # type: ignore[arg-type]
    stack = Stack(layer, 3, {"hidden_size": 4, "bias": bias}, num_layers, bidirectional)
    x = torch.randn(3, 9, 3)
    weights = weights_from_torch(reference.state_dict(), stack.state_dict())
    stack.load_state_dict(weights, strict=True)
    _assert_rows_equal(reference, x, stack(x, LENGTHS))
    with torch.no_grad():
        for parameter in stack.parameters():
            nn.init.uniform_(parameter, -1, 1)
    reference.load_state_dict(weights_to_torch(stack.state_dict()), strict=True)
    _assert_rows_equal(reference, x, stack(x, LENGTHS))


def test_weights_of_a_model_are_exported_to_torch() -> None:
    spec = ModelSpec({"tokens": Ids(6)}, Outputs("class", (3,), "sequence"))
    options = {"hidden_size": 4, "initial_state": "learned"}
    model = SequenceModel(spec, LSTM, options, num_layers=2, bidirectional=True, embedding_size=3)
    reference = nn.LSTM(3, 4, 2, batch_first=True, bidirectional=True)
    reference.load_state_dict(weights_to_torch(model.state_dict()), strict=True)
    x = torch.randn(3, 9, 3)
    _assert_rows_equal(reference, x, model.stack(x, LENGTHS))


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("layer", "reference_class"), WITH_REFERENCE)
def test_final_states_are_in_the_order_of_torch(
    layer: type[Layer], reference_class: type[nn.RNNBase], bidirectional: bool
) -> None:
    """Pooling "states" is h_n (L · directions, B, H), flattened per row (L · directions · H)."""
    spec = ModelSpec({"numbers": Numbers(3)}, Outputs("class", (3,), "sequence"))
    model = SequenceModel(
        spec, layer, {"hidden_size": 4}, num_layers=2, bidirectional=bidirectional, pooling="states"
    )
    reference = reference_class(3, 4, 2, batch_first=True, bidirectional=bidirectional)  # type: ignore[arg-type]
    reference.load_state_dict(weights_to_torch(model.state_dict()), strict=True)
    x = torch.randn(3, 9, 3)
    features = model.features({"numbers": x}, LENGTHS)
    assert features.shape == (3, 2 * (2 if bidirectional else 1) * 4)
    for row, length in enumerate(LENGTHS):
        final = reference(x[row : row + 1, :length])[1]
        h = final[0] if isinstance(final, tuple) else final  # (L · directions, 1, H)
        _assert_close(features[row], h.flatten())


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("layer", LAYERS)
def test_last_output_is_the_final_state(layer: type[Layer], num_layers: int) -> None:
    stack = Stack(layer, 3, {"hidden_size": 4}, num_layers)
    y, state = stack.advance(torch.randn(2, 7, 3), stack.initial_state(2))
    last = max(name for name in state if name.endswith(".h"))
    assert y.shape == (2, 7, 4)
    assert torch.equal(y[:, -1], state[last][:, -1])


@pytest.mark.parametrize("layer", [RNN, GRU, LSTM])
def test_states_are_batch_first(layer: type[Layer]) -> None:
    """Unlike torch's, which are (L, B, H) even with `batch_first=True`."""
    state = Stack(layer, 3, {"hidden_size": 4}, num_layers=3).initial_state(2)
    assert {tuple(entry.shape) for entry in state.values()} == {(2, 3, 4)}


@pytest.mark.parametrize(("layer", "reference_class"), FUSED)
def test_options_are_passed_to_torch(layer: type[Fused], reference_class: type[nn.RNNBase]) -> None:
    options: dict[str, object] = {"hidden_size": 5, "bias": False, "init": "small"}
    if layer is RNN:
        options["nonlinearity"] = "relu"
    fused = Stack(layer, 3, options, num_layers=2, dropout=0.5).ahead[0]
    assert isinstance(fused, Fused)
    module = fused.module
    assert isinstance(module, reference_class)
    assert module.batch_first
    assert (module.input_size, module.hidden_size) == (3, 5)
    assert (module.num_layers, module.dropout) == (2, 0.5)
    assert not module.bias
    assert getattr(module, "nonlinearity", "relu") == "relu"
    weights = torch.cat([weight.detach().flatten() for weight in module.parameters()])
    assert 0.005 < float(weights.std()) < 0.015


@pytest.mark.parametrize("bidirectional", [False, True])
def test_dropout_is_between_layers_only(bidirectional: bool) -> None:
    options = {"hidden_size": 4, "bias": False}
    stack = Stack(RNN, 3, options, 2, bidirectional, dropout=1.0).train()
    x = torch.randn(3, 9, 3)
    assert not stack(x, LENGTHS).any()  # the second layer sees zeros only
    assert stack.eval()(x, LENGTHS).any()
    assert Stack(RNN, 3, options, 1, bidirectional, dropout=1.0).train()(x, LENGTHS).any()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_cell_equals_the_fused_layer(nonlinearity: Literal["tanh", "relu"], bias: bool) -> None:
    torch.manual_seed(0)
    reference = nn.RNN(3, 4, nonlinearity=nonlinearity, bias=bias, batch_first=True)
    cell = RNNCell(3, 4, nonlinearity, bias)
    fused = RNN(3, 4, nonlinearity, bias=bias)
    weights = reference.state_dict()
    cell.cell.load_state_dict({name.removesuffix("_l0"): w for name, w in weights.items()})
    fused.rnn.load_state_dict(weights)
    x = torch.randn(2, 7, 3)
    expected = reference(x)[0]
    _assert_close(cell(x, torch.tensor([7, 7])), expected)
    _assert_close(fused(x, torch.tensor([7, 7])), expected)


@pytest.mark.parametrize("kind", ["zeros", "ones", "random", "learned"])
@pytest.mark.parametrize("layer", LAYERS)
def test_first_step_uses_the_initial_state(layer: type[Layer], kind: str) -> None:
    """Against one step of torch's cell from the same state."""
    torch.manual_seed(0)
    built = layer(3, hidden_size=4, initial_state=kind)
    assert isinstance(built, RNNCell | Fused)
    if kind == "learned":
        nn.init.constant_(built.initial.get_parameter("h"), 0.5)
    state = {name: entry[:, 0] for name, entry in built.initial_state(2).items()}  # (B, H)
    if kind != "random":
        value = {"zeros": 0.0, "ones": 1.0, "learned": 0.5}[kind]
        assert torch.equal(state["h"], torch.full((2, 4), value))
    cell = {RNNCell: nn.RNNCell, RNN: nn.RNNCell, GRU: nn.GRUCell, LSTM: nn.LSTMCell}[layer](3, 4)
    module = built.cell if isinstance(built, RNNCell) else built.module
    weights = module.state_dict()
    cell.load_state_dict({name.removesuffix("_l0"): w for name, w in weights.items()})
    x = torch.randn(2, 1, 3)
    if layer is LSTM:
        expected, _ = cell(x[:, 0], (state["h"], state["c"]))
    else:
        expected = cell(x[:, 0], state["h"])
    _assert_close(built(x, torch.tensor([1, 1]))[:, 0], expected)


@pytest.mark.parametrize("layer", LAYERS)
def test_random_initial_state_depends_on_the_seed_and_is_saved(layer: type[Layer]) -> None:
    def build(seed: int, kind: str = "random") -> Layer:
        torch.manual_seed(seed)
        return layer(3, hidden_size=4, initial_state=kind)

    def initial(built: Layer) -> Tensor:
        return built.initial_state(2)["h"]

    first, other = build(0), build(1)
    h = initial(first)
    assert torch.equal(h, initial(first))
    assert torch.equal(h, initial(build(0)))
    assert torch.equal(h[0], h[1])
    assert not torch.equal(h, initial(other))
    other.load_state_dict(first.state_dict())
    assert torch.equal(initial(other), h)
    assert not [name for name in build(0, "zeros").state_dict() if name.startswith("initial")]


@pytest.mark.parametrize("layer", LAYERS)
def test_learned_initial_state_is_one_vector_per_layer(layer: type[Layer]) -> None:
    built = layer(3, hidden_size=4, initial_state="learned")
    shapes = {n: tuple(p.shape) for n, p in built.named_parameters() if n.startswith("initial")}
    names = ("h", "c") if layer is LSTM else ("h",)
    assert shapes == {f"initial.{name}": (1, 1, 4) for name in names}
