"""The weights of the best epoch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import nn


class Best:
    """Remembers the epoch with the best validation, and keeps its weights in a file.

    Of equal epochs the one with the lower loss is better: on few rows a share often repeats.

    Args:
        file: Where the weights are kept; written beside and renamed.
        monitor: The metric that decides; where it is missing, the last epoch is the best.
        higher: Whether more is better.
        writes: Whether this process writes the file.
    """

    def __init__(self, file: Path, monitor: str, *, higher: bool, writes: bool = True) -> None:
        self.file, self.monitor, self.higher, self.writes = file, monitor, higher, writes
        self.epoch, self.waited = 0, 0
        self.value: list[float] | None = None

    def consider(self, epoch: int, metrics: Mapping[str, float], model: nn.Module) -> None:
        """Take an epoch's weights if it is the best so far."""
        value = self._rank(metrics)
        if value is not None and self.value is not None and value <= self.value:
            self.waited += 1
            return
        self.epoch, self.value, self.waited = epoch, value, 0
        if self.writes:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            beside = self.file.with_name(f".writing-{self.file.name}")
            save_file(
                {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}, beside
            )
            beside.replace(self.file)

    def _rank(self, metrics: Mapping[str, float]) -> list[float] | None:
        if self.monitor not in metrics:
            return None
        value = metrics[self.monitor]
        return [value if self.higher else -value, -metrics.get("loss", 0.0)]

    def restore(self, model: nn.Module) -> None:
        """Put the best epoch's weights into the model."""
        model.load_state_dict(load_file(self.file))

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds of it."""
        return {"epoch": self.epoch, "waited": self.waited, "value": self.value}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """As it was when `state_dict` was taken."""
        self.epoch, self.waited, self.value = state["epoch"], state["waited"], state["value"]
