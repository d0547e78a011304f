"""One loss for each target; nothing is averaged here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from seqlab.spec import UNSEEN


class Criterion(nn.Module, ABC):
    """(outputs, targets) → one loss a target."""

    @abstractmethod
    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The losses.

        Args:
            outputs: (N, …) as a head gives them.
            targets: (N,) classes or (N, …) values.

        Returns:
            (N,)
        """


class CrossEntropy(Criterion):
    """−log p(target), in nats.

    Targets that training never had (`UNSEEN`) cost nothing; metrics count them wrong.

    Args:
        class_weights: One factor a class in training, see `balanced_weights`; None for 1.
        label_smoothing: Share of probability spread over all classes in training.
    """

    class_weights: Tensor | None

    def __init__(
        self, class_weights: Tensor | None = None, *, label_smoothing: float = 0.0
    ) -> None:
        super().__init__()
        self.register_buffer("class_weights", class_weights, persistent=False)
        self.label_smoothing = label_smoothing

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(N, O) outputs and (N,) classes → (N,)."""
        return F.cross_entropy(
            outputs.float(),
            targets,
            weight=self.class_weights if self.training else None,
            label_smoothing=self.label_smoothing if self.training else 0.0,
            ignore_index=UNSEEN,
            reduction="none",
        )


def balanced_weights(counts: Sequence[int]) -> Tensor:
    """(O,) factors by which each class weighs the same, and a target 1 on average.

    Args:
        counts: How often each class occurs, at least once.
    """
    found = torch.tensor(counts, dtype=torch.float32)
    return found.sum() / (len(found) * found)


class SquaredError(Criterion):
    """Squared error, averaged over what one target holds."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(N, …) values and targets → (N,)."""
        return _averaged(_difference(outputs, targets).square())


class AbsoluteError(Criterion):
    """Absolute error, averaged over what one target holds."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(N, …) values and targets → (N,)."""
        return _averaged(_difference(outputs, targets).abs())


class HuberError(Criterion):
    """Half the squared error near the target, in a line beyond 1 (Huber 1964); averaged alike."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(N, …) values and targets → (N,)."""
        distance = _difference(outputs, targets).abs()
        return _averaged(torch.where(distance < 1, distance.square() / 2, distance - 0.5))


def _difference(outputs: Tensor, targets: Tensor) -> Tensor:
    # (N,) targets beside (N, 1) values would broadcast to (N, N)
    return outputs.float() - targets.float().view_as(outputs)


def _averaged(losses: Tensor) -> Tensor:
    return torch.flatten(losses, 1).mean(1) if losses.dim() > 1 else losses
