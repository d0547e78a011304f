"""Inputs and outputs of models. Importing this module does not import torch.

Letters in shapes: B batch size, T time steps, D width, F input features, K ids per step,
O outputs, U distinct tokens of a batch, C characters of a token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from seqlab.types import Array, Integers

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Inputs: TypeAlias = "Mapping[str, Tensor]"
"""Streams by name, (B, T, …) each. A `Characters` stream `s` consists of three tensors: `s` (U, C),
the character ids of each distinct token; `s.lengths` (U,); and `s.index` (B, T), the token of each
step."""

State: TypeAlias = "Mapping[str, Tensor]"
"""The state of a causal layer. Every entry is (B, …), so that rows can be selected, reordered,
detached, saved and moved without knowing the layer."""

UNSEEN = -1
"""Target id of a label that is not in the training split: ignored by the loss, wrong in metrics."""

NO_TARGET = -2
"""Target id of a step without a target, such as a word that nobody has tagged: a model reads the
step, but no loss, weight or metric counts it."""


@dataclass(frozen=True)
class Ids:
    """A stream of tokens: (B, T) ids, or (B, T, K) ids whose embeddings are summed.

    Args:
        size: Number of distinct tokens; ids are 0 … size − 1.
        many: Whether a step has K ids instead of one; ids below 0 are padding.
        unknown: The id of the unknown token, if there is one.
    """

    size: int
    many: bool = False
    unknown: int | None = None


@dataclass(frozen=True)
class Characters:
    """A stream of tokens made of characters, such as words.

    Args:
        size: Number of distinct characters.
    """

    size: int


@dataclass(frozen=True)
class Numbers:
    """A stream of numeric features: (B, T, F).

    Args:
        size: F.
    """

    size: int


Field: TypeAlias = Ids | Characters | Numbers


@dataclass(frozen=True)
class Outputs:
    """The outputs of a model.

    Args:
        kind: Classes, with one logit each, or values.
        shape: (O,) logits or values; a forecast has (horizon, F) values.
        per: One output per step or per sequence.
    """

    kind: Literal["class", "value"]
    shape: tuple[int, ...]
    per: Literal["step", "sequence"]


@dataclass(frozen=True)
class ModelSpec:
    """The inputs and outputs of a task, for which a model is built.

    Args:
        inputs: The input streams, by name.
        outputs: The outputs.
        causal: Whether the output of step t must depend on no later step, as needed when the
            targets are the inputs shifted by one step.
    """

    inputs: Mapping[str, Field]
    outputs: Outputs
    causal: bool = False


@dataclass(frozen=True)
class Batch:
    """Examples in one tensor, padded on the right to the longest.

    Args:
        inputs: The streams, as in `Inputs`.
        lengths: (B,) lengths without padding, ≥ 1.
        targets: (B, T, …) per step, (B, …) per sequence.
        mask: (B, T) or (B,), True at real targets: neither padding nor `NO_TARGET`.
        rows: (B,) row of the data set from which each example comes.
        weight: Number of real targets, known before the model runs.
        reset: (B,) mask of the examples that start from the initial state; None if all do.
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

    def to(self, device: torch.device | str) -> Batch:
        """Move the batch to a device."""

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
    """Sequences of unequal length, concatenated.

    Args:
        values: (N, …) steps of all sequences.
        lengths: (E,) number of steps of each sequence.
    """

    values: Array
    lengths: Integers

    @property
    def starts(self) -> Integers:
        """(E,) offset of each sequence's first step in `values`."""
        return np.concatenate([[0], np.cumsum(self.lengths)[:-1]]).astype(np.int64)
