"""States of different kinds: a key-value cache, last inputs of a convolution, logits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seqlab.data.encoding.examples import Examples
from seqlab.nn import CrossEntropy, Layer, Model, Objective, SequenceModel
from seqlab.nn.objective import reset_state
from seqlab.spec import Ids, ModelSpec, Outputs
from seqlab.testing import assert_passes, check_layer, check_model
from tests.contracts.layers import Attention, Convolution, LogitCell
from tests.contracts.training import examples_of, train

NEXT_TOKEN = ModelSpec({"tokens": Ids(5)}, Outputs("class", (5,), "step"), causal=True)


def counting() -> Examples:
    """Texts such as 0 1 2 3 4 0 1 …: the next token follows from the current one."""
    lengths = np.random.default_rng(0).integers(3, 9, 40)
    texts = [np.arange(start, start + n + 1) % 5 for start, n in enumerate(lengths)]
    tokens = np.concatenate([text[:-1] for text in texts])
    return examples_of({"tokens": tokens}, lengths, (tokens + 1) % 5, "step")


@pytest.mark.parametrize("layer", [Attention, Convolution])
def test_layers_learn_and_pass(layer: type[Layer]) -> None:
    torch.manual_seed(0)
    model = SequenceModel(NEXT_TOKEN, layer, {}, embedding_size=8, num_layers=2)
    history = train(Objective(model, CrossEntropy()), counting(), epochs=6)
    assert history[-1] < 0.5 * history[0]
    assert_passes(check_layer(layer))
    assert_passes(check_layer(layer, {"num_layers": 2, "bidirectional": True}))
    assert_passes(
        check_model(lambda: SequenceModel(NEXT_TOKEN, layer, {}, num_layers=2), NEXT_TOKEN)
    )


def test_a_state_of_logits() -> None:
    def build() -> Model:
        return SequenceModel(
            NEXT_TOKEN, LogitCell, {"hidden_size": 5}, input="one-hot", head="none"
        )

    torch.manual_seed(0)
    model = build()
    history = train(Objective(model, CrossEntropy()), counting(), epochs=12, learning_rate=0.05)
    assert history[-1] < 0.6 * history[0]
    assert {name for name, _ in model.named_parameters()} == {
        f"stack.ahead.0.cell.{kind}_{connection}"
        for kind in ("weight", "bias")
        for connection in ("ih", "hh")
    }
    assert_passes(check_model(build, NEXT_TOKEN))


@pytest.mark.parametrize("layer", [Attention, Convolution, LogitCell])
def test_some_rows_are_reset_and_others_continue(layer: type[Layer]) -> None:
    torch.manual_seed(0)
    instance = layer(4)
    x = torch.randn(3, 6, 4)  # (B, T, D)
    _, state = instance.advance(x[:, :2], instance.initial_state(3))
    reset = torch.tensor([False, True, False])
    y, _ = instance.advance(x[:, 2:], reset_state(state, instance.initial_state(3), reset))
    lengths = torch.full((3,), 6)
    expected = torch.where(
        reset[:, None, None], instance(x[:, 2:], lengths - 2), instance(x, lengths)[:, 2:]
    )
    torch.testing.assert_close(y, expected)
