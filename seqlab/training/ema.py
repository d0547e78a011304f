"""The exponential moving average (EMA) of a model's weights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn


class ExponentialMovingAverage:
    """An exponential moving average of the trained parameters.

    In the first steps the decay is at most (1 + step) / (10 + step), so that the initial weights
    are forgotten quickly. Averaging goes back to Polyak and Juditsky 1992, "Acceleration of
    stochastic approximation by averaging".

    Args:
        model: The model whose parameters are averaged.
        decay: The share of the average that each step keeps; None for no average.
    """

    def __init__(self, model: nn.Module, decay: float | None) -> None:
        self.decay = decay
        parameters = model.named_parameters() if decay is not None else ()
        self._parameters = {name: p for name, p in parameters if p.requires_grad}
        self._averages = {name: p.detach().clone() for name, p in self._parameters.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Update the average with the weights after a step, counted from 1."""
        if self.decay is None:
            return
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, average in self._averages.items():
            average.lerp_(self._parameters[name], 1 - decay)

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Give the model the averaged weights within this context."""
        weights = {name: p.detach().clone() for name, p in self._parameters.items()}
        self._assign(self._averages)
        try:
            yield
        finally:
            self._assign(weights)

    def state_dict(self) -> dict[str, Tensor]:
        """The averages, for a checkpoint."""
        return self._averages

    def load_state_dict(self, tensors: Mapping[str, Tensor]) -> None:
        """Restore the averages; a parameter without one starts from its current weights."""
        for name, average in self._averages.items():
            average.copy_(tensors.get(name, self._parameters[name].detach()))

    @torch.no_grad()
    def _assign(self, tensors: Mapping[str, Tensor]) -> None:
        for name, tensor in tensors.items():
            self._parameters[name].copy_(tensor)
