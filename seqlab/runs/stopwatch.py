"""The duration of each stage of a run."""

from __future__ import annotations

import time


class Stopwatch:
    """Measures the stages of a run. It starts when it is created."""

    def __init__(self) -> None:
        self._begun = self._last = time.monotonic()
        self._laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """End a stage, and start the next one.

        Args:
            stage: Name of the stage that ends.
        """
        now = time.monotonic()
        self._laps[stage] = now - self._last
        self._last = now

    def seconds(self) -> dict[str, float]:
        """Seconds of each stage, and in total until now."""
        total = time.monotonic() - self._begun
        return {stage: round(lap, 3) for stage, lap in {**self._laps, "total": total}.items()}
