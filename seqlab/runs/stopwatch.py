"""Seconds of each stage of a run."""

from __future__ import annotations

import time


class Stopwatch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._begun = self._last = time.monotonic()
        self._laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """The stage that ends now."""
        now = time.monotonic()
        self._laps[stage] = now - self._last
        self._last = now

    def seconds(self) -> dict[str, float]:
        """Each stage's seconds, and all until now."""
        total = time.monotonic() - self._begun
        return {stage: round(lap, 3) for stage, lap in {**self._laps, "total": total}.items()}
