import pytest
import torch
from torch import nn

from seqlab.training.ema import ExponentialMovingAverage


def test_it_is_the_running_average_of_trained_weights() -> None:
    model = nn.Linear(2, 1, bias=True)
    model.bias.requires_grad_(False)
    average = ExponentialMovingAverage(model, 0.5)
    expected = model.weight.detach().clone()
    for step in range(1, 30):
        with torch.no_grad():
            model.weight.add_(1.0)
        average.update(step)
        kept = min(0.5, (1 + step) / (10 + step))
        expected = kept * expected + (1 - kept) * model.weight.detach()
    own = model.weight.detach().clone()
    with average.applied():
        torch.testing.assert_close(model.weight.detach(), expected)
    assert torch.equal(model.weight, own)
    assert list(average.state_dict()) == ["weight"]


def test_the_weights_come_back_after_an_error() -> None:
    model = nn.Linear(2, 1)
    average = ExponentialMovingAverage(model, 0.9)
    with torch.no_grad():
        model.weight.add_(1.0)
    own = model.weight.detach().clone()
    with pytest.raises(KeyError), average.applied():
        assert not torch.equal(model.weight, own)
        raise KeyError
    assert torch.equal(model.weight, own)


def test_without_decay_nothing_is_kept() -> None:
    model = nn.Linear(2, 1)
    average = ExponentialMovingAverage(model, None)
    own = model.weight.detach().clone()
    average.update(1)
    with average.applied():
        assert torch.equal(model.weight, own)
    assert average.state_dict() == {}
