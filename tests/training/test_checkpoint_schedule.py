"""When a checkpoint is due."""

from __future__ import annotations

import time

import pytest

from seqlab.config.train_settings import TrainSettings
from seqlab.training.checkpoint_schedule import CheckpointSchedule


class Clock:
    """A clock that a test moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


def test_saving_is_rare_where_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    found = CheckpointSchedule(TrainSettings(save_seconds=60.0))
    clock.now = 59.0
    assert not found.due(1)
    clock.now = 60.0
    assert found.due(1)
    with found.saving():
        clock.now += 3.0
    clock.now += 149.0
    assert not found.due(2) and not found.due_after_epoch(2, last=False)
    assert found.due_after_epoch(2, last=True)
    clock.now += 1.0
    assert found.due(2)


def test_a_step_that_is_asked_for_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within an epoch and at its end, however short the time."""
    Clock(monkeypatch)
    found = CheckpointSchedule(TrainSettings(save_steps=4))
    assert [found.due(step) for step in (3, 4, 5)] == [False, True, False]
    assert found.due_after_epoch(8, last=False) and not found.due_after_epoch(9, last=False)
