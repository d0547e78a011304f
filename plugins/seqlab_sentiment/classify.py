"""Classification: the tasks `classify` and `sentiment`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

from seqlab import (
    Accuracy,
    Baseline,
    ClassPresenter,
    Column,
    Examples,
    Finding,
    Fitted,
    Labels,
    Loss,
    MacroF1,
    ModelSpec,
    Outputs,
    Range,
    Split,
    Task,
    Tokenizer,
    UserError,
    label_text,
)
from seqlab.nn import Criterion, CrossEntropy, balanced_weights
from seqlab_sentiment.inputs import Keep, SeriesInput, TextInput, fit_inputs, inputs_from_json

FULL_LENGTH = "full_length"
"""Name of the metadata: the length of each text or series before it was truncated."""

Weighting = Literal["none", "balanced"]


class FittedClassify(Fitted):
    """The classification task after it has seen the training split.

    Args:
        labels: The labels in the order of their ids.
        counts: Number of occurrences of each label in the training split.
        inputs: Encodes texts or series.
        label_smoothing: Label smoothing of the training loss.
        class_weights: "balanced" weights the training loss by inverse class frequency.
    """

    monitor = "accuracy"

    def __init__(
        self,
        labels: Sequence[str],
        counts: Sequence[int],
        inputs: TextInput | SeriesInput,
        *,
        label_smoothing: float,
        class_weights: Weighting,
    ) -> None:
        self.labels, self.counts = list(labels), list(counts)
        self.presenter = ClassPresenter(labels, inputs.role, inputs.parse)
        self.label_smoothing, self.class_weights = label_smoothing, class_weights
        self.inputs, self.tokenizers = inputs, inputs.tokenizers
        self.spec = ModelSpec(
            inputs={inputs.role: inputs.field},
            outputs=Outputs("class", (len(labels),), per="sequence"),
        )
        self.metrics = (Accuracy(), MacroF1(len(labels)), Loss())

    def encode(self, split: Split, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """Encode and truncate texts or series, and encode labels."""
        label_ids = np.zeros(len(split), np.int64)
        if targets:
            label_ids = Labels(self.labels).encode(_labels(split, columns["label"]))
        sequences, full_lengths = self.inputs.read(split, columns[self.inputs.role])
        return Examples(
            inputs={self.inputs.role: sequences.values},
            starts=sequences.starts,
            lengths=sequences.lengths,
            targets=label_ids,
            per="sequence",
            rows=np.arange(len(split)),
            metadata={FULL_LENGTH: full_lengths},
        )

    def check(
        self, split: Split, columns: Mapping[str, str], examples: Examples
    ) -> Iterable[Finding]:
        """Report texts or series that were truncated."""
        truncated = examples.rows[examples.metadata[FULL_LENGTH] > examples.lengths]
        if len(truncated):
            column = columns[self.inputs.role]
            yield Finding.of_rows(
                split,
                "over-long",
                "kept",
                f"{{are}} truncated to {self.inputs.max_length} steps",
                truncated,
                remedy="raise -o task.max_length=N, or choose what is kept with "
                "-o task.keep=start|end|both",
                column=column,
                value=split[int(truncated[0])][column],
            )

    def criterion(self) -> Criterion:
        """Cross entropy with the chosen label smoothing and class weights."""
        weights = balanced_weights(self.counts) if self.class_weights == "balanced" else None
        return CrossEntropy(weights, label_smoothing=self.label_smoothing)

    def baseline(self, examples: Examples) -> Baseline:
        """Predict the label distribution of the training split for every row."""
        logits = np.log(np.array(self.counts, np.float32) / sum(self.counts))
        outputs = np.broadcast_to(logits, (len(examples), len(logits)))
        return Baseline("most frequent class", outputs)

    def to_json(self) -> dict[str, object]:
        """Labels and options."""
        return {
            "labels": self.labels,
            "counts": self.counts,
            "label_smoothing": self.label_smoothing,
            "class_weights": self.class_weights,
            "inputs": self.inputs.to_json(),
        }

    @classmethod
    def from_json(
        cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]
    ) -> FittedClassify:
        """Restore the fitted task from the result of `to_json`."""
        return cls(**{**state, "inputs": inputs_from_json(state["inputs"], tokenizers)})


class Classify(Task):
    """Classification of texts or series of numbers.

    Args:
        max_length: Maximum number of tokens of a text, or of steps of a series; none for no limit.
        keep: Which part of a longer text or series is kept: its start, its end, or half of each.
        label_smoothing: Share of the probability that the training loss spreads over all classes.
        class_weights: Weighting of the training loss: "none" weights all rows equally, "balanced"
            all classes.
    """

    columns = (
        Column("text", ("text",), ("text", "sentence", "review", "content", "comment")),
        Column("series", ("numbers",), ("series",), instead_of="text"),
        Column(
            "label", ("label",), ("label", "labels", "sentiment", "class", "category", "target")
        ),
    )
    stratify = target = "label"
    fitted = FittedClassify
    defaults: ClassVar[Mapping[str, object]] = {
        "data.source": "reviews",
        "tokenizer.name": "word",
        "model.bidirectional": True,
        "model.pooling": "max",
        "model.embedding_dropout": 0.3,
        "model.token_dropout": 0.3,
        "model.head_dropout": 0.5,
        "train.epochs": None,
        "train.learning_rate": 2e-3,
        "train.lr_schedule": "linear",
        "train.warmup_ratio": 0.05,
    }

    def __init__(
        self,
        max_length: Annotated[int, Range(1)] | None = 400,
        keep: Keep = "both",
        label_smoothing: Annotated[float, Range(0, 0.5)] = 0.0,
        class_weights: Weighting = "none",
    ) -> None:
        self.max_length, self.keep = max_length, keep
        self.label_smoothing, self.class_weights = label_smoothing, class_weights

    def fit(
        self, train: Split, columns: Mapping[str, str], tokenizer: Tokenizer | None
    ) -> FittedClassify:
        """Count the labels, and fit the tokenizer or the scaler to the training split."""
        counts = Counter(_labels(train, columns["label"]))
        if len(counts) < 2:
            raise UserError(
                f"the training split has fewer than two labels: {', '.join(counts) or 'none'}",
                location=train.location(columns["label"]),
                remedy="give rows of at least two classes, or name another column with "
                "-o data.columns.label=NAME",
            )
        labels = Labels.of(counts).names
        inputs = fit_inputs(train, columns, tokenizer, max_length=self.max_length, keep=self.keep)
        return FittedClassify(
            labels,
            [counts[label] for label in labels],
            inputs,
            label_smoothing=self.label_smoothing,
            class_weights=self.class_weights,
        )


class Sentiment(Classify):
    """Sentiment classification: as `classify`, with defaults for reviews.

    Args:
        max_length: Maximum number of tokens of a text; none for no limit.
        keep: Which part of a longer text is kept: its start, its end, or half of each.
        label_smoothing: Share of the probability that the training loss spreads over all classes.
        class_weights: Weighting of the training loss: "none" weights all rows equally, "balanced"
            all classes.
    """


def _labels(split: Split, column: str) -> Iterator[str]:
    for row, value in enumerate(split.column(column)):
        try:
            label, cause = label_text(value), "has no label"
        except TypeError:
            label, cause = None, f"holds {value!r} as label"
        if label is None:
            raise UserError(
                f"row {split.number(row)} {cause}",
                location=split.location(column),
                remedy="give it one label or leave the row out, or name another column with "
                "-o data.columns.label=NAME",
            )
        yield label
