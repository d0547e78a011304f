"""How often a training split is read."""

from __future__ import annotations

import pytest

from seqlab.config.train_settings import TrainSettings


@pytest.mark.parametrize(
    ("steps", "passes"),
    [(1, 20), (37, 20), (38, 20), (39, 20), (40, 19), (109, 7), (250, 3), (10_000, 3)],
)
def test_few_rows_are_read_more_often(steps: int, passes: int) -> None:
    """Until there are 750 steps, but 3 to 20 times."""
    assert TrainSettings(epochs=None, min_steps=750).passes(steps) == passes


def test_a_number_of_epochs_is_kept() -> None:
    """Whatever the training split's size."""
    assert TrainSettings(epochs=1).passes(1) == 1
