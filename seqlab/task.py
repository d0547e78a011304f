"""The contract of tasks. Importing it does not import torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from seqlab.data.contracts import Column, Tokenizer
from seqlab.presenter import Presenter
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


@dataclass(frozen=True)
class Generation:
    """How a model of the task goes on writing.

    Args:
        stream: The input whose next token is predicted; its tokenizer has the same name.
        window: Steps that a model with one output per sequence reads to predict the next token;
            None for a causal model, which goes on from its state.
    """

    stream: str
    window: int | None = None


class Fitted(ABC):
    """A task after it has seen the training split: all that is needed to encode and to evaluate.

    Attributes:
        spec: What a model has to read and to give.
        presenter: Shows predictions to a person.
        metrics: The first one is the task's main metric.
        tokenizers: By the name of the input that each encodes; saved beside `to_json`.
        monitor: Name of the metric by which an epoch is the best.
        generation: For a task that predicts the next token: how a model goes on writing.
    """

    spec: ModelSpec
    presenter: Presenter
    metrics: Sequence[Metric]
    tokenizers: Mapping[str, Tokenizer] = {}
    monitor: str = "loss"
    generation: Generation | None = None

    @abstractmethod
    def encode(self, split: Split, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """The rows of a split as flat arrays.

        Args:
            split: The rows.
            columns: Which column fills each role.
            targets: False where the rows have no targets, as in prediction.
        """

    def cut(self, examples: Examples, *, training: bool) -> Examples:
        """Encoded rows as what a model reads at once: as they are, or in windows or chunks.

        Args:
            examples: From `encode`; or from `cut`, where they are `stateful`, to be cut again.
            training: Whether they are for training or for evaluation.
        """
        del training
        return examples

    def check(
        self, split: Split, columns: Mapping[str, str], examples: Examples
    ) -> Iterable[Finding]:
        """What is odd about the rows of a split once they are encoded, for this task in particular.

        Labels, lengths, copies and rows that are left out are looked at for every task.

        Args:
            split: The rows.
            columns: Which column fills each role.
            examples: The same, from `encode`.
        """
        del split, columns, examples
        return ()

    def criterion(self) -> Criterion:
        """(outputs, targets) → one loss per target, not reduced.

        Cross entropy for classes and the squared error for values, unless a task overrides it.
        """
        from seqlab.nn import CrossEntropy, SquaredError

        return CrossEntropy() if self.spec.outputs.kind == "class" else SquaredError()

    @abstractmethod
    def baseline(self, examples: Examples) -> Baseline:
        """The trivial prediction for encoded rows, from the training split alone."""

    def tokens(self, stream: str) -> Sequence[str] | None:
        """What the ids of an input stand for, so that its embedding can start from word vectors.

        Args:
            stream: Its name in the spec; the tokenizer of the same name knows its tokens.

        Returns:
            In the order of the ids; None where there are no such tokens.
        """
        tokenizer = self.tokenizers.get(stream)
        return None if tokenizer is None else [tokenizer.decode([i]) for i in range(tokenizer.size)]

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

    def check(self, split: Split, columns: Mapping[str, str]) -> Iterable[Finding]:
        """What is wrong or odd about a split's rows, for this task in particular.

        Missing values, texts that are none, NaN, infinity and empty values are looked for in every
        task's columns. A finding that is refused ends the run.

        Args:
            split: The rows as they were read.
            columns: Which column fills each role.
        """
        del split, columns
        return ()

    @abstractmethod
    def fit(self, train: Split, columns: Mapping[str, str], tokenizer: Tokenizer | None) -> Fitted:
        """Vocabularies, labels and scalers, from the training split only."""
