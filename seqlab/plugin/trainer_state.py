"""The state of a training run, which life-cycle hooks receive."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from seqlab.config.run_config import RunConfig
from seqlab.types import JsonObject


@dataclass
class TrainerState:
    """The state of a training run, which is the argument `run` of every life-cycle hook.

    Args:
        folder: The folder of the run. It exists when the first hook is called.
        config: The complete configuration.
        facts: Entries of the result that are known before training, for example `device`,
            `parameters` and the number of rows per split in `data`.
        steps_per_epoch: Optimizer steps per epoch.
        total_epochs: Epochs of the whole run, unless it stops early.
        total_steps: Optimizer steps of the whole run, unless it stops early.
        step: Optimizer steps so far.
        epoch: Finished epochs.
        resumed_from: The step of the checkpoint from which the run was resumed; None for a run
            that was not resumed.
        record: The last finished epoch, with the keys `epoch`, `step`, `train_loss` (the mean loss
            per target), `validation` (metric name → value) and, if rows are shown, `shown`. It is
            empty before the end of the first epoch.
        records: The records of all finished epochs, also of those before the run was resumed.
        shown: The current predictions of the validation rows that `evaluate.show` selects.
        result: The result of the run, once it has ended.
        stopping: Why the run stops early; empty if it does not.
    """

    folder: Path
    config: RunConfig
    facts: JsonObject = field(default_factory=dict)
    steps_per_epoch: int = 0
    total_epochs: int = 0
    total_steps: int = 0
    step: int = 0
    epoch: int = 0
    resumed_from: int | None = None
    record: JsonObject = field(default_factory=dict)
    records: list[JsonObject] = field(default_factory=list)
    shown: list[JsonObject] = field(default_factory=list)
    result: JsonObject = field(default_factory=dict)
    stopping: str = ""

    def stop(self, reason: str) -> None:
        """End the training after this step and finish the run as usual.

        Args:
            reason: Why, for the result of the run.
        """
        self.stopping = reason
