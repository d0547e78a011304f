"""What torch's own recurrent modules share: all steps and all layers in one call.

Each layer keeps torch's module under torch's name, so that weights go to and fro unchanged:

    layer.gru.load_state_dict(torch_gru.state_dict())

With two directions each level has a module of its own; `seqlab.nn.weights_to_torch` and
`weights_from_torch` translate the names of all levels and directions.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, cast

from torch import Tensor, nn

from seqlab import State
from seqlab.nn import InitialState, InitialStateKind, Layer


class Fused(Layer):
    """A layer around one of torch's recurrent modules.

    Args:
        module: Torch's module, batch first.
        initial_state: As in `InitialState`.
    """

    causal = True
    entries: ClassVar[tuple[str, ...]] = ("h",)
    """The state's entries, in torch's order."""

    def __init__(self, module: nn.RNNBase, initial_state: InitialStateKind) -> None:
        super().__init__()
        self.output_size = module.hidden_size
        self.initial = InitialState(
            initial_state, self.entries, module.num_layers, module.hidden_size
        )

    @property
    @abstractmethod
    def module(self) -> nn.RNNBase:
        """Torch's module, which the layer keeps under torch's name for it."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, D) → (B, T, H). Padding is on the right, so that no real step sees it."""
        del lengths  # packing would be 5 to 10 times slower backwards on a CPU
        y, _ = self.advance(x, self.initial_state(len(x)))
        return y

    def initial_state(self, batch_size: int) -> State:
        """Every row's start state, (B, L, H) for each entry."""
        return cast(State, self.initial(batch_size))

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """The next T steps of every row."""
        before = tuple(state[name].transpose(0, 1).contiguous() for name in self.entries)
        y, after = self.module(x, before if len(before) > 1 else before[0])  # (L, B, H) each
        after = after if len(before) > 1 else (after,)
        return y, {n: h.transpose(0, 1) for n, h in zip(self.entries, after, strict=True)}


def arguments(num_layers: int, dropout: float, bias: bool) -> dict[str, Any]:
    """What all of torch's modules take in the same way."""
    inner = dropout if num_layers > 1 else 0.0  # torch warns of dropout between nothing
    return {"num_layers": num_layers, "dropout": inner, "bias": bias, "batch_first": True}
