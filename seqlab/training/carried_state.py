"""What a model remembers of the text before, lane by lane."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqlab.device import Device
from seqlab.spec import State


class CarriedState:
    """The state that each lane goes on from.

    Kept with the lanes' numbers, so that a checkpoint does not depend on how the lanes are divided
    into micro-batches and processes.

    Args:
        start: The empty state of so many rows.
    """

    def __init__(self, start: Callable[[int], State]) -> None:
        self._start = start
        self._shares: dict[int, tuple[NDArray[np.int64], State]] = {}
        self._saved: dict[str, Tensor] = {}  # (lanes, …) each

    def __bool__(self) -> bool:
        """Whether anything is remembered."""
        return bool(self._shares or self._saved)

    def before(self, share: int, lanes: NDArray[np.int64]) -> State:
        """What the rows of a share go on from."""
        if share in self._shares:
            return self._shares[share][1]
        if self._saved:
            return {name: entry[torch.from_numpy(lanes)] for name, entry in self._saved.items()}
        return self._start(len(lanes))

    def keep(self, share: int, lanes: NDArray[np.int64], after: State) -> None:
        """Remember where the rows of a share ended."""
        self._shares[share] = (lanes, {name: entry.detach() for name, entry in after.items()})

    def forget(self) -> None:
        """Let all lanes start from an empty state."""
        self._shares, self._saved = {}, {}

    def tensors(self, device: Device) -> dict[str, Tensor]:
        """Every entry (lanes, …), of all processes, in the order of the lanes."""
        own = [(lanes, _on_cpu(state)) for lanes, state in self._shares.values()]
        shares = device.gather(own)
        if not shares:
            return dict(self._saved)
        order = torch.from_numpy(np.argsort(np.concatenate([lanes for lanes, _ in shares])))
        names = shares[0][1]
        return {name: torch.cat([state[name] for _, state in shares])[order] for name in names}

    def load(self, tensors: Mapping[str, Tensor], place: torch.device) -> None:
        """Go on from what `tensors` gave."""
        self._shares = {}
        self._saved = {name: tensor.to(place) for name, tensor in tensors.items()}


def _on_cpu(state: State) -> dict[str, Tensor]:
    return {name: entry.cpu() for name, entry in state.items()}
