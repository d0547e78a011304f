"""The contract of tasks. Importing it does not import torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from seqlab.data.contracts import Column, Tokenizer
from seqlab.errors import PluginError
from seqlab.presenter import Presenter
from seqlab.spec import ModelSpec
from seqlab.types import JsonObject, Options, Row

if TYPE_CHECKING:
    from seqlab.data.checking.findings import Finding
    from seqlab.data.encoding.examples import Examples
    from seqlab.data.split import Split
    from seqlab.metrics.metric import Metric
    from seqlab.nn.criterion import Criterion


@dataclass(frozen=True)
class Baseline:
    """A prediction that needs no model, with which results are compared.

    Args:
        kind: A description, such as "most frequent class".
        outputs: Logits or values like those of a model: (N, …) per step, or (E, …) per example. A
            constant may be a broadcast view.
    """

    kind: str
    outputs: NDArray[np.float32]


@dataclass(frozen=True)
class Generation:
    """How a model of the task generates text.

    Args:
        stream: The input whose next token is predicted; its tokenizer has the same name.
        window: Number of steps that a model with one output per sequence reads to predict the
            next token; None for a causal model, which continues from its state.
    """

    stream: str
    window: int | None = None


class Fitted(ABC):
    """A task fitted to the training split, which encodes rows and evaluates outputs.

    Attributes:
        spec: The inputs and outputs of a model for the task.
        presenter: Shows predictions in readable form.
        metrics: The metrics, the main one first.
        tokenizers: The tokenizer of each input, by name; saved separately from `to_json`.
        monitor: The name of the metric by which the best epoch is chosen.
        generation: How text is generated, for a task that predicts the next token.
        forecasts: Whether the rows of a table are the steps of series, so that what is predicted
            from a table comes after its end; `history` and `extended` are then implemented.
    """

    spec: ModelSpec
    presenter: Presenter
    metrics: Sequence[Metric]
    tokenizers: Mapping[str, Tokenizer] = {}
    monitor: str = "loss"
    generation: Generation | None = None
    forecasts: bool = False

    @abstractmethod
    def encode(self, split: Split, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """Encode the rows of a split as flat arrays.

        Args:
            split: The rows.
            columns: The column of each role.
            targets: Whether the rows have targets; False in prediction.
        """

    def history(self, series: Split, columns: Mapping[str, str]) -> Row:
        """What is known of one series, as a row that `encode` reads without targets: role → value.

        Only for a task that `forecasts`.

        Args:
            series: The steps of one series, in their order.
            columns: The column of each role.
        """
        raise self._without("history")

    def extended(self, history: Row, record: JsonObject) -> Row:
        """The history with what was predicted from it, from which later steps are predicted.

        Only for a task that `forecasts`.

        Args:
            history: From `history`, or from this method.
            record: The prediction for it, from the presenter.
        """
        raise self._without("extended")

    def _without(self, method: str) -> PluginError:
        cls = type(self)
        return PluginError(
            f"a task that forecasts has no `{method}`",
            location=f"{cls.__module__}.{cls.__qualname__}",
            remedy="define it, or leave `forecasts` False",
        )

    def cut(self, examples: Examples, *, training: bool) -> Examples:
        """Cut encoded rows into what a model reads at once, such as windows or chunks.

        The default returns the examples as they are.

        Args:
            examples: From `encode`; or `stateful` examples from `cut`, to be cut again.
            training: Whether they are for training or for evaluation.
        """
        del training
        return examples

    def check(
        self, split: Split, columns: Mapping[str, str], examples: Examples
    ) -> Iterable[Finding]:
        """Find task-specific errors and unusual values in the encoded rows of a split.

        Labels, lengths, duplicates and rows that are left out are checked for every task.

        Args:
            split: The rows.
            columns: The column of each role.
            examples: The same rows, from `encode`.
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
        """The baseline for encoded rows, which depends on the training split alone."""

    def tokens(self, stream: str) -> Sequence[str] | None:
        """The tokens of an input, for embeddings that are initialized from word vectors.

        Args:
            stream: The name of the input, which is that of its tokenizer.

        Returns:
            The tokens in the order of their ids; None if the input has no tokens.
        """
        tokenizer = self.tokenizers.get(stream)
        return None if tokenizer is None else [tokenizer.decode([i]) for i in range(tokenizer.size)]

    @abstractmethod
    def to_json(self) -> JsonObject:
        """The state of the fitted task for `from_json`, without the tokenizers."""

    @classmethod
    @abstractmethod
    def from_json(cls, state: Options, tokenizers: Mapping[str, Tokenizer]) -> Fitted:
        """Restore the fitted task from the result of `to_json` and its tokenizers."""


class Task(ABC):
    """Defines columns, targets, loss and metrics, and how a prediction is shown.

    The parameters of `__init__` that have a default are the task's options.
    """

    columns: ClassVar[tuple[Column, ...]]
    """The columns that the task reads."""
    target: ClassVar[str | None] = None
    """The role of the targets; None if no column has them."""
    stratify: ClassVar[str | None] = None
    """The role whose values keep their proportions when a split is divided."""
    cut_within: ClassVar[str | None] = None
    """The role of a text that is divided by position if the data are a single text."""
    fitted: ClassVar[type[Fitted]]
    """The class that `fit` returns, by which a saved task is restored."""
    defaults: ClassVar[Options] = {}
    """Defaults that this task changes, by full name, such as "model.pooling". "tokenizer.name" and
    "data.source" are its default tokenizer and data."""

    def ordered(self, columns: Mapping[str, str]) -> bool:
        """Whether the rows are one series, so that splits are divided by position.

        Args:
            columns: The column of each role.
        """
        del columns
        return False

    def number_columns(self) -> Sequence[str]:
        """The columns without a role that the task reads as numbers, such as features."""
        return ()

    def check(self, split: Split, columns: Mapping[str, str]) -> Iterable[Finding]:
        """Find task-specific errors and unusual values in the rows of a split.

        Missing values, values that are not text, NaN, infinity and empty values are checked in the
        columns of every task. A finding that is refused ends the run.

        Args:
            split: The rows as they were read.
            columns: The column of each role.
        """
        del split, columns
        return ()

    @abstractmethod
    def fit(self, train: Split, columns: Mapping[str, str], tokenizer: Tokenizer | None) -> Fitted:
        """Fit vocabularies, labels and scalers to the training split only.

        Args:
            train: The training split.
            columns: The column of each role.
            tokenizer: The tokenizer, not fitted yet; the task fits it. None if none is selected.
        """
