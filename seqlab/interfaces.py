"""The contracts between data, models and tasks. Importing them does not import torch.

Letters in shapes: B batch, T time steps, D width, F input features, V vocabulary, O outputs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Literal,
    Protocol,
    Self,
    TypeAlias,
    runtime_checkable,
)

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from seqlab.data.examples import Examples
    from seqlab.data.part import Part
    from seqlab.evaluation.metrics import Metric
    from seqlab.nn.criterion import Criterion

Inputs: TypeAlias = "Mapping[str, Tensor]"
"""Named streams, (B, T, …) each; a `Pieces` stream `s` is `s` (U, C), `s.lengths` (U,) and
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
class Pieces:
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


Field: TypeAlias = Ids | Pieces | Numbers


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
        fresh: (B,) which examples start from an empty state; None where all do.
    """

    inputs: Inputs
    lengths: Tensor
    targets: Tensor
    mask: Tensor
    rows: Tensor
    weight: float
    fresh: Tensor | None = None

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
            fresh=None if self.fresh is None else move(self.fresh),
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


@runtime_checkable
class Tokenizer(Protocol):
    """Text or symbols ↔ ids. Options are the parameters of `__init__` that have a default."""

    @property
    def size(self) -> int:
        """How many ids there are, once fitted."""

    @property
    def unknown(self) -> int | None:
        """The id of unknown symbols, where there is one."""

    def fit(self, texts: Iterable[str]) -> None:
        """Learn the vocabulary from the training part's texts."""

    def split(self, text: str) -> list[str]:
        """The symbols of a text, as a person would see them."""

    def encode(self, texts: Sequence[str]) -> Ragged:
        """The ids of each text."""

    def decode(self, ids: Sequence[int]) -> str:
        """A text that has these ids."""

    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs."""

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """The fitted tokenizer that `to_json` described."""


@dataclass(frozen=True)
class Column:
    """A column that a task needs.

    Args:
        role: What the task calls it, such as "text".
        kinds: Which kinds of values can fill it.
        names: Column names that are taken at once, best first.
    """

    role: str
    kinds: tuple[Literal["text", "label", "number", "list"], ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Baseline:
    """A prediction that needs no model, to hold a result against.

    Args:
        kind: What it does, such as "most frequent class".
        scores: As a model's scores of one example: (O,) for each step or sequence.
    """

    kind: str
    scores: NDArray[np.float32]


class Fitted(ABC):
    """A task after it has seen the training part: all that is needed to encode and to present."""

    spec: ModelSpec
    tokenizers: Mapping[str, Tokenizer]
    metrics: Sequence[Metric]
    monitor: str = "loss"

    @abstractmethod
    def encode(self, part: Part, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """The part's rows as flat arrays.

        Args:
            part: The rows.
            columns: Which column fills each role.
            targets: False where the rows have no targets, as in prediction.
        """

    @abstractmethod
    def criterion(self) -> Criterion:
        """(scores, targets) → one loss a target, not reduced."""

    @abstractmethod
    def baseline(self) -> Baseline:
        """The trivial prediction, from the training part alone."""

    @abstractmethod
    def parse(self, line: str) -> dict[str, Any]:
        """A line that a person typed, as a row."""

    @abstractmethod
    def present(self, row: Mapping[str, Any], scores: Any, decoded: Any) -> dict[str, Any]:
        """One prediction as a record for a person.

        Args:
            row: The row it was made for.
            scores: The model's scores of this row, an array.
            decoded: The head's decision, an array.
        """

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs, without the tokenizers."""

    @classmethod
    @abstractmethod
    def from_json(cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]) -> Fitted:
        """The fitted task that `to_json` described."""


class Task(ABC):
    """Which columns, which targets, which loss, which metrics, how a prediction is shown.

    Options are the parameters of `__init__` that have a default.
    """

    columns: ClassVar[tuple[Column, ...]]
    stratify: ClassVar[str | None] = None
    """The role whose values are kept in proportion when a part is split."""
    fitted: ClassVar[type[Fitted]]
    defaults: ClassVar[Mapping[str, Any]] = {}
    """Values that this task sets unless the user does, by full name: "model.pooling"."""

    @abstractmethod
    def fit(self, train: Part, columns: Mapping[str, str], tokenizer: Tokenizer | None) -> Fitted:
        """Vocabularies, labels and scalers, from the training part only."""


class DataSource(ABC):
    """A named data set, such as a built-in one.

    Options are the parameters of `__init__` that have a default.
    """

    @abstractmethod
    def load(self) -> Mapping[str, Part]:
        """The parts by name: "train" at least, "validation" and "test" where there are."""
