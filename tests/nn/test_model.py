from __future__ import annotations

import pytest
import torch
from torch import Tensor

from seqlab.errors import PluginError, UserError
from seqlab.nn import Layer, LinearHead, Model, SequenceModel, build_model, model_options
from seqlab.options import validate
from seqlab.spec import Ids, Inputs, ModelSpec, Numbers, Outputs
from tests.nn.tiny import Averaging, TinyLSTM

NEXT_TOKEN = ModelSpec({"tokens": Ids(6)}, Outputs("class", (6,), "step"), causal=True)
TEXT_CLASS = ModelSpec({"tokens": Ids(6)}, Outputs("class", (3,), "sequence"))
LENGTHS = torch.tensor([5, 1, 3])


class ClashingOption(Averaging):
    def __init__(self, input_size: int, pooling: int = 1) -> None:
        super().__init__(input_size)


class WholeModel(Model):
    def __init__(self, spec: ModelSpec, width: int = 3) -> None:
        super().__init__()
        self.head = LinearHead(width, spec.outputs)

    def features(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        return inputs["numbers"]


def build(layer: type[Layer], spec: ModelSpec, **options: object) -> SequenceModel:
    validated = validate("model", {"embedding_size": 4, **options}, model_options(layer))
    model = build_model(layer, spec, validated).eval()
    assert isinstance(model, SequenceModel)
    return model


@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_does_not_change_the_outputs(bidirectional: bool) -> None:
    torch.manual_seed(0)
    model = build(TinyLSTM, TEXT_CLASS, num_layers=2, bidirectional=bidirectional)
    ids = torch.randint(6, (3, 5))
    outputs = model({"tokens": ids}, LENGTHS)
    assert outputs.shape == (3, 3)
    for row, length in enumerate(LENGTHS):
        alone = model({"tokens": ids[row : row + 1, :length]}, length[None])[0]
        torch.testing.assert_close(outputs[row], alone, rtol=0, atol=1e-5)


def test_last_is_the_hidden_state() -> None:
    torch.manual_seed(0)
    model = build(TinyLSTM, TEXT_CLASS, num_layers=1)
    ids = torch.randint(6, (3, 5))
    features = model.features({"tokens": ids}, LENGTHS)  # (B, H)
    for row, length in enumerate(LENGTHS):
        x = model.embedder({"tokens": ids[row : row + 1, :length]}, length[None])
        _, state = model.stack.advance(x, model.stack.initial_state(1))
        torch.testing.assert_close(features[row], state["0.hidden"][0])


@pytest.mark.parametrize("bidirectional", [False, True])
def test_final_states_of_all_layers(bidirectional: bool) -> None:
    torch.manual_seed(0)
    model = build(TinyLSTM, TEXT_CLASS, num_layers=2, bidirectional=bidirectional, pooling="states")
    ids = torch.randint(6, (3, 5))
    features = model.features({"tokens": ids}, LENGTHS)
    assert features.shape == (3, 32 if bidirectional else 16)
    first, second = model.stack.levels(model.embedder({"tokens": ids}, LENGTHS), LENGTHS)
    for row, length in enumerate(LENGTHS):
        states = [torch.cat([x[row, length - 1, :8], x[row, 0, 8:]]) for x in (first, second)]
        assert torch.equal(features[row], torch.cat(states))


def test_pooling_is_for_one_output_per_sequence() -> None:
    model = build(TinyLSTM, NEXT_TOKEN, num_layers=2, pooling="states")
    assert model.pooling is None
    assert model({"tokens": torch.zeros(1, 4, dtype=torch.long)}, LENGTHS[:1]).shape == (1, 4, 6)


def test_initial_weights_of_the_head() -> None:
    torch.manual_seed(0)
    head = build(TinyLSTM, NEXT_TOKEN, hidden_size=500, head_init_std=0.01).head
    assert isinstance(head, LinearHead)
    assert 0.009 < float(head.linear.weight.detach().std()) < 0.011
    assert not head.linear.bias.any()
    default_head = build(TinyLSTM, NEXT_TOKEN).head
    assert isinstance(default_head, LinearHead)
    assert default_head.linear.bias.any()


def test_options_of_layer_and_core_are_one_set() -> None:
    options = model_options(TinyLSTM)
    assert {"hidden_size", "num_layers", "pooling", "embedding_size"} <= options.keys()
    assert not {"spec", "layer", "layer_options", "input_size"} & options.keys()
    model = build(TinyLSTM, NEXT_TOKEN, hidden_size=7, num_layers=2)
    assert (model.stack.output_size, len(model.stack.ahead)) == (7, 2)


def test_a_layer_option_with_the_name_of_a_core_option_is_refused() -> None:
    with pytest.raises(PluginError, match="ClashingOption has options that the core already has"):
        model_options(ClashingOption)


def test_a_model_written_by_an_author() -> None:
    spec = ModelSpec({"numbers": Numbers(3)}, Outputs("value", (2,), "step"))
    assert list(model_options(WholeModel)) == ["width"]
    model = build_model(WholeModel, spec, {"width": 3})
    assert model({"numbers": torch.ones(1, 4, 3)}, torch.tensor([4])).shape == (1, 4, 2)
    with pytest.raises(PluginError, match="WholeModel cannot continue from a carried state"):
        model.initial_state(1)


def test_predicting_the_next_step_needs_a_causal_model() -> None:
    with pytest.raises(UserError, match="a backward direction would see it"):
        build(TinyLSTM, NEXT_TOKEN, bidirectional=True)
    with pytest.raises(UserError, match="this layer sees the whole sequence"):
        build(Averaging, NEXT_TOKEN)


def test_only_causal_models_with_outputs_per_step_have_a_state() -> None:
    for model in (build(TinyLSTM, TEXT_CLASS), build(Averaging, TEXT_CLASS)):
        with pytest.raises(PluginError, match="cannot continue from a carried state"):
            model.initial_state(2)
        with pytest.raises(PluginError, match="cannot continue from a carried state"):
            model.advance({"tokens": torch.zeros(1, 1, dtype=torch.long)}, {})
    with pytest.raises(PluginError, match="layer Averaging cannot continue"):
        Averaging(3).initial_state(1)
    with pytest.raises(PluginError, match="layer Averaging cannot continue"):
        Averaging(3).advance(torch.zeros(1, 1, 3), {})
