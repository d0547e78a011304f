"""When a checkpoint is due."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from seqlab.config.train_settings import TrainSettings

SHORT_SECONDS = 1.0
"""Since the last checkpoint, within which an epoch's end writes none: it would take longer than the
epoch, and a resumed run makes the same steps again."""

RARE = 50
"""How many times longer than saving took training goes on before the next checkpoint: saving takes
less than 2 % of the time, however large the model and slow the disk."""


class CheckpointSchedule:
    """Keeps the time between checkpoints.

    Args:
        settings: `save_steps` and `save_seconds`.
    """

    def __init__(self, settings: TrainSettings) -> None:
        self.settings = settings
        self._saved_at, self._took = time.monotonic(), 0.0

    def due(self, step: int) -> bool:
        """Whether to save after a step."""
        return self._asked_for(step) or self._unsaved_for(self.settings.save_seconds)

    def due_after_epoch(self, step: int, *, last: bool) -> bool:
        """Whether to save after an epoch, the last one or another."""
        return self._asked_for(step) or self._unsaved_for(SHORT_SECONDS, rarely=not last)

    @contextlib.contextmanager
    def saving(self) -> Iterator[None]:
        """Inside, a checkpoint is written."""
        begun = time.monotonic()
        yield
        self._saved_at = time.monotonic()
        self._took = self._saved_at - begun

    def _asked_for(self, step: int) -> bool:
        every = self.settings.save_steps
        return every is not None and step % every == 0

    def _unsaved_for(self, seconds: float, *, rarely: bool = True) -> bool:
        least = RARE * self._took if rarely else 0.0
        return time.monotonic() - self._saved_at >= max(seconds, least)
