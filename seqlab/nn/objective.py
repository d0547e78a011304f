"""Model and criterion in one module, which is moved to the device, wrapped and trained."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from seqlab.nn.criterion import Criterion
from seqlab.nn.model import Model
from seqlab.spec import Batch, State


@dataclass(frozen=True)
class Prediction:
    """Losses, outputs and predictions of a batch.

    Args:
        losses: (B,) sum over each row's real targets.
        outputs: (B, T, …) or (B, …) logits of classes, or values.
        predictions: (B, T, …) or (B, …) as decoded by the head.
    """

    losses: Tensor
    outputs: Tensor
    predictions: Tensor


class Objective(nn.Module):
    """(batch, state) → (sum of losses, state).

    Args:
        model: The model.
        criterion: One loss per target.
    """

    def __init__(self, model: Model, criterion: Criterion) -> None:
        super().__init__()
        self.model = model
        self.criterion = criterion

    def forward(self, batch: Batch, state: State | None = None) -> tuple[Tensor, State | None]:
        """The sum of all losses of a batch.

        Args:
            batch: The batch.
            state: The state that the rows continue from. With None, all rows start from the
                initial state and no state is returned. If the state has more rows than the
                batch, its last rows are dropped: their texts have ended.

        Returns:
            A scalar, not averaged, and the state after the batch if a state was passed.
        """
        features, next_state = self._features(batch, state)
        losses = self.model.head.loss(features, batch.targets, batch.mask, self.criterion)
        return losses.sum(), next_state

    def predict(self, batch: Batch, state: State | None = None) -> tuple[Prediction, State | None]:
        """Losses, outputs and predictions of a batch; see `forward`."""
        features, next_state = self._features(batch, state)
        head = self.model.head
        losses = head.loss(features, batch.targets, batch.mask, self.criterion)
        outputs = head(features)
        return Prediction(losses, outputs, head.decode(outputs, batch.lengths)), next_state

    def _features(self, batch: Batch, state: State | None) -> tuple[Tensor, State | None]:
        if state is None:
            return self.model.features(batch.inputs, batch.lengths), None
        state = {name: entry[: len(batch)] for name, entry in state.items()}
        if batch.reset is not None:
            state = reset_state(state, self.model.initial_state(len(batch)), batch.reset)
        return self.model.advance(batch.inputs, state)


def reset_state(state: State, initial: State, reset: Tensor) -> State:
    """The state, with the rows where `reset` is True replaced by those of the initial state.

    Entries that have grown, such as a cache, keep their size; the initial state is padded with 0.

    Args:
        state: The current state.
        initial: The initial state of as many rows.
        reset: (B,) mask of the rows to reset.
    """
    return {
        name: torch.where(
            reset.view(-1, *[1] * (entry.dim() - 1)), _pad(initial[name], entry.shape), entry
        )
        for name, entry in state.items()
    }


def _pad(entry: Tensor, shape: torch.Size) -> Tensor:
    if entry.shape == shape:
        return entry
    padded = entry.new_zeros(shape)
    padded[tuple(slice(size) for size in entry.shape)] = entry
    return padded
