"""Losses, one per target; nothing is averaged over targets here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from seqlab.spec import UNSEEN


class Criterion(nn.Module, ABC):
    """(outputs, targets) → one loss per target."""

    @abstractmethod
    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Compute the losses.

        Args:
            outputs: (N, …) outputs of a head.
            targets: (N,) class ids or (N, …) values.

        Returns:
            (N,)
        """


class CrossEntropy(Criterion):
    """−log p(target), in nats.

    Targets that do not occur in the training split (`UNSEEN`) have a loss of 0; metrics count
    them as wrong.

    Args:
        class_weights: (O,) one factor per class, used in training, see `balanced_weights`; None
            weighs all classes by 1.
        label_smoothing: Fraction of the probability that training spreads over all classes.
    """

    class_weights: Tensor | None

    def __init__(
        self, class_weights: Tensor | None = None, *, label_smoothing: float = 0.0
    ) -> None:
        super().__init__()
        self.register_buffer("class_weights", class_weights, persistent=False)
        self.label_smoothing = label_smoothing

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """(N, O) logits and (N,) class ids → (N,)."""
        return F.cross_entropy(
            logits.float(),
            targets,
            weight=self.class_weights if self.training else None,
            label_smoothing=self.label_smoothing if self.training else 0.0,
            ignore_index=UNSEEN,
            reduction="none",
        )


def balanced_weights(counts: Sequence[int]) -> Tensor:
    """(O,) factors that give all classes the same total weight and targets an average of 1.

    Args:
        counts: Number of occurrences of each class, at least 1.
    """
    frequencies = torch.tensor(counts, dtype=torch.float32)  # (O,)
    return frequencies.sum() / (len(frequencies) * frequencies)


class SquaredError(Criterion):
    """Squared error, averaged over the values of a target."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(N, …) outputs and targets → (N,)."""
        return _mean_per_target(_difference(outputs, targets).square())


class AbsoluteError(Criterion):
    """Absolute error, averaged over the values of a target."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(N, …) outputs and targets → (N,)."""
        return _mean_per_target(_difference(outputs, targets).abs())


class HuberError(Criterion):
    """Huber loss with δ = 1 (Huber 1964), averaged over the values of a target.

    Half the squared error where the absolute error is below 1, linear beyond.
    """

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(N, …) outputs and targets → (N,)."""
        distance = _difference(outputs, targets).abs()
        return _mean_per_target(torch.where(distance < 1, distance.square() / 2, distance - 0.5))


def _difference(outputs: Tensor, targets: Tensor) -> Tensor:
    # without view_as, (N,) targets and (N, 1) outputs would broadcast to (N, N)
    return outputs.float() - targets.float().view_as(outputs)


def _mean_per_target(errors: Tensor) -> Tensor:
    return torch.flatten(errors, 1).mean(1) if errors.dim() > 1 else errors
