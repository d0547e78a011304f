"""A loss or a gradient that is no number any more, and a loss that explodes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seqlab.config.train_settings import TrainSettings
from seqlab.errors import RunError

BLOCK = 32
"""Steps after which an accelerator is asked for its numbers: each time it has to be waited for."""

PATIENCE = 10
"""Steps in a row above the limit: one row out of order is no max_loss_ratio."""

SHOWN = 8
"""Rows that a message names."""


class DivergenceError(RunError):
    """Training diverged in a step that is known.

    Args:
        cause: What is wrong.
        step: In which step.
        rows: The rows of the training split that it was made from.
        remedy: What to do about it.
    """

    def __init__(self, cause: str, *, step: int, rows: NDArray[np.int64], remedy: str) -> None:
        super().__init__(cause, remedy=remedy)
        self.step, self.rows = step, rows
        self.locate("the training split", rows.tolist())

    def locate(self, origin: str, numbers: Sequence[int]) -> None:
        """Name the rows by the numbers that they have where they were read.

        Args:
            origin: A file, or whatever they are from.
            numbers: One a row.
        """
        listed = ", ".join(map(str, sorted(numbers)[:SHOWN])) + ", …" * (len(numbers) > SHOWN)
        self.location = f"step {self.step}, {len(numbers)} rows of {origin}: {listed}"


@dataclass(frozen=True)
class _Noted:
    step: int
    rows: NDArray[np.int64]
    numbers: Tensor  # (2,) mean loss, norm of the gradient


class Divergence:
    """Watches a training.

    Args:
        settings: `max_loss_ratio` is how many times the loss of the first step, or 1 where that is
            less, each of `PATIENCE` steps has to exceed.
        place: The device.
    """

    def __init__(self, settings: TrainSettings, place: torch.device) -> None:
        self.settings, self.first, self.above = settings, math.nan, 0
        self._block = 1 if place.type == "cpu" else BLOCK
        self._noted: list[_Noted] = []

    def note(self, step: int, rows: NDArray[np.int64], loss: Tensor, norm: Tensor) -> None:
        """A step was made; what it shows is looked at now or some steps later.

        Args:
            step: Its number, from 1.
            rows: (B,) the rows of the training split that it was made from.
            loss: The mean of its losses.
            norm: Of its gradient.

        Raises:
            DivergenceError: Training has.
        """
        self._noted.append(_Noted(step, rows, torch.stack((loss, norm.to(loss.dtype)))))
        if len(self._noted) >= self._block:
            self.check()

    def check(self) -> None:
        """Look at all that was noted.

        Raises:
            DivergenceError: Training has.
        """
        if not self._noted:
            return
        noted, self._noted = self._noted, []
        numbers = torch.stack([each.numbers for each in noted]).tolist()
        for each, (loss, norm) in zip(noted, numbers, strict=True):
            if not math.isfinite(loss):
                raise self._diverged(f"the loss of step {each.step} is {loss}", each)
            if not math.isfinite(norm):
                raise self._diverged(f"the gradient of step {each.step} is {norm}", each)
            self._compare(loss, each)

    def _compare(self, loss: float, each: _Noted) -> None:
        if math.isnan(self.first):
            self.first = loss
        limit = self.settings.max_loss_ratio
        if limit is None:
            return
        self.above = self.above + 1 if loss > limit * max(self.first, 1.0) else 0
        if self.above >= PATIENCE:
            begun = f"it was {self.first:.4g} in the first one"
            raise self._diverged(
                f"the loss explodes: {loss:.4g} in step {each.step}, {begun}", each
            )

    def check_weights(self, model: nn.Module, step: int) -> None:
        """Refuse weights that are no numbers, whatever the loss.

        Raises:
            RunError: A weight is infinite or not a number.
        """
        for name, tensor in model.named_parameters():
            if not tensor.isfinite().all():
                raise RunError(
                    f"the weights '{name}' are no numbers any more",
                    location=f"step {step}",
                    remedy=self._remedy(),
                )

    def _diverged(self, cause: str, each: _Noted) -> DivergenceError:
        return DivergenceError(
            cause, step=each.step, rows=np.unique(each.rows), remedy=self._remedy()
        )

    def _remedy(self) -> str:
        clip = self.settings.max_grad_norm
        lower = (
            "set train.max_grad_norm=1" if clip is None else f"train.max_grad_norm, now {clip:g}"
        )
        rate = f"lower train.learning_rate, now {self.settings.learning_rate:g}"
        rows = "look at these rows for values out of range"
        return f"{rate}, or {lower}; {rows}; --accept-changes goes on with other options"

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds of it, after a `check`."""
        return {"first": None if math.isnan(self.first) else self.first, "above": self.above}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """As it was when `state_dict` was taken."""
        self.first = math.nan if state["first"] is None else state["first"]
        self.above = state["above"]
