"""A value for each sequence, or for each of its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from seqlab import (
    Baseline,
    Examples,
    Ids,
    ModelSpec,
    Numbers,
    Outputs,
    Presenter,
    Ragged,
    Scaler,
    Split,
    Text,
    Tokenizer,
    UserError,
    read_numbers,
)
from seqlab_regression.values import FittedValues, LossKind

Per = Literal["sequence", "step"]


class SequencePresenter(Presenter):
    """Sequences with a value each, or with a value per step, in the user's units.

    Args:
        inputs: Tokenizer of tokens, or units of numbers.
        targets: Units of the targets.
        per: One target per sequence or one per step.
    """

    def __init__(self, inputs: Tokenizer | Scaler, targets: Scaler, per: Per) -> None:
        self.inputs, self.targets, self.per = inputs, targets, per

    def parse(self, line: str) -> dict[str, Any]:
        """The line is the sequence: "1 2 3"; with several features, lists as JSON."""
        if not isinstance(self.inputs, Scaler):
            return {"sequence": line}
        numbers = read_numbers([line], "the line", size=len(self.inputs.mean)).values
        return {"sequence": numbers[:, 0].tolist() if numbers.shape[1] == 1 else numbers.tolist()}

    def present(
        self, row: Mapping[str, Any], outputs: NDArray[Any], predictions: NDArray[Any]
    ) -> dict[str, Any]:
        """The row with its `value`, or with `values`."""
        values = self.targets.unscale(predictions)  # (O,) or (T, O)
        plain = values[..., 0] if values.shape[-1] == 1 else values
        return {**row, "values" if self.per == "step" else "value": plain.tolist()}

    def values(
        self, values: NDArray[Any], target_offset: NDArray[Any] | None = None
    ) -> NDArray[np.float64]:
        """Values of the model in the user's units."""
        return self.targets.unscale(values if target_offset is None else values + target_offset)


class FittedSequences(FittedValues):
    """Knows the units of the targets, and the symbols or units of the inputs.

    Args:
        inputs: Tokenizer of symbols, or units of numbers.
        targets: Units of the targets.
        per: One target a sequence or one a step.
        loss: As in `FittedValues`.
    """

    kind = "sequences"

    def __init__(
        self, inputs: Tokenizer | Scaler, targets: Scaler, *, per: Per, loss: LossKind
    ) -> None:
        super().__init__(targets, loss)
        self.inputs, self.per = inputs, per
        self.presenter = SequencePresenter(inputs, targets, per)
        numbers = isinstance(inputs, Scaler)
        self.tokenizers = {} if isinstance(inputs, Scaler) else {"symbols": inputs}
        field = (
            Numbers(len(inputs.mean))
            if isinstance(inputs, Scaler)
            else Ids(inputs.size, unknown=inputs.unknown)
        )
        self.spec = ModelSpec(
            inputs={"numbers" if numbers else "symbols": field},
            outputs=Outputs("value", (len(targets.mean),), per),
        )

    def encode(self, split: Split, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """Ids or numbers of each sequence, and its targets in the model's units."""
        steps, lengths = [], []
        for batch in split.batches():
            found = self._steps(batch[columns["sequence"]], _place(split, columns["sequence"]))
            steps.append(found.values)
            lengths.append(found.lengths)
        whole = Ragged(np.concatenate(steps), np.concatenate(lengths))
        count = len(whole.values) if self.per == "step" else len(split)
        return Examples(
            inputs={next(iter(self.spec.inputs)): whole.values},
            starts=whole.starts,
            lengths=whole.lengths,
            targets=self.targets.scale(read_targets(split, columns, self.per, whole.lengths))
            if targets
            else np.zeros((count, *self.spec.outputs.shape), np.float32),
            per=self.per,
            rows=np.arange(len(split)),
            unit="sequence",
        )

    def baseline(self, examples: Examples) -> Baseline:
        """The mean of the training split's targets."""
        shape = (len(examples.targets), *self.spec.outputs.shape)
        return Baseline("mean of the training targets", np.broadcast_to(np.float32(0), shape))

    def to_json(self) -> dict[str, Any]:
        """Units and options."""
        numbers = isinstance(self.inputs, Scaler)
        return {
            "kind": self.kind,
            "inputs": self.inputs.to_json() if numbers else None,
            "targets": self.targets.to_json(),
            "per": self.per,
            "loss": self.loss,
        }

    @classmethod
    def restore(
        cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]
    ) -> FittedSequences:
        """As `to_json` described it."""
        scaler = state["inputs"]
        return cls(
            tokenizers["symbols"] if scaler is None else Scaler.from_json(scaler),
            Scaler.from_json(state["targets"]),
            per=state["per"],
            loss=state["loss"],
        )

    def _steps(self, values: Sequence[Any], place: str) -> Ragged:
        if isinstance(self.inputs, Scaler):
            found = read_numbers(values, place, size=len(self.inputs.mean))
            return Ragged(self.inputs.scale(found.values), found.lengths)
        encoded = self.inputs.encode(check_symbols(values, place))
        if (encoded.lengths == 0).any():
            raise UserError(
                f"a sequence has no symbols: {values[int(encoded.lengths.argmin())]!r}",
                location=place,
                remedy="give every sequence one symbol at least",
            )
        return encoded


