import math

import numpy as np
import pytest
import torch

from seqlab.config.train_settings import TrainSettings
from seqlab.errors import RunError
from seqlab.training.divergence import PATIENCE, Divergence

CPU = torch.device("cpu")
ROWS = np.array([7, 3, 40])


def record(divergence: Divergence, step: int, loss: float, norm: float = 1.0) -> None:
    divergence.record(step, ROWS, torch.tensor(loss, dtype=torch.float64), torch.tensor(norm))


@pytest.mark.parametrize(
    ("loss", "norm", "cause"),
    [
        (math.nan, 1.0, "the loss of step 2 is nan"),
        (math.inf, 1.0, "the loss of step 2 is inf"),
        (0.7, math.nan, "the gradient of step 2 is nan"),
        (0.7, math.inf, "the gradient of step 2 is inf"),
    ],
)
def test_a_loss_or_gradient_that_is_not_finite_names_its_rows(
    loss: float, norm: float, cause: str
) -> None:
    divergence = Divergence(TrainSettings(learning_rate=0.5, max_grad_norm=None), CPU)
    record(divergence, 1, 0.7)
    with pytest.raises(RunError) as caught:
        record(divergence, 2, loss, norm)
    assert caught.value.cause == cause
    assert caught.value.location == "step 2, 3 rows of the training split: 3, 7, 40"
    assert "train.learning_rate, now 0.5" in caught.value.remedy
    assert "train.max_grad_norm=1" in caught.value.remedy


def test_a_loss_that_stays_high_is_an_error_and_an_outlier_is_not() -> None:
    divergence = Divergence(TrainSettings(max_loss_ratio=1000.0), CPU)
    record(divergence, 1, 0.5)
    for step in range(2, PATIENCE + 1):
        record(divergence, step, 1001.0)
    record(divergence, PATIENCE + 1, 999.0)
    restored = Divergence(TrainSettings(max_loss_ratio=1000.0), CPU)
    restored.load_state_dict(divergence.state_dict())
    for step in range(PATIENCE - 1):
        record(restored, step, 1e9)
    with pytest.raises(RunError, match=r"1e\+09 in step 99, from 0.5 in the first step"):
        record(restored, 99, 1e9)


def test_the_loss_may_be_large_from_the_start() -> None:
    divergence = Divergence(TrainSettings(), CPU)
    for step in range(50):
        record(divergence, step, 1e6 * (1 + step))


def test_the_check_of_the_loss_can_be_turned_off() -> None:
    divergence = Divergence(TrainSettings(max_loss_ratio=None), CPU)
    for step in range(50):
        record(divergence, step, 0.5 if step == 0 else 1e9)


def test_the_numbers_of_an_accelerator_are_read_together() -> None:
    divergence = Divergence(TrainSettings(), torch.device("meta"))
    record(divergence, 1, 0.5)
    record(divergence, 2, math.nan)
    record(divergence, 3, math.nan)
    with pytest.raises(RunError, match="step 2"):
        divergence.check()
    divergence.check()  # checked steps are dropped


def test_weights_that_are_not_finite_are_an_error() -> None:
    divergence, model = Divergence(TrainSettings(), CPU), torch.nn.Linear(2, 1)
    divergence.check_weights(model, 4)
    with torch.no_grad():
        model.bias.fill_(math.inf)
    with pytest.raises(RunError, match="'bias'"):
        divergence.check_weights(model, 4)
