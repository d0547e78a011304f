"""The one thing that a new architecture must write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, nn

from seqlab.errors import PluginError
from seqlab.spec import State


class Layer(nn.Module, ABC):
    """A sequence layer: (B, T, D) → (B, T, D').

    The first parameter of `__init__` is `input_size`; every parameter with a default is an
    option of the command line. A layer whose `__init__` has `num_layers` stacks itself in one
    direction; otherwise, and for two directions, the core stacks it.

    Attributes:
        output_size: D', set by `__init__`.
        causal: Whether step t sees nothing after t. A causal layer also has `initial_state` and
            `advance`.
        devices: Types of devices that it can compute on, such as ("cpu",); empty for any.
    """

    output_size: int
    causal: bool = False
    devices: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """All steps at once, from the empty state.

        Rows must not depend on each other, nor on what stands in the padding.

        Args:
            x: (B, T, D).
            lengths: (B,) true lengths; steps after them are padding.

        Returns:
            (B, T, D'); what stands in the padding does not matter.
        """

    def initial_state(self, batch_size: int) -> State:
        """The empty state of a batch, every entry (B, …).

        An entry may grow with the steps, such as a cache; how much of it a row may read must
        then be an entry of its own (B,), for a row that starts anew keeps the others' size.
        """
        raise self._not_streaming()

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """The next T steps of every row; chunk by chunk it equals `forward`.

        Args:
            x: (B, T, D), all steps real.
            state: From `initial_state` or the previous `advance`.

        Returns:
            (B, T, D') and the state after the last step.
        """
        raise self._not_streaming()

    def _not_streaming(self) -> PluginError:
        return PluginError(
            f"layer {type(self).__name__} cannot go on from a state",
            location=f"{type(self).__module__}.{type(self).__qualname__}",
            remedy="a causal layer needs `initial_state` and `advance`",
        )
