import pytest
import torch
from torch import Tensor, nn

from seqlab.nn import Stack
from seqlab.testing import assert_passes, check_layer
from seqlab_recurrent.lstm import LSTM


@pytest.mark.parametrize(
    "options", [{}, {"num_layers": 3}, {"num_layers": 2, "bidirectional": True}, {"bias": False}]
)
def test_it_conforms(options: dict[str, object]) -> None:
    assert_passes(check_layer(LSTM, {"hidden_size": 6, **options}))


def last_state(layer: nn.Module, row: Tensor) -> Tensor:
    assert isinstance(layer, LSTM)
    _, (h, _) = layer.lstm(row)
    final: Tensor = h[0, 0]
    return final


def test_the_forget_gate_starts_open() -> None:
    weights = LSTM(4, 5).lstm.state_dict()
    assert weights["bias_ih_l0"].tolist() == [0.0] * 5 + [1.0] * 5 + [0.0] * 10
    assert weights["bias_hh_l0"].eq(0).all()
    eye = weights["weight_hh_l0"].T @ weights["weight_hh_l0"]
    torch.testing.assert_close(eye, torch.eye(5), atol=1e-5, rtol=0)


def test_cells_remember_up_to_so_many_steps() -> None:
    torch.manual_seed(0)
    layer = LSTM(4, 2000, num_layers=2, chrono_init=200)
    for number in range(2):
        gates = layer.lstm.get_parameter(f"bias_ih_l{number}").detach()
        write, forget, *others = gates.view(4, 2000)
        steps = forget.exp()  # the time in which a cell loses 1/e, less one
        assert 1 <= float(steps.min()) < 3
        assert 197 < float(steps.max()) <= 199
        assert float(steps.mean()) == pytest.approx(100, abs=5)
        assert torch.equal(write, -forget)
        assert not any(gate.any() for gate in others)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_true_last_states_from_padded_batches(bidirectional: bool) -> None:
    """Against torch's own LSTM on each row alone, without padding."""
    torch.manual_seed(0)
    stack = Stack(LSTM, 3, {"hidden_size": 4}, 1, bidirectional)
    lengths = torch.tensor([5, 1, 9])
    x = torch.randn(3, 9, 3)
    y = stack(x, lengths)
    for row, length in enumerate(lengths):
        alone = x[row : row + 1, :length]
        h = last_state(stack.ahead[0], alone)
        torch.testing.assert_close(y[row, length - 1, :4], h, atol=1e-5, rtol=0)
        if bidirectional:
            h = last_state(stack.back[0], alone.flip(1))
            torch.testing.assert_close(y[row, 0, 4:], h, atol=1e-5, rtol=0)
