"""Base class of the layers that wrap torch's recurrent modules: all steps and layers in one call.

Each layer keeps torch's module under torch's name, so weights can be copied in both directions:

    layer.gru.load_state_dict(torch_gru.state_dict())

With two directions, each level has its own module; `seqlab.nn.weights_to_torch` and
`weights_from_torch` translate the names of all levels and directions.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, TypedDict, cast

from torch import Tensor, nn

from seqlab import State
from seqlab.nn import InitialState, InitialStateKind, Layer


class ModuleOptions(TypedDict):
    """Arguments that torch's recurrent modules have in common."""

    num_layers: int
    dropout: float
    bias: bool
    batch_first: bool


class Fused(Layer):
    """A layer around one of torch's recurrent modules.

    Args:
        module: Torch's module, with `batch_first=True`.
        initial_state: As in `InitialState`.
    """

    causal = True
    entries: ClassVar[tuple[str, ...]] = ("h",)
    """Names of the state's entries, in torch's order."""

    def __init__(self, module: nn.RNNBase, initial_state: InitialStateKind) -> None:
        super().__init__()
        self.output_size = module.hidden_size
        self.initial = InitialState(
            initial_state, self.entries, module.num_layers, module.hidden_size
        )

    @property
    @abstractmethod
    def module(self) -> nn.RNNBase:
        """Torch's module, an attribute of the layer with torch's name for it."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, D) → (B, T, H). Padding is on the right, so it does not affect real steps."""
        del lengths  # packed sequences are 5 to 10 times slower in the backward pass on a CPU
        y, _ = self.advance(x, self.initial_state(len(x)))
        return y

    def initial_state(self, batch_size: int) -> State:
        """Initial state of every row, (B, L, H) for each entry."""
        return cast(State, self.initial(batch_size))

    def advance(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Process the next T steps of every row."""
        initial = tuple(state[name].transpose(0, 1).contiguous() for name in self.entries)
        y, final = self.module(x, initial if len(initial) > 1 else initial[0])  # (L, B, H) each
        final = final if len(initial) > 1 else (final,)
        return y, {name: h.transpose(0, 1) for name, h in zip(self.entries, final, strict=True)}


def module_options(num_layers: int, dropout: float, bias: bool) -> ModuleOptions:
    """Arguments of torch's module."""
    if num_layers == 1:
        dropout = 0.0  # torch warns of dropout without a second layer
    return {"num_layers": num_layers, "dropout": dropout, "bias": bias, "batch_first": True}
