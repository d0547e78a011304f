"""The state that a model carries from chunk to chunk in truncated back-propagation through time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from seqlab.device import Device
from seqlab.spec import State
from seqlab.types import Integers


class CarriedState:
    """The state with which each stream continues.

    States are stored with the numbers of their streams, so that a checkpoint does not depend on
    how the streams are divided into micro-batches and processes.

    Args:
        initial_state: Returns the initial state of a batch of the given size.
    """

    def __init__(self, initial_state: Callable[[int], State]) -> None:
        self._initial_state = initial_state
        self._states: dict[int, tuple[Integers, State]] = {}  # by the index of the micro-batch
        self._loaded: dict[str, Tensor] = {}  # (streams, …)

    def __bool__(self) -> bool:
        """Whether there is any state to carry."""
        return bool(self._states or self._loaded)

    def get(self, index: int, streams: Integers) -> State:
        """The state with which the rows of a micro-batch continue.

        Args:
            index: The index of the micro-batch within its step batch.
            streams: (B,) the numbers of its streams.
        """
        if index in self._states:
            return self._states[index][1]
        if self._loaded:
            rows = torch.from_numpy(streams)
            return {name: tensor[rows] for name, tensor in self._loaded.items()}
        return self._initial_state(len(streams))

    def set(self, index: int, streams: Integers, state: State) -> None:
        """Store the state after a micro-batch, without its graph.

        Args:
            index: The index of the micro-batch within its step batch.
            streams: (B,) the numbers of its streams.
            state: What the model returned.
        """
        detached = {name: tensor.detach() for name, tensor in state.items()}
        self._states[index] = (streams, detached)

    def reset(self) -> None:
        """Let all streams continue with an initial state."""
        self._states, self._loaded = {}, {}

    def state_dict(self, device: Device) -> dict[str, Tensor]:
        """Every tensor of the state (streams, …), gathered from all processes, by stream number."""
        local = [(streams, _to_cpu(state)) for streams, state in self._states.values()]
        states = device.gather(local)
        if not states:
            return dict(self._loaded)
        order = torch.from_numpy(np.argsort(np.concatenate([streams for streams, _ in states])))
        names = states[0][1]
        return {name: torch.cat([state[name] for _, state in states])[order] for name in names}

    def load_state_dict(self, tensors: Mapping[str, Tensor], device: torch.device) -> None:
        """Continue with the state that `state_dict` returned."""
        self._states = {}
        self._loaded = {name: tensor.to(device) for name, tensor in tensors.items()}


def _to_cpu(state: State) -> dict[str, Tensor]:
    return {name: tensor.cpu() for name, tensor in state.items()}
