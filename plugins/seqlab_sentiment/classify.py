"""A class for each text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

from seqlab import (
    UNSEEN,
    Accuracy,
    Baseline,
    Column,
    Examples,
    Fitted,
    Ids,
    Loss,
    MacroF1,
    ModelSpec,
    Outputs,
    Part,
    Ragged,
    Range,
    Task,
    Tokenizer,
    UserError,
)
from seqlab.nn import Criterion, CrossEntropy

Kept = Literal["start", "end", "both"]


class FittedClassify(Fitted):
    """Knows the labels, how often each occurs in training, and the words.

    Args:
        labels: In the order of their ids.
        counts: How often each occurs in the training part.
        tokenizer: Of the texts.
        max_length: Symbols of a text that are read; None for all.
        keep: Which part of a longer text is kept.
        label_smoothing: Of the loss in training.
    """

    monitor = "accuracy"

    def __init__(
        self,
        labels: Sequence[str],
        counts: Sequence[int],
        tokenizer: Tokenizer,
        *,
        max_length: int | None,
        keep: Kept,
        label_smoothing: float,
    ) -> None:
        self.labels, self.counts = list(labels), list(counts)
        self.max_length, self.keep, self.label_smoothing = max_length, keep, label_smoothing
        self.tokenizers = {"text": tokenizer}
        self.spec = ModelSpec(
            inputs={"text": Ids(tokenizer.size, unknown=tokenizer.unknown)},
            outputs=Outputs("class", (len(labels),), per="sequence"),
        )
        self.metrics = (Accuracy(), MacroF1(len(labels)), Loss())

    def encode(self, part: Part, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """Ids of the texts, cut to length, and of the labels."""
        ids, lengths, labels = [], [], list[int]()
        known = {label: place for place, label in enumerate(self.labels)}
        for batch in part.batches():
            texts = _texts(batch[columns["text"]], part, columns["text"])
            encoded = self._shorten(self.tokenizers["text"].encode(texts))
            ids.append(encoded.values)
            lengths.append(encoded.lengths)
        if targets:
            labels = [known.get(label, UNSEEN) for label in _labels(part, columns["label"])]
        whole = Ragged(np.concatenate(ids), np.concatenate(lengths))
        return Examples(
            inputs={"text": whole.values},
            starts=whole.starts,
            lengths=whole.lengths,
            targets=np.array(labels, np.int64) if targets else np.zeros(len(part), np.int64),
            per="sequence",
            rows=np.arange(len(part)),
        )

    def criterion(self) -> Criterion:
        """Cross entropy."""
        return CrossEntropy(label_smoothing=self.label_smoothing)

    def baseline(self, examples: Examples) -> Baseline:
        """Each class with its share in the training part; the decision is the most frequent."""
        shares = np.log(np.array(self.counts, np.float32) / sum(self.counts))
        return Baseline(
            "most frequent class", np.broadcast_to(shares, (len(examples), len(shares)))
        )

    def parse(self, line: str) -> dict[str, Any]:
        """The line is the text."""
        return {"text": line}

    def present(self, row: Mapping[str, Any], scores: Any, decoded: Any) -> dict[str, Any]:
        """The text, its label, the label's probability and all probabilities."""
        odds = np.exp(scores - scores.max())
        shares = odds / odds.sum()
        return {
            **row,
            "label": self.labels[int(decoded)],
            "score": float(shares[int(decoded)]),
            "probabilities": dict(zip(self.labels, map(float, shares), strict=True)),
        }

    def to_json(self) -> dict[str, Any]:
        """Labels and options."""
        names = ("labels", "counts", "max_length", "keep", "label_smoothing")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_json(
        cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]
    ) -> FittedClassify:
        """As `to_json` described it."""
        return cls(tokenizer=tokenizers["text"], **state)

    def _shorten(self, texts: Ragged) -> Ragged:
        """Texts without symbols become one unknown symbol; long ones are cut."""
        empty = texts.lengths == 0
        if empty.any():
            stand_in = self.tokenizers["text"].unknown or 0
            values = np.insert(texts.values, texts.starts[empty], stand_in)
            texts = Ragged(values, np.maximum(texts.lengths, 1))
        if self.max_length is None or texts.lengths.max() <= self.max_length:
            return texts
        return _cut(texts, self.max_length, self.keep)


