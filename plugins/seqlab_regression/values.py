"""What all kinds of regression have in common: metrics in the user's units, losses, JSON."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from seqlab import (
    R2,
    Fitted,
    Loss,
    MeanAbsoluteError,
    RootMeanSquaredError,
    Scaler,
    Tokenizer,
)
from seqlab.nn import AbsoluteError, Criterion, HuberError, SquaredError

LossKind = Literal["squared", "absolute", "huber"]


class FittedValues(Fitted):
    """Knows the units of the targets; the model sees values of mean 0 and deviation 1.

    Args:
        targets: The units.
        loss: What is minimised, in the model's units.
    """

    kind: ClassVar[str]
    """What `to_json` calls it."""

    def __init__(self, targets: Scaler, loss: LossKind) -> None:
        self.targets, self.loss = targets, loss
        units = targets.std
        self.metrics = (MeanAbsoluteError(units), RootMeanSquaredError(units), R2(), Loss())

    def criterion(self) -> Criterion:
        """The loss that was chosen."""
        kinds: dict[str, type[SquaredError | AbsoluteError | HuberError]]
        kinds = {"squared": SquaredError, "absolute": AbsoluteError, "huber": HuberError}
        return kinds[self.loss]()

    @classmethod
    def from_json(
        cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]
    ) -> FittedValues:
        """As `to_json` of one of the kinds described it."""
        kinds = {kind.kind: kind for kind in FittedValues.__subclasses__()}
        return kinds[state["kind"]].restore(state, tokenizers)

    @classmethod
    @abstractmethod
    def restore(cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]) -> FittedValues:
        """As `to_json` of this kind described it."""
