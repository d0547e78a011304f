"""Sequences and series as a person types and reads them, in the user's units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqlab import Presenter, Scaler, Tokenizer, read_numbers
from seqlab_regression.values import Per
from seqlab_regression.windows import Values

Predictions: TypeAlias = NDArray[np.float32]


class SequencePresenter(Presenter):
    """Sequences with one value per sequence or one per step.

    Args:
        inputs: The tokenizer of tokens, or the scaler of numbers.
        targets: The scaler of the targets.
        per: Whether there is one target per sequence or one per step.
    """

    def __init__(self, inputs: Tokenizer | Scaler, targets: Scaler, per: Per) -> None:
        self.inputs, self.targets, self.per = inputs, targets, per

    def parse(self, line: str) -> dict[str, object]:
        """Read the line as a sequence: "1 2 3"; steps with several features are lists in JSON."""
        if not isinstance(self.inputs, Scaler):
            return {"sequence": line}
        numbers = read_numbers([line], "the line", size=len(self.inputs.mean)).values
        return {"sequence": numbers[:, 0].tolist() if numbers.shape[1] == 1 else numbers.tolist()}

    def present(
        self, row: Mapping[str, Any], outputs: Predictions, predictions: Predictions
    ) -> dict[str, object]:
        """The row with `predicted`: a value, or one per step."""
        values = self.targets.unscale(predictions)  # (O,) or (T, O)
        squeezed = values[..., 0] if values.shape[-1] == 1 else values
        return {**row, "predicted": squeezed.tolist()}

    def values(self, values: Predictions, target_offset: Predictions | None = None) -> Values:
        """Convert values of the model to the user's units."""
        return self.targets.unscale(values if target_offset is None else values + target_offset)


class SeriesPresenter(Presenter):
    """The values of a series so far and its forecast.

    Args:
        targets: The scaler of the forecast values, or of their changes since the last known value.
        center: The mean of the series, to which target offsets refer.
        relative: Whether the model predicts changes instead of values.
        features: Further columns of the series.
    """

    def __init__(
        self, targets: Scaler, center: float, relative: bool, features: Sequence[str]
    ) -> None:
        self.targets, self.center = targets, center
        self.relative, self.features = relative, list(features)

    def parse(self, line: str) -> dict[str, object]:
        """Read the line as a series: "1 2 3"; with features, one list per step in JSON."""
        numbers = read_numbers([line], "the line", size=1 + len(self.features)).values
        return dict(zip(["target", *self.features], numbers.T.tolist(), strict=True))

    def present(
        self, row: Mapping[str, Any], outputs: Predictions, predictions: Predictions
    ) -> dict[str, object]:
        """The `series` with `predicted`: the next value, or a list if the horizon is longer."""
        series = read_numbers([row["target"]], "the row").values[:, 0]
        forecast = self.targets.unscale(predictions) + (series[-1] if self.relative else 0.0)
        values = forecast.tolist()
        features = {name: value for name, value in row.items() if name != "target"}
        predicted = values if len(values) > 1 else values[0]
        return {"series": series.tolist(), **features, "predicted": predicted}

    def values(self, values: Predictions, target_offset: Predictions | None = None) -> Values:
        """Convert values of the model to the user's units; offsets are relative to `center`."""
        if target_offset is None:
            return self.targets.unscale(values)
        return np.asarray(values + target_offset, np.float64) * self.targets.std + self.center