def fit_sequences(
    train: Split,
    columns: Mapping[str, str],
    tokenizer: Tokenizer | None,
    *,
    per: Per | None,
    loss: LossKind,
) -> FittedSequences:
    """Symbols or units, from the training split."""
    place = _place(train, columns["sequence"])
    sequences = list(train.column(columns["sequence"]))
    if per is None:
        first = next(iter(train.column(columns["target"])))
        per = "step" if isinstance(first, list | tuple | str) else "sequence"
    inputs: Tokenizer | Scaler
    if tokenizer is None:
        steps = read_numbers(sequences, place)
        inputs, lengths = Scaler.of(steps.values), steps.lengths
    else:
        tokenizer.fit(check_symbols(sequences, place))
        inputs, lengths = tokenizer, tokenizer.encode(sequences).lengths
    targets = Scaler.of(read_targets(train, columns, per, lengths))
    return FittedSequences(inputs, targets, per=per, loss=loss)


def read_targets(
    split: Split, columns: Mapping[str, str], per: Per, lengths: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(N, O) targets of all steps, or (E, O) one a sequence.

    Args:
        split: The rows.
        columns: Which column fills each role.
        per: Which of the two.
        lengths: (E,) steps of each sequence.

    Raises:
        UserError: A target that is no number, or not one for each step.
    """
    place = _place(split, columns["target"])
    values = list(split.column(columns["target"]))
    if per == "sequence":  # a row of O numbers each
        single = [[[value]] if isinstance(value, int | float) else [value] for value in values]
        return read_numbers(single, place).values
    found = read_numbers(values, place)
    differ = np.flatnonzero(found.lengths != lengths)
    if len(differ):
        row = int(differ[0])
        raise UserError(
            f"row {split.number(row)} has {lengths[row]} steps and {found.lengths[row]} targets",
            location=place,
            remedy="give a target for each step, or -o task.per=sequence",
        )
    return found.values


def check_symbols(values: Sequence[Any], place: str) -> Sequence[Text]:
    """The sequences, all of which a tokenizer can read: texts, or lists of symbols."""
    for value in values:
        flat = isinstance(value, list | tuple) and not any(isinstance(v, list) for v in value)
        if not flat and not isinstance(value, str):
            raise UserError(
                f"not a sequence of symbols: {value!r}",
                location=place,
                remedy="give a list of symbols, or a text",
            )
    return values


def _place(split: Split, column: str) -> str:
    return f"{split.origin}, {split.name}, column '{column}'"
