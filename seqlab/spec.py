"""What models are built for and fed with. Importing this does not import torch.

Letters in shapes: B batch, T time steps, D width, F input features, V vocabulary, O outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Inputs: TypeAlias = "Mapping[str, Tensor]"
"""Named streams, (B, T, …) each; a `Characters` stream `s` is `s` (U, C), `s.lengths` (U,) and
`s.index` (B, T), where U counts the batch's distinct symbols and C the pieces of the longest."""

State: TypeAlias = "Mapping[str, Tensor]"
"""What a causal layer remembers; every entry is (B, …), so that rows can be selected, reordered,
detached, saved and moved without knowing the layer."""

UNSEEN = -1
"""The target id of a label that training never had: counted wrong, and left out of the loss."""


@dataclass(frozen=True)
class Ids:
    """A stream of symbols: (B, T) integers, or (B, T, K) whose embeddings are summed.

    Args:
        size: How many symbols there are; ids are 0 … size − 1.
        many: K symbols a step instead of one; ids < 0 are no symbol.
        unknown: The id that stands for unknown symbols, where there is one.
    """

    size: int
    many: bool = False
    unknown: int | None = None


@dataclass(frozen=True)
class Characters:
    """A stream of symbols made of pieces, such as words of characters.

    Args:
        size: How many kinds of pieces there are.
    """

    size: int


@dataclass(frozen=True)
class Numbers:
    """A stream of features: (B, T, F).

    Args:
        size: How many features F there are.
    """

    size: int


Field: TypeAlias = Ids | Characters | Numbers


@dataclass(frozen=True)
class Outputs:
    """What a model has to give.

    Args:
        kind: A class, as one score each, or a value.
        shape: (O,) scores or values; a forecast has (horizon, F) values.
        per: One output a step or one a sequence.
    """

    kind: Literal["class", "value"]
    shape: tuple[int, ...]
    per: Literal["step", "sequence"]


@dataclass(frozen=True)
class ModelSpec:
    """What a model is built for.

    Args:
        inputs: The streams it reads, by name.
        outputs: What it gives.
        causal: Whether step t must see nothing after t: asked for by shifted targets.
    """

    inputs: Mapping[str, Field]
    outputs: Outputs
    causal: bool = False


@dataclass(frozen=True)
class Batch:
    """Examples side by side, padded on the right to the longest.

    Args:
        inputs: The streams, as in `Inputs`.
        lengths: (B,) true lengths, ≥ 1.
        targets: (B, T, …) a step, (B, …) a sequence.
        mask: (B, T) or (B,): where a real target stands.
        rows: (B,) which row of the data each example comes from.
        weight: Number of real targets, known before the model runs.
        reset: (B,) which examples start from an empty state; None where all do.
    """

    inputs: Inputs
    lengths: Tensor
    targets: Tensor
    mask: Tensor
    rows: Tensor
    weight: float
    reset: Tensor | None = None

    def __len__(self) -> int:
        return len(self.lengths)

    def to(self, device: Any) -> Batch:
        """The batch on another device."""

        def move(tensor: Tensor) -> Tensor:
            return tensor.to(device, non_blocking=True)

        return replace(
            self,
            inputs={name: move(stream) for name, stream in self.inputs.items()},
            lengths=move(self.lengths),
            targets=move(self.targets),
            mask=move(self.mask),
            reset=None if self.reset is None else move(self.reset),
        )


@dataclass(frozen=True)
class Ragged:
    """Sequences of unequal length, end to end.

    Args:
        values: (N, …) all steps.
        lengths: (E,) steps of each sequence.
    """

    values: NDArray[Any]
    lengths: NDArray[np.int64]

    @property
    def starts(self) -> NDArray[np.int64]:
        """(E,) where each sequence begins in `values`."""
        return np.concatenate([[0], np.cumsum(self.lengths)[:-1]]).astype(np.int64)
