"""Detect a loss or a gradient that is not finite, and a loss that keeps growing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from seqlab.config.train_settings import TrainSettings
from seqlab.errors import RunError, listed_numbers
from seqlab.types import Integers, JsonObject

CHECK_INTERVAL = 32
"""Steps between two checks on an accelerator, since reading its numbers waits for its queue."""

PATIENCE = 10
"""Consecutive steps in which the loss has to exceed its limit: a single outlier is tolerated."""

MAX_LISTED_ROWS = 8
"""Rows that a message lists."""


class DivergenceError(RunError):
    """Training diverged in a known step.

    Args:
        cause: What is wrong.
        step: The step in which it happened.
        rows: The rows of the training split in this step.
        remedy: What to do about it.
    """

    def __init__(self, cause: str, *, step: int, rows: Integers, remedy: str) -> None:
        super().__init__(cause, remedy=remedy)
        self.step, self.rows = step, rows
        self.locate("the training split", rows.tolist())

    def locate(self, origin: str, numbers: Sequence[int]) -> None:
        """Replace the row numbers in the message by those in the file that the rows are from.

        Args:
            origin: The name of the file, or of another source.
            numbers: The number of each row there.
        """
        rows = listed_numbers(sorted(numbers)[:MAX_LISTED_ROWS], len(numbers))
        self.location = f"step {self.step}, {len(numbers)} rows of {origin}: {rows}"


@dataclass(frozen=True)
class _Step:
    number: int
    rows: Integers
    values: Tensor  # (2,) mean loss and gradient norm


class Divergence:
    """Checks the loss, the gradient and the weights during training.

    Args:
        settings: Training has diverged if the loss exceeds `max_loss_ratio` times the loss of the
            first step, or times 1 if that is larger, in `PATIENCE` consecutive steps.
        device: The device of the model.
    """

    def __init__(self, settings: TrainSettings, device: torch.device) -> None:
        self.settings, self.first_loss, self.steps_above_limit = settings, math.nan, 0
        self._interval = 1 if device.type == "cpu" else CHECK_INTERVAL
        self._unchecked: list[_Step] = []

    def record(self, step: int, rows: Integers, loss: Tensor, norm: Tensor) -> None:
        """Record a step. Its numbers are checked now, or a few steps later on an accelerator.

        Args:
            step: The number of the step, from 1.
            rows: (B,) the rows of the training split in this step.
            loss: The mean of its losses.
            norm: The norm of its gradient.

        Raises:
            DivergenceError: Training has diverged.
        """
        self._unchecked.append(_Step(step, rows, torch.stack((loss, norm.to(loss.dtype)))))
        if len(self._unchecked) >= self._interval:
            self.check()

    def check(self) -> None:
        """Check all recorded steps.

        Raises:
            DivergenceError: Training has diverged.
        """
        if not self._unchecked:
            return
        steps, self._unchecked = self._unchecked, []
        values = torch.stack([step.values for step in steps]).tolist()
        for step, (loss, norm) in zip(steps, values, strict=True):
            if not math.isfinite(loss):
                raise self._error(f"the loss of step {step.number} is {loss}", step)
            if not math.isfinite(norm):
                raise self._error(f"the gradient of step {step.number} is {norm}", step)
            self._check_ratio(loss, step)

    def _check_ratio(self, loss: float, step: _Step) -> None:
        if math.isnan(self.first_loss):
            self.first_loss = loss
        ratio = self.settings.max_loss_ratio
        if ratio is None:
            return
        is_above = loss > ratio * max(self.first_loss, 1.0)
        self.steps_above_limit = self.steps_above_limit + 1 if is_above else 0
        if self.steps_above_limit >= PATIENCE:
            raise self._error(
                f"the loss has grown to {loss:.4g} in step {step.number}, from "
                f"{self.first_loss:.4g} in the first step (train.max_loss_ratio is {ratio:g})",
                step,
            )

    def check_weights(self, model: nn.Module, step: int) -> None:
        """Check that all parameters are finite, whatever the loss is.

        Raises:
            RunError: A parameter has a value that is infinite or not a number.
        """
        for name, tensor in model.named_parameters():
            if not tensor.isfinite().all():
                raise RunError(
                    f"the parameter '{name}' has values that are infinite or not a number",
                    location=f"step {step}",
                    remedy=self._remedy(),
                )

    def _error(self, cause: str, step: _Step) -> DivergenceError:
        rows = np.unique(step.rows)
        return DivergenceError(cause, step=step.number, rows=rows, remedy=self._remedy())

    def _remedy(self) -> str:
        norm = self.settings.max_grad_norm
        clip = "set train.max_grad_norm=1"
        if norm is not None:
            clip = f"train.max_grad_norm, now {norm:g}"
        return (
            f"lower train.learning_rate, now {self.settings.learning_rate:g}, or {clip}; look at "
            "these rows for values out of range; --accept-changes resumes with other options"
        )

    def state_dict(self) -> JsonObject:
        """The state for a checkpoint, once all recorded steps are checked."""
        first_loss = None if math.isnan(self.first_loss) else self.first_loss
        return {"first_loss": first_loss, "steps_above_limit": self.steps_above_limit}

    def load_state_dict(self, state: JsonObject) -> None:
        """Restore the state that `state_dict` returned."""
        first_loss = state["first_loss"]
        self.first_loss = math.nan if first_loss is None else first_loss
        self.steps_above_limit = state["steps_above_limit"]
