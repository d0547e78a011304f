"""Regression with a value for each sequence or for each of its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab import (
    Baseline,
    Examples,
    Ids,
    ModelSpec,
    Numbers,
    Outputs,
    PearsonCorrelation,
    Ragged,
    Scaler,
    Split,
    Text,
    Tokenizer,
    UserError,
    read_numbers,
)
from seqlab_regression.presenters import SequencePresenter
from seqlab_regression.values import FittedValues, LossKind, Per
from seqlab_regression.windows import Values


class FittedSequences(FittedValues):
    """Regression on sequences after it has seen the training split.

    Args:
        inputs: The tokenizer of tokens, or the scaler of numbers.
        targets: The scaler of the targets.
        per: Whether there is one target per sequence or one per step.
        loss: As in `FittedValues`.
    """

    kind = "sequences"

    def __init__(
        self, inputs: Tokenizer | Scaler, targets: Scaler, *, per: Per, loss: LossKind
    ) -> None:
        super().__init__(targets, loss, [PearsonCorrelation()])
        self.inputs, self.per = inputs, per
        self.presenter = SequencePresenter(inputs, targets, per)
        outputs = Outputs("value", (len(targets.mean),), per)
        if isinstance(inputs, Scaler):
            self.spec = ModelSpec({"numbers": Numbers(len(inputs.mean))}, outputs)
        else:
            self.tokenizers = {"tokens": inputs}
            self.spec = ModelSpec({"tokens": Ids(inputs.size, unknown=inputs.unknown)}, outputs)

    def encode(self, split: Split, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """Encode the sequences as ids or standardized numbers, and standardize the targets."""
        column = columns["sequence"]
        batches = [self._encode(batch[column], split.location(column)) for batch in split.batches()]
        steps = Ragged(
            np.concatenate([batch.values for batch in batches]),
            np.concatenate([batch.lengths for batch in batches]),
        )
        if targets:
            scaled = self.targets.scale(read_targets(split, columns, self.per, steps.lengths))
        else:
            count = len(steps.values) if self.per == "step" else len(split)
            scaled = np.zeros((count, *self.spec.outputs.shape), np.float32)
        (stream,) = self.spec.inputs
        return Examples(
            inputs={stream: steps.values},
            starts=steps.starts,
            lengths=steps.lengths,
            targets=scaled,
            per=self.per,
            rows=np.arange(len(split)),
            unit="sequence",
        )

    def baseline(self, examples: Examples) -> Baseline:
        """Predict the mean of the training targets, which is 0 in the model's units."""
        shape = (len(examples.targets), *self.spec.outputs.shape)
        return Baseline("mean of the training targets", np.broadcast_to(np.float32(0), shape))

    def to_json(self) -> dict[str, object]:
        """Scalers and options."""
        return {
            "kind": self.kind,
            "inputs": self.inputs.to_json() if isinstance(self.inputs, Scaler) else None,
            "targets": self.targets.to_json(),
            "per": self.per,
            "loss": self.loss,
        }

    @classmethod
    def restore(
        cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]
    ) -> FittedSequences:
        """Restore the fitted task from the result of `to_json`."""
        scaler = state["inputs"]
        return cls(
            tokenizers["tokens"] if scaler is None else Scaler.from_json(scaler),
            Scaler.from_json(state["targets"]),
            per=state["per"],
            loss=state["loss"],
        )

    def _encode(self, sequences: Sequence[Any], location: str) -> Ragged:
        if isinstance(self.inputs, Scaler):
            steps = read_numbers(sequences, location, size=len(self.inputs.mean))
            return Ragged(self.inputs.scale(steps.values), steps.lengths)
        encoded = self.inputs.encode(check_tokens(sequences, location))
        if (encoded.lengths == 0).any():
            raise UserError(
                f"a sequence has no tokens: {sequences[int(encoded.lengths.argmin())]!r}",
                location=location,
                remedy="give every sequence at least one token",
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
    """Fit the tokenizer or the scaler, and the scaler of the targets, to the training split."""
    location = train.location(columns["sequence"])
    sequences = list(train.column(columns["sequence"]))
    if per is None:
        first_target = next(iter(train.column(columns["target"])))
        per = "step" if isinstance(first_target, list | tuple | str) else "sequence"
    inputs: Tokenizer | Scaler
    if tokenizer is None:
        steps = read_numbers(sequences, location)
        inputs, lengths = Scaler.of(steps.values), steps.lengths
    else:
        tokenizer.fit(check_tokens(sequences, location))
        inputs, lengths = tokenizer, tokenizer.encode(sequences).lengths
    targets = Scaler.of(read_targets(train, columns, per, lengths))
    return FittedSequences(inputs, targets, per=per, loss=loss)


def read_targets(
    split: Split, columns: Mapping[str, str], per: Per, lengths: NDArray[np.int64]
) -> Values:
    """Read the targets: (N, O) one per step, or (E, O) one per sequence.

    Args:
        split: The rows.
        columns: The column of each role.
        per: Whether there is one target per sequence or one per step.
        lengths: (E,) number of steps of each sequence.

    Raises:
        UserError: A target is not a number, or a row does not have one target per step.
    """
    location = split.location(columns["target"])
    targets = list(split.column(columns["target"]))
    if per == "sequence":  # each target becomes a sequence of one step with O numbers
        steps = [[[value]] if isinstance(value, int | float) else [value] for value in targets]
        return read_numbers(steps, location).values
    numbers = read_numbers(targets, location)
    mismatches = np.flatnonzero(numbers.lengths != lengths)
    if len(mismatches):
        row = int(mismatches[0])
        raise UserError(
            f"row {split.number(row)} has {lengths[row]} steps and {numbers.lengths[row]} targets",
            location=location,
            remedy="give one target per step, or -o task.per=sequence",
        )
    return numbers.values


def check_tokens(sequences: Sequence[Any], location: str) -> Sequence[Text]:
    """Check that a tokenizer can read the sequences: texts, or lists of tokens.

    Raises:
        UserError: A sequence is neither.
    """
    for sequence in sequences:
        is_flat = isinstance(sequence, list | tuple) and not any(
            isinstance(entry, list) for entry in sequence
        )
        if not is_flat and not isinstance(sequence, str):
            raise UserError(
                f"not a sequence of tokens: {sequence!r}",
                location=location,
                remedy="give a list of tokens, or text",
            )
    return sequences
