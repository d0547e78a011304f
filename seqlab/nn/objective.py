"""Model and criterion in one module: the one that is moved, wrapped and trained."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from seqlab.nn.criterion import Criterion
from seqlab.nn.model import Model
from seqlab.spec import Batch, State


@dataclass(frozen=True)
class Prediction:
    """What a model says of a batch.

    Args:
        losses: (B,) sum over each row's real targets.
        outputs: (B, T, …) or (B, …).
        predictions: (B, T, …) or (B, …) the head's decisions.
    """

    losses: Tensor
    outputs: Tensor
    predictions: Tensor


class Objective(nn.Module):
    """(batch, state) → (sum of losses, state).

    Args:
        model: The model.
        criterion: One loss a target.
    """

    def __init__(self, model: Model, criterion: Criterion) -> None:
        super().__init__()
        self.model = model
        self.criterion = criterion

    def forward(self, batch: Batch, state: State | None = None) -> tuple[Tensor, State | None]:
        """The sum of all losses of a batch.

        Args:
            batch: The batch.
            state: Where the rows go on from; None starts them all anew and carries nothing. A
                state of more rows than the batch loses its last ones: their texts have ended.

        Returns:
            A scalar, not averaged, and the state after the batch if one was given.
        """
        features, after = self._features(batch, state)
        losses = self.model.head.loss(features, batch.targets, batch.mask, self.criterion)
        return losses.sum(), after

    def predict(self, batch: Batch, state: State | None = None) -> tuple[Prediction, State | None]:
        """Losses, outputs and decisions of a batch; see `forward`."""
        features, after = self._features(batch, state)
        head = self.model.head
        losses = head.loss(features, batch.targets, batch.mask, self.criterion)
        outputs = head(features)
        return Prediction(losses, outputs, head.decode(outputs, batch.lengths)), after

    def _features(self, batch: Batch, state: State | None) -> tuple[Tensor, State | None]:
        if state is None:
            return self.model.features(batch.inputs, batch.lengths), None
        state = {name: entry[: len(batch)] for name, entry in state.items()}
        if batch.reset is not None:
            state = restart(state, self.model.initial_state(len(batch)), batch.reset)
        return self.model.advance(batch.inputs, state)


def restart(state: State, empty: State, reset: Tensor) -> State:
    """The state with the rows that are `reset` (B,) taken from the empty one.

    Entries that have grown, such as a cache, keep their size; the empty one is padded with 0.
    """
    return {
        name: torch.where(
            reset.view(-1, *[1] * (entry.dim() - 1)), _grown(empty[name], entry.shape), entry
        )
        for name, entry in state.items()
    }


def _grown(empty: Tensor, shape: torch.Size) -> Tensor:
    if empty.shape == shape:
        return empty
    padded = empty.new_zeros(shape)
    padded[tuple(slice(size) for size in empty.shape)] = empty
    return padded
