import math

import numpy as np
import pytest
import torch

from seqlab.config.train_settings import TrainSettings
from seqlab.errors import RunError
from seqlab.training.divergence import PATIENCE, Divergence

CPU = torch.device("cpu")
ROWS = np.array([7, 3, 40])


def note(divergence: Divergence, step: int, loss: float, norm: float = 1.0) -> None:
    divergence.note(step, ROWS, torch.tensor(loss, dtype=torch.float64), torch.tensor(norm))


@pytest.mark.parametrize(
    ("loss", "norm", "said"),
    [
        (math.nan, 1.0, "the loss of step 2 is nan"),
        (math.inf, 1.0, "the loss of step 2 is inf"),
        (0.7, math.nan, "the gradient of step 2 is nan"),
        (0.7, math.inf, "the gradient of step 2 is inf"),
    ],
)
def test_what_is_no_number_stops_with_its_rows(loss: float, norm: float, said: str) -> None:
    divergence = Divergence(TrainSettings(learning_rate=0.5, max_grad_norm=None), CPU)
    note(divergence, 1, 0.7)
    with pytest.raises(RunError) as found:
        note(divergence, 2, loss, norm)
    assert found.value.cause == said
    assert found.value.location == "step 2, 3 rows of the training split: 3, 7, 40"
    assert "train.learning_rate, now 0.5" in found.value.remedy
    assert "train.max_grad_norm=1" in found.value.remedy


def test_a_loss_that_stays_high_explodes_and_one_row_does_not() -> None:
    divergence = Divergence(TrainSettings(max_loss_ratio=1000.0), CPU)
    note(divergence, 1, 0.5)
    for step in range(2, PATIENCE + 1):
        note(divergence, step, 1001.0)
    note(divergence, PATIENCE + 1, 999.0)
    again = Divergence(TrainSettings(max_loss_ratio=1000.0), CPU)
    again.load_state_dict(divergence.state_dict())
    for step in range(PATIENCE - 1):
        note(again, step, 1e9)
    with pytest.raises(RunError, match=r"explodes: 1e\+09 in step 99, it was 0.5"):
        note(again, 99, 1e9)


def test_large_values_from_the_start_do_not_explode() -> None:
    divergence = Divergence(TrainSettings(), CPU)
    for step in range(50):
        note(divergence, step, 1e6 * (1 + step))


def test_there_may_be_no_limit() -> None:
    divergence = Divergence(TrainSettings(max_loss_ratio=None), CPU)
    for step in range(50):
        note(divergence, step, 0.5 if step == 0 else 1e9)


def test_an_accelerator_is_asked_now_and_then() -> None:
    divergence = Divergence(TrainSettings(), torch.device("meta"))
    note(divergence, 1, 0.5)
    note(divergence, 2, math.nan)
    note(divergence, 3, math.nan)
    with pytest.raises(RunError, match="step 2"):
        divergence.check()
    divergence.check()  # seen, and not kept


def test_weights_are_looked_at() -> None:
    divergence, model = Divergence(TrainSettings(), CPU), torch.nn.Linear(2, 1)
    divergence.check_weights(model, 4)
    with torch.no_grad():
        model.bias.fill_(math.inf)
    with pytest.raises(RunError, match="'bias'"):
        divergence.check_weights(model, 4)
