"""The running average of a model's weights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn


class ExponentialMovingAverage:
    """An exponential moving average of the weights that are trained.

    In the first steps it forgets sooner, by (1 + step) / (10 + step), so that it does not keep the
    start's weights for long. Polyak and Juditsky 1992, "Acceleration of stochastic approximation by
    averaging".

    Args:
        model: Whose weights.
        decay: How much of the average each step keeps; None averages nothing.
    """

    def __init__(self, model: nn.Module, decay: float | None) -> None:
        self.decay = decay
        trained = model.named_parameters() if decay is not None else ()
        self._own = {name: each for name, each in trained if each.requires_grad}
        self._averages = {name: each.detach().clone() for name, each in self._own.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after a step, counted from 1."""
        if self.decay is None:
            return
        kept = min(self.decay, (1 + step) / (10 + step))
        for name, average in self._averages.items():
            average.lerp_(self._own[name], 1 - kept)

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Inside, the model has the averages."""
        kept = {name: each.detach().clone() for name, each in self._own.items()}
        self._put(self._averages)
        try:
            yield
        finally:
            self._put(kept)

    def state_dict(self) -> dict[str, Tensor]:
        """What a checkpoint holds of it."""
        return self._averages

    def load_state_dict(self, tensors: Mapping[str, Tensor]) -> None:
        """As it was when `state_dict` was taken; of a run without averages, the weights."""
        for name, average in self._averages.items():
            average.copy_(tensors.get(name, self._own[name].detach()))

    @torch.no_grad()
    def _put(self, tensors: Mapping[str, Tensor]) -> None:
        for name, tensor in tensors.items():
            self._own[name].copy_(tensor)
