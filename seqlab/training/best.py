"""The weights of the best epoch."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from seqlab.errors import unknown
from seqlab.metrics.metric import Metric
from seqlab.nn.weights import load_weights_into, weights_of
from seqlab.task import Fitted
from seqlab.types import JsonObject


class Best:
    """Remembers the epoch with the best validation metric, and the weights of that epoch.

    If two epochs have the same value, the one with the lower loss is better: with few validation
    rows, values such as an accuracy are often equal.

    Args:
        monitor: The metric to compare. If the validation metrics lack it, the last epoch is the
            best.
        higher_is_better: Whether a higher value is better.
    """

    def __init__(self, monitor: str, *, higher_is_better: bool) -> None:
        self.monitor, self.higher_is_better = monitor, higher_is_better
        self.epoch, self.epochs_without_improvement = 0, 0
        self.score: list[float] | None = None
        self.weights: dict[str, Tensor] = {}

    def update(self, epoch: int, metrics: Mapping[str, float], model: nn.Module) -> None:
        """Copy the model's weights if this epoch is the best so far."""
        score = self._score(metrics)
        if score is not None and self.score is not None and score <= self.score:
            self.epochs_without_improvement += 1
            return
        self.epoch, self.score, self.epochs_without_improvement = epoch, score, 0
        self.weights = {
            name: tensor.detach().to("cpu", copy=True) for name, tensor in weights_of(model).items()
        }

    def _score(self, metrics: Mapping[str, float]) -> list[float] | None:
        """The monitored value and the loss, both as higher-is-better numbers."""
        if self.monitor not in metrics:
            return None
        value = metrics[self.monitor]
        return [value if self.higher_is_better else -value, -metrics.get("loss", 0.0)]

    def restore(self, model: nn.Module) -> None:
        """Load the weights of the best epoch into the model."""
        load_weights_into(model, self.weights)

    def state_dict(self) -> JsonObject:
        """The state for a checkpoint, without the weights."""
        return {
            "epoch": self.epoch,
            "epochs_without_improvement": self.epochs_without_improvement,
            "score": self.score,
        }

    def load_state_dict(self, state: JsonObject, weights: Mapping[str, Tensor]) -> None:
        """Restore the state that `state_dict` returned, and the weights."""
        self.epoch, self.score = state["epoch"], state["score"]
        self.epochs_without_improvement = state["epochs_without_improvement"]
        self.weights = dict(weights)


def monitored(fitted: Fitted, name: str | None) -> Metric:
    """The metric that decides which epoch is best.

    Args:
        fitted: Has the metrics of the task.
        name: The name in `train.monitor`; None for the task's default.

    Raises:
        UserError: The task has no metric of this name.
    """
    metrics = {metric.name: metric for metric in fitted.metrics}
    if name is not None and name not in metrics:
        hint = f"this task has: {', '.join(metrics)}"
        raise unknown("metric", name, metrics, location="train.monitor", hint=hint)
    return metrics.get(name or fitted.monitor, fitted.metrics[0])
