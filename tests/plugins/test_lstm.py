from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from seqlab.nn import Stack
from seqlab.testing import assert_passes, check_layer
from seqlab_recurrent.lstm import LSTM


@pytest.mark.parametrize(
    "options", [{}, {"num_layers": 3}, {"num_layers": 2, "bidirectional": True}, {"bias": False}]
)
def test_conformance(options: dict[str, object]) -> None:
    assert_passes(check_layer(LSTM, {"hidden_size": 6, **options}))


def test_forget_gate_is_open_initially() -> None:
    weights = LSTM(4, 5).lstm.state_dict()
    assert weights["bias_ih_l0"].tolist() == [0.0] * 5 + [1.0] * 5 + [0.0] * 10
    assert weights["bias_hh_l0"].eq(0).all()
    product = weights["weight_hh_l0"].T @ weights["weight_hh_l0"]
    torch.testing.assert_close(product, torch.eye(5), atol=1e-5, rtol=0)


def test_chrono_initialization() -> None:
    torch.manual_seed(0)
    layer = LSTM(4, 2000, num_layers=2, chrono_init=200)
    for number in range(2):
        biases = layer.lstm.get_parameter(f"bias_ih_l{number}").detach()
        input_gate, forget_gate, *others = biases.view(4, 2000)
        steps = forget_gate.exp()  # time constant of the cell, less one
        assert 1 <= float(steps.min()) < 3
        assert 197 < float(steps.max()) <= 199
        assert float(steps.mean()) == pytest.approx(100, abs=5)
        assert torch.equal(input_gate, -forget_gate)
        assert not any(gate.any() for gate in others)


def final_state(layer: nn.Module, row: Tensor) -> Tensor:
    assert isinstance(layer, LSTM)
    _, (h, _) = layer.lstm(row)
    final: Tensor = h[0, 0]
    return final


@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_does_not_affect_final_states(bidirectional: bool) -> None:
    """Against torch's LSTM on each row alone, without padding."""
    torch.manual_seed(0)
    stack = Stack(LSTM, 3, {"hidden_size": 4}, 1, bidirectional)
    lengths = torch.tensor([5, 1, 9])
    x = torch.randn(3, 9, 3)
    y = stack(x, lengths)
    for index, length in enumerate(lengths):
        row = x[index : index + 1, :length]
        h = final_state(stack.ahead[0], row)
        torch.testing.assert_close(y[index, length - 1, :4], h, atol=1e-5, rtol=0)
        if bidirectional:
            h = final_state(stack.back[0], row.flip(1))
            torch.testing.assert_close(y[index, 0, 4:], h, atol=1e-5, rtol=0)
