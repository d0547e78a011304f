"""The one object that life-cycle hooks see."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqlab.config.run_config import RunConfig


@dataclass
class TrainerState:
    """A training under way.

    Args:
        folder: Where its files are; it exists from the start of training on.
        config: Complete and resolved.
        facts: What is known before the first step: device, parameters, rows a part.
        steps_per_epoch: Optimiser steps of an epoch.
        total_epochs: Epochs in all, if nothing stops it.
        total_steps: Optimiser steps in all, if nothing stops it.
        step: Optimiser steps made.
        epoch: Epochs finished.
        resumed_from: The step of the checkpoint that it goes on from.
        record: Numbers of the last finished epoch: epoch, step, train_loss, metrics.
        records: Those of all finished epochs.
        shown: Predictions of a few validation rows by the weights as they are now, where
            `evaluate.show` asks for them.
        result: What was found, once the run has ended.
        stopping: Why it stops early; empty while it goes on.
    """

    folder: Path
    config: RunConfig
    facts: dict[str, Any] = field(default_factory=dict)
    steps_per_epoch: int = 0
    total_epochs: int = 0
    total_steps: int = 0
    step: int = 0
    epoch: int = 0
    resumed_from: int | None = None
    record: dict[str, Any] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    stopping: str = ""

    def stop(self, reason: str) -> None:
        """End the run after this step, as if it were complete."""
        self.stopping = reason
