"""The weights of the best epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from seqlab.errors import unknown
from seqlab.metrics.metrics import Metric
from seqlab.task import Fitted


class Best:
    """Remembers the epoch with the best validation, and its weights.

    Of equal epochs the one with the lower loss is better: on few rows a share often repeats.

    Args:
        monitor: The metric that decides; where it is missing, the last epoch is the best.
        higher: Whether more is better.
    """

    def __init__(self, monitor: str, *, higher: bool) -> None:
        self.monitor, self.higher = monitor, higher
        self.epoch, self.waited = 0, 0
        self.value: list[float] | None = None
        self.weights: dict[str, Tensor] = {}

    def consider(self, epoch: int, metrics: Mapping[str, float], model: nn.Module) -> None:
        """Take an epoch's weights if it is the best so far."""
        value = self._rank(metrics)
        if value is not None and self.value is not None and value <= self.value:
            self.waited += 1
            return
        self.epoch, self.value, self.waited = epoch, value, 0
        self.weights = {k: v.detach().to("cpu", copy=True) for k, v in model.state_dict().items()}

    def _rank(self, metrics: Mapping[str, float]) -> list[float] | None:
        if self.monitor not in metrics:
            return None
        value = metrics[self.monitor]
        return [value if self.higher else -value, -metrics.get("loss", 0.0)]

    def restore(self, model: nn.Module) -> None:
        """Put the best epoch's weights into the model."""
        model.load_state_dict(self.weights)

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds of it, beside the weights."""
        return {"epoch": self.epoch, "waited": self.waited, "value": self.value}

    def load_state_dict(self, state: Mapping[str, Any], weights: Mapping[str, Tensor]) -> None:
        """As it was when `state_dict` was taken."""
        self.epoch, self.waited, self.value = state["epoch"], state["waited"], state["value"]
        self.weights = dict(weights)


def monitored(fitted: Fitted, asked: str | None) -> Metric:
    """The metric that decides which epoch is best: the one asked for, or the task's own.

    Raises:
        UserError: The task has no such metric.
    """
    known = {metric.name: metric for metric in fitted.metrics}
    if asked is not None and asked not in known:
        listed = f"this task has: {', '.join(known)}"
        raise unknown("metric", asked, known, location="train.monitor", hint=listed)
    return known.get(asked or fitted.monitor, fitted.metrics[0])
