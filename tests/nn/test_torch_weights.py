"""Names of recurrent weights, in models and in torch. The values are tested with the layers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from seqlab.errors import UserError
from seqlab.nn import weights_from_torch, weights_to_torch

ONE = torch.ones(1)


@pytest.mark.parametrize(
    ("model_name", "torch_name"),
    [
        ("weight_ih", "weight_ih_l0"),
        ("lstm.weight_hh_l0", "weight_hh_l0"),
        ("cell.bias_ih", "bias_ih_l0"),
        ("ahead.0.gru.bias_hh_l2", "bias_hh_l2"),
        ("stack.ahead.2.cell.weight_ih", "weight_ih_l2"),
        ("model.stack.ahead.1.weight_ih", "weight_ih_l1"),
        ("stack.back.0.lstm.weight_hh_l0", "weight_hh_l0_reverse"),
        ("stack.back.10.lstm.bias_ih_l0", "bias_ih_l10_reverse"),
    ],
)
def test_names(model_name: str, torch_name: str) -> None:
    others = {"embedder.streams.text.table.weight": ONE, "head.linear.weight": ONE}
    weights = {**others, model_name: ONE * 2}
    converted = weights_to_torch({**weights, "stack.ahead.0.initial.h": ONE})
    assert converted == {torch_name: weights[model_name]}
    assert weights_from_torch({torch_name: ONE}, weights) == {model_name: ONE}


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_different_depth_is_refused(bidirectional: bool) -> None:
    weights = nn.GRU(3, 4, 2, bidirectional=bidirectional).state_dict()
    cell_names = [name.removesuffix("_l0") for name in nn.GRU(3, 4).state_dict()]
    names = [f"ahead.{level}.cell.{name}" for level in range(3) for name in cell_names]
    with pytest.raises(UserError, match=r"no counterpart; only the (torch module|model) has"):
        weights_from_torch(weights, names)


def test_a_weight_that_only_torch_has_is_named() -> None:
    weights = nn.LSTM(3, 4, proj_size=2).state_dict()
    with pytest.raises(UserError, match="only the torch module has 'weight_hr_l0'"):
        weights_from_torch(weights, nn.LSTM(3, 4).state_dict())


def test_two_stacks_are_refused() -> None:
    with pytest.raises(UserError, match=r"both map to torch's 'weight_ih_l0'"):
        weights_to_torch({"first.ahead.0.cell.weight_ih": ONE, "second.weight_ih": ONE})


def test_a_model_without_recurrent_weights_is_refused() -> None:
    with pytest.raises(UserError, match="no recurrent weights"):
        weights_to_torch({"head.linear.weight": ONE})
