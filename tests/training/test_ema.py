import pytest
import torch
from torch import nn

from seqlab.training.ema import ExponentialMovingAverage


def test_trained_parameters_are_averaged() -> None:
    model = nn.Linear(2, 1, bias=True)
    model.bias.requires_grad_(False)
    ema = ExponentialMovingAverage(model, 0.5)
    expected = model.weight.detach().clone()
    for step in range(1, 30):
        with torch.no_grad():
            model.weight.add_(1.0)
        ema.update(step)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * model.weight.detach()
    weight = model.weight.detach().clone()
    with ema.applied():
        torch.testing.assert_close(model.weight.detach(), expected)
    assert torch.equal(model.weight, weight)
    assert list(ema.state_dict()) == ["weight"]


def test_the_weights_are_restored_after_an_error() -> None:
    model = nn.Linear(2, 1)
    ema = ExponentialMovingAverage(model, 0.9)
    with torch.no_grad():
        model.weight.add_(1.0)
    weight = model.weight.detach().clone()
    with pytest.raises(KeyError), ema.applied():
        assert not torch.equal(model.weight, weight)
        raise KeyError
    assert torch.equal(model.weight, weight)


def test_without_a_decay_there_is_no_average() -> None:
    model = nn.Linear(2, 1)
    ema = ExponentialMovingAverage(model, None)
    weight = model.weight.detach().clone()
    ema.update(1)
    with ema.applied():
        assert torch.equal(model.weight, weight)
    assert ema.state_dict() == {}
