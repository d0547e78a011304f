"""The task after it has seen the training split: vocabularies, token counts, chunking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypedDict

import numpy as np

from seqlab import (
    Accuracy,
    Baseline,
    Bits,
    Examples,
    Fitted,
    Generation,
    Ids,
    LongText,
    Loss,
    ModelSpec,
    Outputs,
    Perplexity,
    Ragged,
    Split,
    Tokenizer,
    UserError,
    count_ids,
    encode_texts,
)
from seqlab.nn import Criterion, CrossEntropy
from seqlab_chars.cutting import in_chunks, in_windows
from seqlab_chars.presenter import Mode, TextPresenter


class Settings(TypedDict):
    """The task's options, with the mode resolved."""

    mode: Mode
    length: int
    evaluate_length: int
    stride: int


class FittedChars(Fitted):
    """Encodes texts, and knows the frequency of each class in the training split.

    Args:
        counts: Number of occurrences of each class in the training split.
        tokenizers: "text", and "target" if targets have their own vocabulary.
        settings: The task's options.
    """

    metrics = (Loss(), Bits(), Perplexity(), Accuracy())

    def __init__(
        self, counts: Sequence[int], tokenizers: Mapping[str, Tokenizer], settings: Settings
    ) -> None:
        self.counts, self.settings = list(counts), settings
        self.tokenizers = dict(tokenizers)
        text = self.tokenizers["text"]
        self.mode = settings["mode"]
        classes = num_classes(self._target_tokenizer)
        self.presenter = TextPresenter(text, self._target_tokenizer, self.mode, classes)
        per: Literal["step", "sequence"] = "sequence" if self.mode == "last" else "step"
        self.spec = ModelSpec(
            inputs={"text": Ids(text.size, unknown=text.unknown)},
            outputs=Outputs("class", (classes,), per=per),
            causal=self.mode in ("stateful", "windows"),
        )
        window = settings["length"] if self.mode == "last" else None
        self.generation = None if self.mode == "targets" else Generation("text", window)

    @classmethod
    def from_training_split(
        cls,
        train: Split,
        columns: Mapping[str, str],
        tokenizers: Mapping[str, Tokenizer],
        settings: Settings,
    ) -> FittedChars:
        """Count the classes of the training split.

        Raises:
            UserError: No token of the split can be predicted.
        """
        role = "target" if settings["mode"] == "targets" else "text"
        tokenizer = tokenizers.get(role, tokenizers["text"])
        counts = count_ids(tokenizer, read_texts(train, columns[role]))[: num_classes(tokenizer)]
        if not counts.any():
            raise UserError(
                "the training split has no token that can be predicted",
                location=train.location(columns[role]),
                remedy="give longer texts, or choose another tokenizer",
            )
        return cls(counts.tolist(), tokenizers, settings)

    @property
    def _target_tokenizer(self) -> Tokenizer:
        return self.tokenizers.get("target", self.tokenizers["text"])

    def encode(self, split: Split, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """Ids of whole texts; targets are the next tokens, or those of the target column."""
        texts = _encode_column(self.tokenizers["text"], split, columns["text"])
        if not targets:
            return self._encode_for_prediction(texts)
        if self.mode == "targets":
            return self._encode_with_targets(texts, split, columns)
        rows = np.flatnonzero(texts.lengths > 1)
        if not len(rows):
            raise UserError(
                "no text has two tokens, so there is no next token to predict",
                location=split.location(columns["text"]),
                remedy="give longer texts",
            )
        return Examples(
            inputs={"text": texts.values[:-1]},
            starts=texts.starts[rows],
            lengths=texts.lengths[rows] - 1,
            targets=texts.values[1:],
            per="step",
            rows=rows,
            known_classes=self.spec.outputs.shape[0],
        )

    def cut(self, examples: Examples, *, training: bool) -> Examples:
        """Chunks or windows of texts; texts with a target column stay whole."""
        if self.mode == "targets":
            return examples
        texts, settings = examples.joined(), self.settings
        if self.mode == "last":
            return in_windows(texts, settings["length"], settings["stride"])
        if training and self.mode == "stateful":
            return replace(texts, unit="window", stateful=True, chunk_length=settings["length"])
        if training:
            return in_chunks(texts, settings["length"], stateful=False)
        return in_chunks(texts, settings["evaluate_length"], stateful=True)

    def criterion(self) -> Criterion:
        """Cross entropy, in nats."""
        return CrossEntropy()

    def baseline(self, examples: Examples) -> Baseline:
        """Token frequencies of the training split, independent of the context."""
        counts = np.maximum(np.array(self.counts, np.float64), 1)
        logits = np.log(counts / counts.sum()).astype(np.float32)
        shape = (len(examples.targets), len(logits))
        return Baseline("token frequencies", np.broadcast_to(logits, shape))

    def to_json(self) -> dict[str, object]:
        """Counts and options."""
        return {"counts": self.counts, "settings": dict(self.settings)}

    @classmethod
    def from_json(
        cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]
    ) -> FittedChars:
        """Restore the fitted task from the result of `to_json`."""
        return cls(state["counts"], tokenizers, state["settings"])

    def _encode_with_targets(
        self, texts: Ragged, split: Split, columns: Mapping[str, str]
    ) -> Examples:
        targets = _encode_column(self._target_tokenizer, split, columns["target"])
        mismatched = np.flatnonzero(texts.lengths != targets.lengths)
        if len(mismatched):
            row = mismatched[0]
            raise UserError(
                f"row {split.number(row)} has a text of {texts.lengths[row]} tokens and a target "
                f"of {targets.lengths[row]}",
                location=split.location(columns["target"]),
                remedy="give one target per token; or -o task.mode=stateful to predict next tokens",
            )
        rows = np.flatnonzero(texts.lengths)
        return Examples(
            inputs={"text": texts.values},
            starts=texts.starts[rows],
            lengths=texts.lengths[rows],
            targets=targets.values,
            per="step",
            rows=rows,
            known_classes=self.spec.outputs.shape[0],
        )

    def _encode_for_prediction(self, texts: Ragged) -> Examples:
        """All rows, without targets.

        An empty text becomes one unknown token; mode "last" keeps the last window of a text.
        """
        empty = texts.lengths == 0
        values = np.insert(texts.values, texts.starts[empty], self.tokenizers["text"].unknown or 0)
        filled = Ragged(values, np.maximum(texts.lengths, 1))
        starts, lengths = filled.starts, filled.lengths
        if self.mode == "last":
            lengths = np.minimum(lengths, self.settings["length"])
            starts = starts + filled.lengths - lengths
        per = self.spec.outputs.per
        targets = np.zeros(len(lengths) if per == "sequence" else len(values), np.int64)
        rows = np.arange(len(lengths))
        return Examples({"text": values}, starts, lengths, targets, per, rows)


def num_classes(tokenizer: Tokenizer) -> int:
    """Number of tokens that can be predicted: the unknown token is excluded if it is the last."""
    return tokenizer.size - (tokenizer.unknown == tokenizer.size - 1)


def read_texts(split: Split, column: str) -> Iterator[str | LongText]:
    """The texts of a column.

    Raises:
        UserError: A value is not text.
    """
    for row, text in enumerate(split.column(column, lazy=True)):
        if not isinstance(text, str | LongText):
            raise UserError(
                f"row {split.number(row)} contains {text!r}, which is not text",
                location=split.location(column),
                remedy="fix the row, or name another column with -o data.columns.text=NAME",
            )
        yield text


def _encode_column(tokenizer: Tokenizer, split: Split, column: str) -> Ragged:
    return encode_texts(tokenizer, read_texts(split, column))
