"""What a class is given for: a text, or a series of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

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

Kept = Literal["start", "end", "both"]
Lengths = NDArray[np.int64]


class Texts:
    """Texts as symbols, cut to length.

    Args:
        tokenizer: Of the texts.
        max_length: Symbols of a text that are read; None for all.
        keep: Which part of a longer text is kept.
    """

    role = "text"

    def __init__(self, tokenizer: Tokenizer, *, max_length: int | None, keep: Kept) -> None:
        self.tokenizer, self.max_length, self.keep = tokenizer, max_length, keep
        self.tokenizers = {self.role: tokenizer}
        self.field = Ids(tokenizer.size, unknown=tokenizer.unknown)

    def read(self, split: Split, column: str) -> tuple[Ragged, Lengths]:
        """The ids of all texts, and their lengths before they were cut.

        One without symbols becomes one unknown symbol.
        """
        found = encode_texts(self.tokenizer, _texts(split, column))
        empty = found.lengths == 0
        if empty.any():
            values = np.insert(found.values, found.starts[empty], self.tokenizer.unknown or 0)
            found = Ragged(values, np.maximum(found.lengths, 1))
        return cut(found, self.max_length, self.keep), found.lengths

    def parse(self, line: str) -> Any:
        """The line is the text."""
        return line

    def to_json(self) -> dict[str, Any]:
        """All but the tokenizer."""
        return {"max_length": self.max_length, "keep": self.keep}


class Series:
    """Series of numbers in units of their own, cut to length.

    Args:
        scaler: The units of each feature.
        max_length: Steps of a series that are read; None for all.
        keep: Which part of a longer series is kept.
    """

    role = "series"

    def __init__(self, scaler: Scaler, *, max_length: int | None, keep: Kept) -> None:
        self.scaler, self.max_length, self.keep = scaler, max_length, keep
        self.tokenizers: dict[str, Tokenizer] = {}
        self.field = Numbers(len(scaler.mean))

    def read(self, split: Split, column: str) -> tuple[Ragged, Lengths]:
        """The steps of all series in the model's units, and their lengths before the cut."""
        place, size = _place(split, column), self.field.size
        found = _joined([read_numbers(b[column], place, size=size) for b in split.batches()])
        whole = Ragged(self.scaler.scale(found.values), found.lengths)
        return cut(whole, self.max_length, self.keep), found.lengths

    def parse(self, line: str) -> Any:
        """The line is the series: "1 2 3"; with several features, lists as JSON."""
        found = read_numbers([line], "the line", size=self.field.size).values
        return found[:, 0].tolist() if self.field.size == 1 else found.tolist()

    def to_json(self) -> dict[str, Any]:
        """Units and options."""
        options = {"max_length": self.max_length, "keep": self.keep}
        return {"scaler": self.scaler.to_json(), **options}


def fit_inputs(
    train: Split,
    columns: Mapping[str, str],
    tokenizer: Tokenizer | None,
    *,
    max_length: int | None,
    keep: Kept,
) -> Texts | Series:
    """Symbols or units of the training split, as its column asks for."""
    if "series" in columns:
        column = columns["series"]
        values = read_numbers(list(train.column(column)), _place(train, column)).values
        return Series(Scaler.of(values), max_length=max_length, keep=keep)
    if tokenizer is None:
        raise UserError("texts need a tokenizer", location="--tokenizer", remedy="--tokenizer word")
    column = columns["text"]
    tokenizer.fit(_texts(train, column))
    return Texts(tokenizer, max_length=max_length, keep=keep)


def inputs_from_json(
    state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]
) -> Texts | Series:
    """As `to_json` of one of the two described it."""
    options = {"max_length": state["max_length"], "keep": state["keep"]}
    if "scaler" in state:
        return Series(Scaler.from_json(state["scaler"]), **options)
    return Texts(tokenizers["text"], **options)


def cut(whole: Ragged, limit: int | None, keep: Kept) -> Ragged:
    """No sequence longer than the limit."""
    if limit is None or whole.lengths.max() <= limit:
        return whole
    steps = np.arange(len(whole.values)) - np.repeat(whole.starts, whole.lengths)
    lengths = np.repeat(whole.lengths, whole.lengths)  # each step's sequence's length
    if keep == "start":
        kept = steps < limit
    elif keep == "end":
        kept = steps >= lengths - limit
    else:
        head = (limit + 1) // 2
        kept = (lengths <= limit) | (steps < head) | (steps >= lengths - (limit - head))
    return Ragged(whole.values[kept], np.minimum(whole.lengths, limit))


def _joined(batches: Sequence[Ragged]) -> Ragged:
    return Ragged(
        np.concatenate([batch.values for batch in batches]),
        np.concatenate([batch.lengths for batch in batches]),
    )


def _texts(split: Split, column: str) -> Iterator[str]:
    for text in split.column(column):
        if not isinstance(text, str):
            raise UserError(
                f"a text is {text!r}, not text",
                location=_place(split, column),
                remedy="mend the row, or name another column with -o data.columns.text=NAME",
            )
        yield text


def _place(split: Split, column: str) -> str:
    return f"{split.origin}, {split.name}, column '{column}'"
