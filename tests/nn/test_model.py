from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from seqlab.errors import PluginError, UserError
from seqlab.nn import Layer, LinearHead, Model, SequenceModel, build_model, model_options
from seqlab.options import validate
from seqlab.spec import Ids, Inputs, ModelSpec, Numbers, Outputs
from tests.nn.tiny import Averaging, TinyLSTM

NEXT = ModelSpec({"symbols": Ids(6)}, Outputs("class", (6,), "step"), causal=True)
TEXT = ModelSpec({"symbols": Ids(6)}, Outputs("class", (3,), "sequence"))
LENGTHS = torch.tensor([5, 1, 3])


class Clashing(Averaging):
    def __init__(self, input_size: int, pooling: int = 1) -> None:
        super().__init__(input_size)


class Whole(Model):
    def __init__(self, spec: ModelSpec, width: int = 3) -> None:
        super().__init__()
        self.head = LinearHead(width, spec.outputs)

    def features(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        return inputs["numbers"]


def built(layer: type[Layer], spec: ModelSpec, **options: Any) -> Model:
    chosen = validate("model", {"embedding_size": 4, **options}, model_options(layer))
    return build_model(layer, spec, chosen).eval()


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_last_true_state_of_each_row(bidirectional: bool) -> None:
    torch.manual_seed(0)
    model = built(TinyLSTM, TEXT, num_layers=2, bidirectional=bidirectional)
    ids = torch.randint(6, (3, 5))
    found = model({"symbols": ids}, LENGTHS)
    assert found.shape == (3, 3)
    for row, length in enumerate(LENGTHS):
        alone = model({"symbols": ids[row : row + 1, :length]}, length[None])[0]
        torch.testing.assert_close(found[row], alone, rtol=0, atol=1e-5)


def test_last_is_the_hidden_state() -> None:
    torch.manual_seed(0)
    model = built(TinyLSTM, TEXT, num_layers=1)
    assert isinstance(model, SequenceModel)
    ids = torch.randint(6, (3, 5))
    features = model.features({"symbols": ids}, LENGTHS)  # (B, H)
    for row, length in enumerate(LENGTHS):
        x = model.embedder({"symbols": ids[row : row + 1, :length]}, length[None])
        _, state = model.stack.advance(x, model.stack.initial_state(1))
        torch.testing.assert_close(features[row], state["0.hidden"][0])


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_final_states_of_all_layers(bidirectional: bool) -> None:
    torch.manual_seed(0)
    model = built(TinyLSTM, TEXT, num_layers=2, bidirectional=bidirectional, pooling="states")
    assert isinstance(model, SequenceModel)
    ids = torch.randint(6, (3, 5))
    features = model.features({"symbols": ids}, LENGTHS)
    assert features.shape == (3, 32 if bidirectional else 16)
    low, high = model.stack.levels(model.embedder({"symbols": ids}, LENGTHS), LENGTHS)
    for row, length in enumerate(LENGTHS):
        ends = [torch.cat([x[row, length - 1, :8], x[row, 0, 8:]]) for x in (low, high)]
        assert torch.equal(features[row], torch.cat(ends))


def test_pooling_is_for_one_output_a_sequence() -> None:
    model = built(TinyLSTM, NEXT, num_layers=2, pooling="states")
    assert isinstance(model, SequenceModel)
    assert model.pooling is None
    assert model({"symbols": torch.zeros(1, 4, dtype=torch.long)}, LENGTHS[:1]).shape == (1, 4, 6)


def test_start_weights_of_the_head() -> None:
    torch.manual_seed(0)
    head = built(TinyLSTM, NEXT, hidden_size=500, head_init_std=0.01).head
    assert isinstance(head, LinearHead)
    assert 0.009 < float(head.linear.weight.detach().std()) < 0.011
    assert not head.linear.bias.any()
    assert built(TinyLSTM, NEXT).head.linear.bias.any()  # type: ignore[operator, union-attr]


def test_options_of_layer_and_core_are_one_set() -> None:
    options = model_options(TinyLSTM)
    assert {"hidden_size", "num_layers", "pooling", "embedding_size"} <= options.keys()
    assert not {"spec", "layer", "layer_options", "input_size"} & options.keys()
    model = built(TinyLSTM, NEXT, hidden_size=7, num_layers=2)
    assert isinstance(model, SequenceModel)
    assert (model.stack.output_size, len(model.stack.ahead)) == (7, 2)


def test_an_option_with_a_name_of_the_core_is_refused() -> None:
    with pytest.raises(PluginError, match="Clashing has options that the core already has"):
        model_options(Clashing)


def test_an_authors_own_model() -> None:
    spec = ModelSpec({"numbers": Numbers(3)}, Outputs("value", (2,), "step"))
    assert list(model_options(Whole)) == ["width"]
    model = build_model(Whole, spec, {"width": 3})
    assert model({"numbers": torch.ones(1, 4, 3)}, torch.tensor([4])).shape == (1, 4, 2)
    with pytest.raises(PluginError, match="Whole cannot go on from a state"):
        model.initial_state(1)


def test_what_comes_next_needs_a_causal_model() -> None:
    with pytest.raises(UserError, match="a backward direction would see it"):
        built(TinyLSTM, NEXT, bidirectional=True)
    with pytest.raises(UserError, match="this layer sees the whole sequence"):
        built(Averaging, NEXT)


def test_only_causal_models_a_step_go_on() -> None:
    for model in (built(TinyLSTM, TEXT), built(Averaging, TEXT)):
        with pytest.raises(PluginError, match="cannot go on from a state"):
            model.initial_state(2)
        with pytest.raises(PluginError, match="cannot go on from a state"):
            model.advance({"symbols": torch.zeros(1, 1, dtype=torch.long)}, {})
    with pytest.raises(PluginError, match="layer Averaging cannot go on"):
        Averaging(3).initial_state(1)
    with pytest.raises(PluginError, match="layer Averaging cannot go on"):
        Averaging(3).advance(torch.zeros(1, 1, 3), {})
