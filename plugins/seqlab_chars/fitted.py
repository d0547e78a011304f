"""What is known after the training part was read: symbols, how often each occurs, how to cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from seqlab import (
    UNSEEN,
    Accuracy,
    Baseline,
    Bits,
    Examples,
    Fitted,
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

Mode: TypeAlias = Literal["stateful", "windows", "last", "targets"]


class Settings(TypedDict):
    """The task's options, with the mode that was found."""

    mode: Mode
    length: int
    evaluate_length: int
    stride: int


class FittedChars(Fitted):
    """Knows the symbols, and how often each is to be predicted in training.

    Args:
        counts: How often each class occurs in the training part.
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
        self.labels = [self._of_targets.decode([place]) for place in range(classes)]
        per: Literal["step", "sequence"] = "sequence" if self.mode == "last" else "step"
        self.spec = ModelSpec(
            inputs={"text": Ids(text.size, unknown=text.unknown)},
            outputs=Outputs("class", (classes,), per=per),
            causal=self.mode in ("stateful", "windows"),
        )
        self.generates = None if self.mode == "targets" else "text"
        self.window = settings["length"] if self.mode == "last" else None

    @classmethod
    def counted(
        cls,
        train: Split,
        columns: Mapping[str, str],
        tokenizers: Mapping[str, Tokenizer],
        settings: Settings,
    ) -> FittedChars:
        """With the counts of a training part.

        Raises:
            UserError: There is nothing to predict.
        """
        role = "target" if settings["mode"] == "targets" else "text"
        tokenizer = tokenizers.get(role, tokenizers["text"])
        counts = count_ids(tokenizer, checked(train, columns[role]))[: classes_of(tokenizer)]
        if not counts.any():
            raise UserError(
                "the training part has no symbol that can be predicted",
                location=f"{train.origin}, column '{columns[role]}'",
                remedy="give longer texts, or another tokenizer",
            )
        return cls(counts.tolist(), tokenizers, settings)

    @property
    def _of_targets(self) -> Tokenizer:
        return self.tokenizers.get("target", self.tokenizers["text"])

    def encode(self, part: Split, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """Ids of whole texts; a target is the text's next symbol, or the given one."""
        texts = _encoded(self.tokenizers["text"], part, columns["text"])
        if not targets:
            return self._to_predict(texts)
        if self.mode == "targets":
            return self._with_given(texts, part, columns)
        long = np.flatnonzero(texts.lengths > 1)
        if not len(long):
            raise UserError(
                "no text has two symbols, so that none follows another",
                location=f"{part.origin}, {part.name}, column '{columns['text']}'",
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
        """Each symbol with its share in the training part, whatever came before."""
        counts = np.maximum(np.array(self.counts, np.float64), 1)
        shares = np.log(counts / counts.sum()).astype(np.float32)
        count = len(examples.targets)
        return Baseline("symbols by frequency", np.broadcast_to(shares, (count, len(shares))))

    def parse(self, line: str) -> dict[str, Any]:
        """The line is the text."""
        return {"text": line}

    def present(self, row: Mapping[str, Any], scores: Any, decoded: Any) -> dict[str, Any]:
        """The text, how hard it was to predict and what comes next; or the symbols learned."""
        if self.mode == "targets":
            return {"text": row["text"], "predicted": self._decoded(decoded)}
        last = _log_shares(scores[None] if scores.ndim == 1 else scores)[-1]  # (V,)
        best = int(last.argmax())
        said = {"next": self._decoded([best]), "score": float(np.exp(last[best]))}
        if self.mode == "last":
            return {"text": row["text"], **said}
        return {"text": row["text"], "nats": self._nats(row["text"], scores), **said}

    def to_json(self) -> dict[str, Any]:
        """Counts and options."""
        return {"counts": self.counts, "settings": dict(self.settings)}

    @classmethod
    def from_json(
        cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]
    ) -> FittedChars:
        """As `to_json` described it."""
        return cls(state["counts"], tokenizers, state["settings"])

    def _with_given(self, texts: Ragged, part: Split, columns: Mapping[str, str]) -> Examples:
        given = _encoded(self._of_targets, part, columns["target"])
        wrong = np.flatnonzero(texts.lengths != given.lengths)
        if len(wrong):
            sizes = (texts.lengths[wrong[0]], given.lengths[wrong[0]])
            raise UserError(
                f"row {part.number(wrong[0])} has a text of {sizes[0]} symbols and a target of "
                f"{sizes[1]}",
                location=f"{part.origin}, {part.name}, column '{columns['target']}'",
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

    def _as_classes(self, ids: NDArray[Any]) -> NDArray[Any]:
        """Ids are classes; the unknown symbol is none, if it is the last one."""
        unseen = ids >= self.spec.outputs.shape[0]
        return np.where(unseen, ids.dtype.type(UNSEEN), ids) if unseen.any() else ids

    def _nats(self, text: str, scores: NDArray[Any]) -> float | None:
        """The mean loss of all symbols but the first; None where there is none."""
        classes = self._as_classes(self.tokenizers["text"].encode([text]).values)[1:]
        known = np.flatnonzero(classes != UNSEEN)
        if not len(known):
            return None
        return float(-_log_shares(scores)[known, classes[known]].mean())

    def _decoded(self, classes: Any) -> str:
        return self._of_targets.decode([int(each) for each in classes])


def classes_of(tokenizer: Tokenizer) -> int:
    """How many symbols can be predicted: the unknown one is none, if it is the last."""
    return tokenizer.size - (tokenizer.unknown == tokenizer.size - 1)


def _encoded(tokenizer: Tokenizer, part: Split, column: str) -> Ragged:
    return encode_texts(tokenizer, checked(part, column))


def checked(part: Split, column: str) -> Iterator[str | LongText]:
    """The texts of a column.

    Raises:
        UserError: One that is no text.
    """
    for row, text in enumerate(part.texts(column)):
        if not isinstance(text, str | LongText):
            raise UserError(
                f"row {part.number(row)} holds {text!r} where text is needed",
                location=f"{part.origin}, {part.name}, column '{column}'",
                remedy="mend the row, or name another column with -o data.columns.text=NAME",
            )
        yield text


def _log_shares(scores: NDArray[Any]) -> NDArray[np.float64]:
    """(T, V) scores → logarithms of probabilities."""
    shifted = scores.astype(np.float64) - scores.max(-1, keepdims=True)
    found: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return found
