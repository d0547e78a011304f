"""A class for each text, or for each series of numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

from seqlab import (
    UNSEEN,
    Accuracy,
    Baseline,
    ClassPresenter,
    Column,
    Examples,
    Finding,
    Fitted,
    Loss,
    MacroF1,
    ModelSpec,
    Outputs,
    Range,
    Split,
    Task,
    Tokenizer,
    UserError,
)
from seqlab.nn import Criterion, CrossEntropy, balanced_weights
from seqlab_sentiment.inputs import Kept, Series, Texts, fit_inputs, inputs_from_json

UNCUT = "uncut"
"""The mark of how long a text or series was before it was cut."""

Weighting = Literal["none", "balanced"]


class FittedClassify(Fitted):
    """Knows the labels, how often each occurs in training, and words or units.

    Args:
        labels: In the order of their ids.
        counts: How often each occurs in the training split.
        inputs: How texts or series are read.
        label_smoothing: Of the loss in training.
        class_weights: Whether rare classes weigh more in training.
    """

    monitor = "accuracy"

    def __init__(
        self,
        labels: Sequence[str],
        counts: Sequence[int],
        inputs: Texts | Series,
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
        """Texts or series, cut to length, and the ids of the labels."""
        known = {label: place for place, label in enumerate(self.labels)}
        labels = list[int]()
        if targets:
            labels = [known.get(label, UNSEEN) for label in _labels(split, columns["label"])]
        whole, before = self.inputs.read(split, columns[self.inputs.role])
        return Examples(
            inputs={self.inputs.role: whole.values},
            starts=whole.starts,
            lengths=whole.lengths,
            targets=np.array(labels, np.int64) if targets else np.zeros(len(split), np.int64),
            per="sequence",
            rows=np.arange(len(split)),
            metadata={UNCUT: before},
        )

    def check(
        self, split: Split, columns: Mapping[str, str], examples: Examples
    ) -> Iterable[Finding]:
        """Texts or series that were cut to length."""
        cut = examples.rows[examples.metadata[UNCUT] > examples.lengths]
        if len(cut):
            column = columns[self.inputs.role]
            yield Finding.of_rows(
                split,
                "over-long",
                "kept",
                f"{{are}} cut to {self.inputs.max_length} steps",
                cut,
                remedy="-o task.max_length=N keeps more, -o task.keep=start|end|both another part",
                column=column,
                value=split[int(cut[0])][column],
            )

    def criterion(self) -> Criterion:
        """Cross entropy."""
        weights = balanced_weights(self.counts) if self.class_weights == "balanced" else None
        return CrossEntropy(weights, label_smoothing=self.label_smoothing)

    def baseline(self, examples: Examples) -> Baseline:
        """Each class with its share in the training split; the decision is the most frequent."""
        shares = np.log(np.array(self.counts, np.float32) / sum(self.counts))
        return Baseline(
            "most frequent class", np.broadcast_to(shares, (len(examples), len(shares)))
        )

    def to_json(self) -> dict[str, Any]:
        """Labels and options."""
        names = ("labels", "counts", "label_smoothing", "class_weights")
        options = {name: getattr(self, name) for name in names}
        return {**options, "inputs": self.inputs.to_json()}

    @classmethod
    def from_json(
        cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]
    ) -> FittedClassify:
        """As `to_json` described it."""
        return cls(**{**state, "inputs": inputs_from_json(state["inputs"], tokenizers)})


class Classify(Task):
    """A class for each text, or for each series of numbers.

    Args:
        max_length: Symbols of a text, or steps of a series, that are read; none for
            all.
        keep: Which part of a longer one is kept: its start, its end, or half of each.
        label_smoothing: Share of probability that the loss spreads over all classes.
        class_weights: Whether all texts weigh the same in training, or all classes (balanced).
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
    defaults: ClassVar[Mapping[str, Any]] = {
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
        keep: Kept = "both",
        label_smoothing: Annotated[float, Range(0, 0.5)] = 0.0,
        class_weights: Weighting = "none",
    ) -> None:
        self.max_length, self.keep = max_length, keep
        self.label_smoothing, self.class_weights = label_smoothing, class_weights

    def fit(
        self, train: Split, columns: Mapping[str, str], tokenizer: Tokenizer | None
    ) -> FittedClassify:
        """Words or units, and labels, of the training split."""
        counts = Counter(_labels(train, columns["label"]))
        if len(counts) < 2:
            raise UserError(
                f"the training split has {len(counts)} kind of label: {', '.join(counts)}",
                location=f"{train.origin}, column '{columns['label']}'",
                remedy="give rows of at least two classes, or name another column with "
                "-o data.columns.label=NAME",
            )
        labels = sorted(counts, key=_natural)
        inputs = fit_inputs(train, columns, tokenizer, max_length=self.max_length, keep=self.keep)
        return FittedClassify(
            labels,
            [counts[label] for label in labels],
            inputs,
            label_smoothing=self.label_smoothing,
            class_weights=self.class_weights,
        )


class Sentiment(Classify):
    """What a text thinks: a class for each text, with defaults for reviews.

    Args:
        max_length: Symbols of a text that are read; none for all.
        keep: Which part of a longer text is kept: its start, its end, or half of each.
        label_smoothing: Share of probability that the loss spreads over all classes.
        class_weights: Whether all texts weigh the same in training, or all classes (balanced).
    """


def _labels(split: Split, column: str) -> Iterator[str]:
    for row, label in enumerate(split.column(column)):
        if label is None:
            raise UserError(
                f"row {split.number(row)} has no label",
                location=f"{split.origin}, {split.name}, column '{column}'",
                remedy="fill it in or leave the row out, or name another column with "
                "-o data.columns.label=NAME",
            )
        yield str(label)


def _natural(label: str) -> tuple[int, float, str]:
    """Numbers in the order of their value, before words in alphabetical order."""
    try:
        return 0, float(label), label
    except ValueError:
        return 1, 0.0, label
