"""The number of epochs that follows from the options."""

from __future__ import annotations

import pytest

from seqlab.config.train_settings import TrainSettings


@pytest.mark.parametrize(
    ("steps", "epochs"),
    [(1, 20), (37, 20), (38, 20), (39, 20), (40, 19), (109, 7), (250, 3), (10_000, 3)],
)
def test_a_small_training_split_is_read_more_often(steps: int, epochs: int) -> None:
    """Until there are 750 steps, but 3 to 20 times."""
    assert TrainSettings(epochs=None, min_steps=750).passes(steps) == epochs


def test_a_given_number_of_epochs_does_not_depend_on_the_steps() -> None:
    assert TrainSettings(epochs=1).passes(1) == 1
