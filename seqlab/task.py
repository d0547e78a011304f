"""The contract of tasks. Importing it does not import torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from seqlab.data.contracts import Column, Tokenizer
from seqlab.spec import ModelSpec

if TYPE_CHECKING:
    from seqlab.data.checking.findings import Finding
    from seqlab.data.encoding.examples import Examples
    from seqlab.data.split import Split
    from seqlab.metrics.metrics import Metric
    from seqlab.nn.criterion import Criterion


@dataclass(frozen=True)
class Baseline:
    """A prediction that needs no model, to hold a result against.

    Args:
        kind: What it does, such as "most frequent class".
        outputs: As a model's outputs: (N, …) beside the examples' steps, or (E, …) one an
            example; a constant may be a broadcast view.
    """

    kind: str
    outputs: NDArray[np.float32]


class Fitted(ABC):
    """A task after it has seen the training part: all that is needed to encode and to present."""

    spec: ModelSpec
    tokenizers: Mapping[str, Tokenizer]
    metrics: Sequence[Metric]
    monitor: str = "loss"
    labels: Sequence[str] = ()
    """Of the classes, in the order of their ids, where they have names."""
    generates: str | None = None
    """The stream whose next symbol is predicted, so that the model can write on; its tokenizer
    has the stream's name."""
    window: int | None = None
    """Steps that a model with one output a sequence reads to give the next symbol."""

    @abstractmethod
    def encode(self, part: Split, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """The part's rows as flat arrays.

        Args:
            part: The rows.
            columns: Which column fills each role.
            targets: False where the rows have no targets, as in prediction.
        """

    def cut(self, examples: Examples, *, training: bool) -> Examples:
        """Encoded rows as what a model reads at once: as they are, or in windows or pieces.

        Args:
            examples: From `encode`; or from `cut`, where they are `carried`, to be cut again.
            training: Whether they are for training or for evaluation.
        """
        del training
        return examples

    def check(
        self, part: Split, columns: Mapping[str, str], examples: Examples
    ) -> Iterable[Finding]:
        """What is odd about a part's rows once they are encoded, for this task in particular.

        Labels, lengths, copies and rows that are left out are looked at for every task.

        Args:
            part: The rows.
            columns: Which column fills each role.
            examples: The same, from `encode`.
        """
        del part, columns, examples
        return ()

    @abstractmethod
    def criterion(self) -> Criterion:
        """(scores, targets) → one loss a target, not reduced."""

    def symbols(self, stream: str) -> Sequence[str] | None:
        """What the ids of a stream stand for, so that it can start from vectors of words.

        Args:
            stream: Its name in the spec; the tokenizer of the same name knows its symbols.

        Returns:
            In the order of the ids; None where there are no such symbols.
        """
        tokenizer = self.tokenizers.get(stream)
        return None if tokenizer is None else [tokenizer.decode([i]) for i in range(tokenizer.size)]

    @abstractmethod
    def baseline(self, examples: Examples) -> Baseline:
        """The trivial prediction for encoded rows, from the training part alone."""

    @abstractmethod
    def parse(self, line: str) -> dict[str, Any]:
        """A line that a person typed, as a row."""

    @abstractmethod
    def present(self, row: Mapping[str, Any], outputs: Any, predictions: Any) -> dict[str, Any]:
        """One prediction as a record for a person.

        Args:
            row: The row it was made for.
            outputs: The model's outputs of this row, an array.
            predictions: The head's decision, an array.
        """

    def values(
        self, values: NDArray[np.float32], target_offset: NDArray[Any] | None = None
    ) -> NDArray[np.float64]:
        """Values of the model in the user's units.

        Args:
            values: (…, O) targets or predictions.
            target_offset: What they are counted from, as in `Examples`.
        """
        return np.asarray(values if target_offset is None else values + target_offset, np.float64)

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
    target: ClassVar[str | None] = None
    """The role of what is learned, where a column holds it."""
    stratify: ClassVar[str | None] = None
    """The role whose values are kept in proportion when a part is split."""
    cut_within: ClassVar[str | None] = None
    """The role of a text that is cut by position where it is all that the data has."""
    fitted: ClassVar[type[Fitted]]
    defaults: ClassVar[Mapping[str, Any]] = {}
    """Values that this task sets unless the user does, by full name, such as "model.pooling"."""

    def ordered(self, columns: Mapping[str, str]) -> bool:
        """Whether the rows are one series: then parts are cut off by position.

        Args:
            columns: Which column fills each role.
        """
        del columns
        return False

    def check(self, part: Split, columns: Mapping[str, str]) -> Iterable[Finding]:
        """What is wrong or odd about a part's rows, for this task in particular.

        Missing values, texts that are none, NaN, infinity and empty values are looked for in every
        task's columns. A finding that is refused ends the run.

        Args:
            part: The rows as they were read.
            columns: Which column fills each role.
        """
        del part, columns
        return ()

    @abstractmethod
    def fit(self, train: Split, columns: Mapping[str, str], tokenizer: Tokenizer | None) -> Fitted:
        """Vocabularies, labels and scalers, from the training part only."""
