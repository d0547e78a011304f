from __future__ import annotations

from functools import partial
from typing import Literal

import pytest
import torch

from seqlab.errors import UserError
from seqlab.nn import Layer, LinearHead, SequenceModel
from seqlab.spec import Characters, Field, Ids, ModelSpec, Numbers, Outputs
from seqlab.testing import CHECKS, Result, assert_passes, check_layer, check_model
from tests.nn.tiny import Averaging, TinyLSTM
from tests.testing import mutants

TAGGING = ModelSpec({"tokens": Ids(11)}, Outputs("class", (5,), "step"))


def failed(results: list[Result]) -> set[str]:
    return {result.id for result in results if result.status == "failed"}


@pytest.mark.parametrize(
    ("layer", "options"),
    [
        (TinyLSTM, {}),
        (TinyLSTM, {"num_layers": 2, "bidirectional": True, "pooling": "attention"}),
        (TinyLSTM, {"pooling": "mean", "dropout": 0.5, "head_dropout": 0.5}),
        (Averaging, {"pooling": "max", "input": "one-hot"}),
    ],
)
def test_correct_layers_pass(layer: type[Layer], options: dict[str, object]) -> None:
    results = check_layer(layer, options)
    assert_passes(results)
    assert len(results) == 4 * len(CHECKS)


def test_causality_of_a_causal_layer_is_checked() -> None:
    results = check_layer(TinyLSTM)
    status = {(result.id, result.subject): result.status for result in results}
    assert status["causality", "tokens to a class per step"] == "passed"
    assert status["streaming", "numbers to a class per step"] == "passed"
    assert status["streaming", "numbers to a value per sequence"] == "skipped"


@pytest.mark.parametrize("per", ["step", "sequence"])
@pytest.mark.parametrize("kind", ["class", "value"])
def test_every_kind_of_input_and_output(
    per: Literal["step", "sequence"], kind: Literal["class", "value"]
) -> None:
    inputs: dict[str, Field] = {
        "characters": Characters(9),
        "words": Ids(11, unknown=0),
        "grams": Ids(13, many=True),
        "features": Numbers(3),
    }
    outputs = Outputs(kind, (4, 3) if kind == "value" else (5,), per)
    spec = ModelSpec(inputs, outputs, causal=per == "step")
    build = partial(SequenceModel, spec, TinyLSTM, {}, embedding_size=5, token_dropout=0.2)
    assert_passes(check_model(build, spec))


@pytest.mark.parametrize(
    ("mutant", "check"),
    [
        (mutants.MeanOverPadding, "padding"),
        (mutants.PaddedBothWays, "padding"),
        (mutants.ForgetsTotalLength, "padding"),
        (mutants.BatchMean, "neighbours"),
        (mutants.RowIndex, "neighbours"),
        (mutants.TimeFirst, "neighbours"),
        (mutants.LooksAhead, "causality"),
        (mutants.ForgetsState, "streaming"),
        (mutants.ForgetsCell, "streaming"),
        (mutants.StateOfTorch, "streaming"),
        (mutants.StateOfFirstStep, "streaming"),
        (mutants.NoInitialState, "streaming"),
        (mutants.UnusedParameter, "gradients"),
        (mutants.DetachedGate, "gradients"),
        (mutants.TimesZero, "gradients"),
        (mutants.RootOfZero, "gradients"),
        (mutants.UnsavedBuffer, "save_load"),
        (mutants.UnregisteredTensor, "save_load"),
    ],
)
def test_faulty_layers(mutant: type[Layer], check: str) -> None:
    results = check_layer(mutant, only=[check])
    assert failed(results) == {check}
    assert not any("raised" in result.evidence for result in results)


@pytest.mark.parametrize("head", [mutants.LossOfPadding, mutants.DecodesPadding])
def test_faulty_heads(head: type[LinearHead]) -> None:
    assert failed(check_model(partial(mutants.WithHead, TAGGING, head), TAGGING)) == {"padding"}


def test_nan_in_the_padding_of_numbers() -> None:
    spec = ModelSpec({"numbers": Numbers(4)}, Outputs("value", (2,), "sequence"))
    (*_, result) = check_model(partial(mutants.ZeroTimesPadding, spec), spec, only=["padding"])
    assert result.status == "failed"
    assert "NaN" in result.evidence


@pytest.mark.parametrize(
    ("mutant", "checks"),
    [
        (mutants.MeanOverPadding, {"padding", "causality", "streaming"}),
        (mutants.RowIndex, {"neighbours", "streaming"}),
        (mutants.LooksAhead, {"causality", "streaming"}),
        (mutants.ForgetsState, {"streaming"}),
        (mutants.UnusedParameter, {"gradients"}),
        (mutants.UnsavedBuffer, {"save_load", "streaming"}),
    ],
)
def test_no_unrelated_check_fails(mutant: type[Layer], checks: set[str]) -> None:
    assert failed(check_layer(mutant)) == checks


def test_failures_name_rule_reason_and_position() -> None:
    with pytest.raises(AssertionError) as raised:
        assert_passes(check_layer(mutants.MeanOverPadding, only=["padding"]))
    message = str(raised.value)
    assert "4 of 4 checks failed" in message
    assert "padding (tokens to a class per step): The prediction for" in message
    assert "why:" in message
    assert "row 1, step 0: [" in message


def test_a_model_that_raises_fails_with_the_line() -> None:
    def build() -> SequenceModel:
        raise RuntimeError("no weights")

    (result,) = check_model(build, TAGGING, only=["padding"])
    assert result.status == "failed"
    assert "raised RuntimeError in test_suite.py" in result.evidence


def test_unknown_checks_are_refused() -> None:
    with pytest.raises(UserError, match="did you mean 'padding'"):
        check_layer(TinyLSTM, only=["paddings"])


def test_the_global_random_state_is_not_changed() -> None:
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    check_layer(TinyLSTM)
    assert torch.equal(before, torch.random.get_rng_state())
