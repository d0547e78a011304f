"""The inputs of classification: texts, or series of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab import (
    Ids,
    Numbers,
    Ragged,
    Scaler,
    Split,
    Tokenizer,
    UserError,
    encode_texts,
    read_numbers,
)

Keep: TypeAlias = Literal["start", "end", "both"]
Lengths: TypeAlias = NDArray[np.int64]


class TextInput:
    """Encodes texts as tokens and truncates them.

    Args:
        tokenizer: The tokenizer of the texts.
        max_length: Maximum number of tokens of a text; None for no limit.
        keep: Which part of a longer text is kept.
    """

    role = "text"

    def __init__(self, tokenizer: Tokenizer, *, max_length: int | None, keep: Keep) -> None:
        self.tokenizer, self.max_length, self.keep = tokenizer, max_length, keep
        self.tokenizers = {self.role: tokenizer}
        self.field = Ids(tokenizer.size, unknown=tokenizer.unknown)

    def read(self, split: Split, column: str) -> tuple[Ragged, Lengths]:
        """Encode all texts; a text without tokens becomes one unknown token.

        Returns:
            The ids of the truncated texts, and the lengths of the whole texts.
        """
        ids = encode_texts(self.tokenizer, _texts(split, column))
        empty = ids.lengths == 0
        if empty.any():
            values = np.insert(ids.values, ids.starts[empty], self.tokenizer.unknown or 0)
            ids = Ragged(values, np.maximum(ids.lengths, 1))
        return truncate(ids, self.max_length, self.keep), ids.lengths

    def parse(self, line: str) -> object:
        """The line is the text."""
        return line

    def to_json(self) -> dict[str, object]:
        """Everything that `inputs_from_json` needs, except the tokenizer."""
        return {"max_length": self.max_length, "keep": self.keep}


class SeriesInput:
    """Standardizes series of numbers and truncates them.

    Args:
        scaler: The scaler of the features.
        max_length: Maximum number of steps of a series; None for no limit.
        keep: Which part of a longer series is kept.
    """

    role = "series"

    def __init__(self, scaler: Scaler, *, max_length: int | None, keep: Keep) -> None:
        self.scaler, self.max_length, self.keep = scaler, max_length, keep
        self.tokenizers: dict[str, Tokenizer] = {}
        self.field = Numbers(len(scaler.mean))

    def read(self, split: Split, column: str) -> tuple[Ragged, Lengths]:
        """Standardize all series.

        Returns:
            The steps of the truncated series, and the lengths of the whole series.
        """
        location, size = split.location(column), self.field.size
        batches = [read_numbers(batch[column], location, size=size) for batch in split.batches()]
        values = np.concatenate([batch.values for batch in batches])
        lengths = np.concatenate([batch.lengths for batch in batches])
        series = Ragged(self.scaler.scale(values), lengths)
        return truncate(series, self.max_length, self.keep), lengths

    def parse(self, line: str) -> object:
        """Read the line as a series: "1 2 3"; steps with several features are lists in JSON."""
        numbers = read_numbers([line], "the line", size=self.field.size).values
        return numbers[:, 0].tolist() if self.field.size == 1 else numbers.tolist()

    def to_json(self) -> dict[str, object]:
        """Everything that `inputs_from_json` needs."""
        options = {"max_length": self.max_length, "keep": self.keep}
        return {"scaler": self.scaler.to_json(), **options}


def fit_inputs(
    train: Split,
    columns: Mapping[str, str],
    tokenizer: Tokenizer | None,
    *,
    max_length: int | None,
    keep: Keep,
) -> TextInput | SeriesInput:
    """Fit the scaler, if there is a column of series, or the tokenizer to the training split."""
    if "series" in columns:
        column = columns["series"]
        values = read_numbers(list(train.column(column)), train.location(column)).values
        return SeriesInput(Scaler.of(values), max_length=max_length, keep=keep)
    if tokenizer is None:
        raise UserError("texts need a tokenizer", location="--tokenizer", remedy="--tokenizer word")
    tokenizer.fit(_texts(train, columns["text"]))
    return TextInput(tokenizer, max_length=max_length, keep=keep)


def inputs_from_json(
    state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]
) -> TextInput | SeriesInput:
    """Restore inputs from the result of their `to_json`."""
    max_length, keep = state["max_length"], state["keep"]
    if "scaler" in state:
        scaler = Scaler.from_json(state["scaler"])
        return SeriesInput(scaler, max_length=max_length, keep=keep)
    return TextInput(tokenizers["text"], max_length=max_length, keep=keep)


def truncate(sequences: Ragged, max_length: int | None, keep: Keep) -> Ragged:
    """Truncate sequences to a maximum length."""
    if max_length is None or sequences.lengths.max() <= max_length:
        return sequences
    # the index of each step in its sequence, and the length of this sequence
    steps = np.arange(len(sequences.values)) - np.repeat(sequences.starts, sequences.lengths)
    lengths = np.repeat(sequences.lengths, sequences.lengths)
    if keep == "start":
        mask = steps < max_length
    elif keep == "end":
        mask = steps >= lengths - max_length
    else:
        head = (max_length + 1) // 2
        tail = max_length - head
        mask = (lengths <= max_length) | (steps < head) | (steps >= lengths - tail)
    return Ragged(sequences.values[mask], np.minimum(sequences.lengths, max_length))


def _texts(split: Split, column: str) -> Iterator[str]:
    for row, text in enumerate(split.column(column)):
        if not isinstance(text, str):
            raise UserError(
                f"row {split.number(row)} holds {text!r}, not text",
                location=split.location(column),
                remedy="fix the row, or name another column with -o data.columns.text=NAME",
            )
        yield text
