"""The base class of sequence layers: all that a new architecture must implement."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, nn

from seqlab.errors import PluginError
from seqlab.spec import State


class Layer(nn.Module, ABC):
    """A sequence layer: (B, T, D) → (B, T, D').

    The first parameter of `__init__` is `input_size`. Every parameter with a default is an
    option of the command line. A layer with the parameter `num_layers` stacks itself when it
    runs in one direction; in all other cases `Stack` does.

    Attributes:
        output_size: D', set by `__init__`.
        causal: Whether step t depends on no later step. A causal layer also implements
            `initial_state` and `advance`.
        devices: Device types that the layer can run on, such as ("cpu",); empty for all.
    """

    output_size: int
    causal: bool = False
    devices: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Compute all steps at once, from the initial state.

        A row must depend neither on other rows nor on the values in the padding.

        Args:
            x: (B, T, D).
            lengths: (B,) lengths without padding.

        Returns:
            (B, T, D'); the values in the padding are ignored.
        """

    def initial_state(self, batch_size: int) -> State:
        """The state before the first step, every entry (B, …).

        An entry may grow with the steps, as a cache does. Rows that are reset to the initial
        state keep the size of the other rows, so a second entry (B,) must then count how much
        of the cache each row may read.
        """
        raise self._not_stateful()

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Compute the next T steps of every row. Chunk by chunk, this equals `forward`.

        Args:
            x: (B, T, D) without padding.
            state: State from `initial_state` or from the previous `advance`.

        Returns:
            (B, T, D') and the state after the last step.
        """
        raise self._not_stateful()

    def _not_stateful(self) -> PluginError:
        return PluginError(
            f"layer {type(self).__name__} cannot continue from a carried state",
            location=f"{type(self).__module__}.{type(self).__qualname__}",
            remedy="a causal layer needs `initial_state` and `advance`",
        )
