"""What all kinds of regression share: losses, metrics in the user's units, and serialization."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeAlias

from seqlab import (
    R2,
    Fitted,
    Loss,
    MeanAbsoluteError,
    Metric,
    RootMeanSquaredError,
    Scaler,
    Tokenizer,
)
from seqlab.nn import AbsoluteError, Criterion, HuberError, SquaredError

Per: TypeAlias = Literal["sequence", "step"]
LossKind: TypeAlias = Literal["squared", "absolute", "huber"]


class FittedValues(Fitted):
    """A regression task after it has seen the training split.

    A model reads and predicts standardized values, with mean 0 and standard deviation 1.

    Args:
        targets: Scaler of the targets.
        loss: The loss to minimise, in the model's units.
        metrics: The metrics of this kind of regression, besides those of all kinds.
    """

    kind: ClassVar[str]
    """Name of the kind of regression in the result of `to_json`."""

    def __init__(self, targets: Scaler, loss: LossKind, metrics: Sequence[Metric] = ()) -> None:
        self.targets, self.loss = targets, loss
        units = targets.std
        general = (MeanAbsoluteError(units), RootMeanSquaredError(units), R2())
        self.metrics = (*general, *metrics, Loss())

    def criterion(self) -> Criterion:
        """The chosen loss."""
        if self.loss == "absolute":
            return AbsoluteError()
        return HuberError() if self.loss == "huber" else SquaredError()

    @classmethod
    def from_json(
        cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]
    ) -> FittedValues:
        """Restore a fitted task of any kind from the result of `to_json`."""
        kinds = {kind.kind: kind for kind in FittedValues.__subclasses__()}
        return kinds[state["kind"]].restore(state, tokenizers)

    @classmethod
    @abstractmethod
    def restore(cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]) -> FittedValues:
        """Restore a fitted task of this kind from the result of `to_json`."""
