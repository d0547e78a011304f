"""When to write a checkpoint."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from seqlab.config.train_settings import TrainSettings

MIN_SECONDS = 1.0
"""No checkpoint is written at the end of an epoch if the last one is younger than this: writing it
would take longer than the epoch, and a resumed run repeats the same steps."""

MIN_RATIO = 50
"""Training continues for at least this many times as long as the last checkpoint took to write.
Saving thus takes less than 2 % of the time, even with a large model or a slow disk."""


class CheckpointSchedule:
    """Measures the time since the last checkpoint.

    Args:
        settings: Its `save_steps` and `save_seconds` are used.
    """

    def __init__(self, settings: TrainSettings) -> None:
        self.settings = settings
        self._last_saved, self._duration = time.monotonic(), 0.0

    def due(self, step: int) -> bool:
        """Whether to save after this step."""
        return self._is_save_step(step) or self._is_overdue(self.settings.save_seconds)

    def due_after_epoch(self, step: int, *, last: bool) -> bool:
        """Whether to save after an epoch that ends with this step.

        Args:
            step: The number of steps so far.
            last: Whether this is the last epoch; its checkpoint is written however long it takes.
        """
        return self._is_save_step(step) or self._is_overdue(MIN_SECONDS, limit_share=not last)

    @contextlib.contextmanager
    def saving(self) -> Iterator[None]:
        """Measure how long the checkpoint that is written in this context takes."""
        start = time.monotonic()
        yield
        self._last_saved = time.monotonic()
        self._duration = self._last_saved - start

    def _is_save_step(self, step: int) -> bool:
        interval = self.settings.save_steps
        return interval is not None and step % interval == 0

    def _is_overdue(self, seconds: float, *, limit_share: bool = True) -> bool:
        min_seconds = MIN_RATIO * self._duration if limit_share else 0.0
        return time.monotonic() - self._last_saved >= max(seconds, min_seconds)
