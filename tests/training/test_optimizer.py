import pytest
import torch
from torch import nn

from seqlab.config.train_settings import TrainSettings
from seqlab.training.optimizer import build_optimizer, lr_factor, set_learning_rate


def test_warmup_then_linear_decrease() -> None:
    settings = TrainSettings(lr_schedule="linear", warmup_ratio=0.1)
    factors = [lr_factor(step, 100, settings) for step in range(100)]
    assert 0 < factors[0] < factors[5] < factors[9] < 1.0
    assert factors[10] == 1.0
    assert factors[55] == pytest.approx(0.5)
    assert 0 < factors[99] < 0.02


def test_cosine_and_constant() -> None:
    assert lr_factor(50, 100, TrainSettings(lr_schedule="cosine")) == pytest.approx(0.5)
    assert lr_factor(99, 100, TrainSettings(lr_schedule="constant")) == 1.0
    assert lr_factor(0, 1, TrainSettings(warmup_ratio=1.0)) > 0


def test_the_learning_rate_is_the_peak_times_the_factor() -> None:
    settings = TrainSettings(lr_schedule="cosine", learning_rate=0.4)
    optimizer = build_optimizer(nn.Linear(2, 2), settings)
    set_learning_rate(optimizer, 50, 100, settings)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW), ("sgd", torch.optim.SGD)],
)
def test_frozen_parameters_are_left_out(name: str, kind: type) -> None:
    model = nn.Linear(2, 2)
    model.bias.requires_grad = False
    optimizer = build_optimizer(model, TrainSettings(optimizer=name))  # type: ignore[arg-type]
    assert type(optimizer) is kind
    assert len(optimizer.param_groups[0]["params"]) == 1
