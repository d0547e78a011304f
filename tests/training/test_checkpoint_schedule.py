"""When a checkpoint is due."""

from __future__ import annotations

import time

import pytest

from seqlab.config.train_settings import TrainSettings
from seqlab.training.checkpoint_schedule import CheckpointSchedule


class Clock:
    """A clock that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


def test_slow_checkpoints_are_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    schedule = CheckpointSchedule(TrainSettings(save_seconds=60.0))
    clock.now = 59.0
    assert not schedule.due(1)
    clock.now = 60.0
    assert schedule.due(1)
    with schedule.saving():
        clock.now += 3.0
    clock.now += 149.0
    assert not schedule.due(2) and not schedule.due_after_epoch(2, last=False)
    assert schedule.due_after_epoch(2, last=True)
    clock.now += 1.0
    assert schedule.due(2)


def test_save_steps_are_saved_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both within an epoch and at its end."""
    Clock(monkeypatch)
    schedule = CheckpointSchedule(TrainSettings(save_steps=4))
    assert [schedule.due(step) for step in (3, 4, 5)] == [False, True, False]
    assert schedule.due_after_epoch(8, last=False) and not schedule.due_after_epoch(9, last=False)