class Classify(Task):
    """A class for each text.

    Args:
        max_length: Symbols of a text that are read; none for all.
        keep: Which part of a longer text is kept: its start, its end, or half of each.
        label_smoothing: Share of probability that the loss spreads over all classes.
    """

    columns = (
        Column("text", ("text",), ("text", "sentence", "review", "content", "comment")),
        Column(
            "label", ("label",), ("label", "labels", "sentiment", "class", "category", "target")
        ),
    )
    stratify = "label"
    fitted = FittedClassify
    defaults: ClassVar[Mapping[str, Any]] = {
        "data.source": "reviews",
        "tokenizer.name": "word",
        "model.bidirectional": True,
        "model.pooling": "max",
        "model.embedding_dropout": 0.3,
        "model.head_dropout": 0.5,
        "train.epochs": 4,
        "train.learning_rate": 2e-3,
        "train.schedule": "linear",
        "train.warmup": 0.05,
    }

    def __init__(
        self,
        max_length: Annotated[int, Range(1)] | None = 400,
        keep: Kept = "start",
        label_smoothing: Annotated[float, Range(0, 0.5)] = 0.0,
    ) -> None:
        self.max_length, self.keep, self.label_smoothing = max_length, keep, label_smoothing

    def fit(
        self, train: Part, columns: Mapping[str, str], tokenizer: Tokenizer | None
    ) -> FittedClassify:
        """Words and labels of the training part."""
        if tokenizer is None:
            raise UserError(
                "texts need a tokenizer", place="--tokenizer", remedy="--tokenizer word"
            )
        counts = Counter(_labels(train, columns["label"]))
        if len(counts) < 2:
            raise UserError(
                f"the training part has {len(counts)} kind of label: {', '.join(counts)}",
                place=f"{train.origin}, column '{columns['label']}'",
                remedy="give rows of at least two classes, or name another column with "
                "-o data.columns.label=NAME",
            )
        labels = sorted(counts, key=_natural)
        tokenizer.fit(_checked_texts(train, columns["text"]))
        return FittedClassify(
            labels,
            [counts[label] for label in labels],
            tokenizer,
            max_length=self.max_length,
            keep=self.keep,
            label_smoothing=self.label_smoothing,
        )


class Sentiment(Classify):
    """What a text thinks: a class for each text, with defaults for reviews.

    Args:
        max_length: Symbols of a text that are read; none for all.
        keep: Which part of a longer text is kept: its start, its end, or half of each.
        label_smoothing: Share of probability that the loss spreads over all classes.
    """


def _cut(texts: Ragged, limit: int, keep: Kept) -> Ragged:
    steps = np.arange(len(texts.values)) - np.repeat(texts.starts, texts.lengths)
    whole = np.repeat(texts.lengths, texts.lengths)  # each step's text's length
    if keep == "start":
        kept = steps < limit
    elif keep == "end":
        kept = steps >= whole - limit
    else:
        head = (limit + 1) // 2
        kept = (whole <= limit) | (steps < head) | (steps >= whole - (limit - head))
    return Ragged(texts.values[kept], np.minimum(texts.lengths, limit))


def _checked_texts(part: Part, column: str) -> Any:
    for batch in part.batches():
        yield from _texts(batch[column], part, column)


def _texts(values: Sequence[Any], part: Part, column: str) -> Sequence[str]:
    for value in values:
        if not isinstance(value, str):
            raise UserError(
                f"a text is {value!r}, not text",
                place=f"{part.origin}, {part.name}, column '{column}'",
                remedy="mend the row, or name another column with -o data.columns.text=NAME",
            )
    return values


def _labels(part: Part, column: str) -> Iterator[str]:
    for row, label in enumerate(part.column(column), 1):
        if label is None:
            raise UserError(
                f"row {row} has no label",
                place=f"{part.origin}, {part.name}, column '{column}'",
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
