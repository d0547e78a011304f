"""What is known after the training split was read: symbols, how often each occurs, how to cut."""

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
from seqlab_chars.cutting import in_pieces, in_windows
from seqlab_chars.presenter import Mode, TextPresenter


class Settings(TypedDict):
    """The task's options, with the mode that was found."""

    mode: Mode
    length: int
    evaluate_length: int
    stride: int


class FittedChars(Fitted):
    """Knows the symbols, and how often each is to be predicted in training.

    Args:
        counts: How often each class occurs in the training split.
        tokenizers: "text", and "target" where targets have symbols of their own.
        settings: How texts are cut.
    """

    metrics = (Loss(), Bits(), Perplexity(), Accuracy())

    def __init__(
        self, counts: Sequence[int], tokenizers: Mapping[str, Tokenizer], settings: Settings
    ) -> None:
        self.counts, self.settings = list(counts), settings
        self.tokenizers = dict(tokenizers)
        text = self.tokenizers["text"]
        self.mode = settings["mode"]
        classes = classes_of(self._of_targets)
        self.presenter = TextPresenter(text, self._of_targets, self.mode, classes)
        per: Literal["step", "sequence"] = "sequence" if self.mode == "last" else "step"
        self.spec = ModelSpec(
            inputs={"text": Ids(text.size, unknown=text.unknown)},
            outputs=Outputs("class", (classes,), per=per),
            causal=self.mode in ("stateful", "windows"),
        )
        window = settings["length"] if self.mode == "last" else None
        self.generation = None if self.mode == "targets" else Generation("text", window)

    @classmethod
    def counted(
        cls,
        train: Split,
        columns: Mapping[str, str],
        tokenizers: Mapping[str, Tokenizer],
        settings: Settings,
    ) -> FittedChars:
        """With the counts of a training split.

        Raises:
            UserError: There is nothing to predict.
        """
        role = "target" if settings["mode"] == "targets" else "text"
        tokenizer = tokenizers.get(role, tokenizers["text"])
        counts = count_ids(tokenizer, checked(train, columns[role]))[: classes_of(tokenizer)]
        if not counts.any():
            raise UserError(
                "the training split has no symbol that can be predicted",
                location=f"{train.origin}, column '{columns[role]}'",
                remedy="give longer texts, or another tokenizer",
            )
        return cls(counts.tolist(), tokenizers, settings)

    @property
    def _of_targets(self) -> Tokenizer:
        return self.tokenizers.get("target", self.tokenizers["text"])

    def encode(self, split: Split, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """Ids of whole texts; a target is the text's next symbol, or the given one."""
        texts = _encoded(self.tokenizers["text"], split, columns["text"])
        if not targets:
            return self._to_predict(texts)
        if self.mode == "targets":
            return self._with_given(texts, split, columns)
        long = np.flatnonzero(texts.lengths > 1)
        if not len(long):
            raise UserError(
                "no text has two symbols, so that none follows another",
                location=f"{split.origin}, {split.name}, column '{columns['text']}'",
                remedy="give longer texts",
            )
        return Examples(
            inputs={"text": texts.values[:-1]},
            starts=texts.starts[long],
            lengths=texts.lengths[long] - 1,
            targets=texts.values[1:],
            per="step",
            rows=long,
            known_classes=self.spec.outputs.shape[0],
        )

    def cut(self, examples: Examples, *, training: bool) -> Examples:
        """Characters or windows; given targets stay whole texts."""
        if self.mode == "targets":
            return examples
        texts, settings = examples.joined(), self.settings
        if self.mode == "last":
            return in_windows(texts, settings["length"], settings["stride"])
        if training and self.mode == "stateful":
            return replace(texts, unit="window", stateful=True, chunk_length=settings["length"])
        if training:
            return in_pieces(texts, settings["length"], stateful=False)
        return in_pieces(texts, settings["evaluate_length"], stateful=True)

    def criterion(self) -> Criterion:
        """Cross entropy, in nats."""
        return CrossEntropy()

    def baseline(self, examples: Examples) -> Baseline:
        """Each symbol with its share in the training split, whatever came before."""
        counts = np.maximum(np.array(self.counts, np.float64), 1)
        shares = np.log(counts / counts.sum()).astype(np.float32)
        count = len(examples.targets)
        return Baseline("symbols by frequency", np.broadcast_to(shares, (count, len(shares))))

    def to_json(self) -> dict[str, Any]:
        """Counts and options."""
        return {"counts": self.counts, "settings": dict(self.settings)}

    @classmethod
    def from_json(
        cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]
    ) -> FittedChars:
        """As `to_json` described it."""
        return cls(state["counts"], tokenizers, state["settings"])

    def _with_given(self, texts: Ragged, split: Split, columns: Mapping[str, str]) -> Examples:
        given = _encoded(self._of_targets, split, columns["target"])
        wrong = np.flatnonzero(texts.lengths != given.lengths)
        if len(wrong):
            sizes = (texts.lengths[wrong[0]], given.lengths[wrong[0]])
            raise UserError(
                f"row {split.number(wrong[0])} has a text of {sizes[0]} symbols and a target of "
                f"{sizes[1]}",
                location=f"{split.origin}, {split.name}, column '{columns['target']}'",
                remedy="give a target for each symbol; or -o task.mode=stateful for the next ones",
            )
        rows = np.flatnonzero(texts.lengths)
        return Examples(
            inputs={"text": texts.values},
            starts=texts.starts[rows],
            lengths=texts.lengths[rows],
            targets=given.values,
            per="step",
            rows=rows,
            known_classes=self.spec.outputs.shape[0],
        )

    def _to_predict(self, texts: Ragged) -> Examples:
        """Every row: one without symbols has an unknown one, and of windows the last counts."""
        empty = texts.lengths == 0
        values = np.insert(texts.values, texts.starts[empty], self.tokenizers["text"].unknown or 0)
        whole = Ragged(values, np.maximum(texts.lengths, 1))
        starts, lengths = whole.starts, whole.lengths
        if self.mode == "last":
            lengths = np.minimum(lengths, self.settings["length"])
            starts = starts + whole.lengths - lengths
        per = self.spec.outputs.per
        targets = np.zeros(len(lengths) if per == "sequence" else len(values), np.int64)
        rows = np.arange(len(lengths))
        return Examples({"text": values}, starts, lengths, targets, per, rows)


def classes_of(tokenizer: Tokenizer) -> int:
    """How many symbols can be predicted: the unknown one is none, if it is the last."""
    return tokenizer.size - (tokenizer.unknown == tokenizer.size - 1)


def _encoded(tokenizer: Tokenizer, split: Split, column: str) -> Ragged:
    return encode_texts(tokenizer, checked(split, column))


def checked(split: Split, column: str) -> Iterator[str | LongText]:
    """The texts of a column.

    Raises:
        UserError: One that is no text.
    """
    for row, text in enumerate(split.texts(column)):
        if not isinstance(text, str | LongText):
            raise UserError(
                f"row {split.number(row)} holds {text!r} where text is needed",
                location=f"{split.origin}, {split.name}, column '{column}'",
                remedy="mend the row, or name another column with -o data.columns.text=NAME",
            )
        yield text
