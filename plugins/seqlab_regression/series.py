"""One series, a value a row: windows over it, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab import (
    Baseline,
    Examples,
    ModelSpec,
    Numbers,
    Outputs,
    Presenter,
    Ragged,
    Scaler,
    Split,
    Tokenizer,
    UserError,
    read_numbers,
)
from seqlab_regression.values import FittedValues, LossKind
from seqlab_regression.windows import Values, read_series, rows_before, steps_of, values_ahead


class SeriesPresenter(Presenter):
    """The values so far and what comes next, in the user's units.

    Args:
        targets: Units of each value ahead, or of its change since the last one seen.
        center: The mean of the series, from which metrics count.
        relative: Whether changes are predicted, or values.
        features: Further columns that a step holds.
    """

    def __init__(
        self, targets: Scaler, center: float, relative: bool, features: Sequence[str]
    ) -> None:
        self.targets, self.center = targets, center
        self.relative, self.features = relative, list(features)

    def parse(self, line: str) -> dict[str, Any]:
        """The line is the values so far: "1 2 3"; with features, a list per step as JSON."""
        numbers = read_numbers([line], "the line", size=1 + len(self.features)).values
        return dict(zip(["target", *self.features], numbers.T.tolist(), strict=True))

    def present(
        self, row: Mapping[str, Any], outputs: NDArray[Any], predictions: NDArray[Any]
    ) -> dict[str, Any]:
        """The `series`, and the next `value`, or `values` if several are predicted."""
        series = read_numbers([row["target"]], "the row").values[:, 0]
        ahead = self.targets.unscale(predictions) + (series[-1] if self.relative else 0.0)
        rest = {name: value for name, value in row.items() if name != "target"}
        values = ahead.tolist()
        forecast = {"values": values} if len(values) > 1 else {"value": values[0]}
        return {"series": series.tolist(), **rest, **forecast}

    def values(
        self, values: NDArray[Any], target_offset: NDArray[Any] | None = None
    ) -> NDArray[np.float64]:
        """Values of the model in the user's units; `target_offset` counts from the series' mean."""
        if target_offset is None:
            return self.targets.unscale(values)
        return np.asarray(values + target_offset, np.float64) * self.targets.std + self.center


class FittedSeries(FittedValues):
    """Knows the units of a series, and cuts it into windows.

    Args:
        inputs: Units of what a step holds: see `steps_of`.
        targets: Units of each value ahead, or of its change since the last one seen.
        center: The mean of the series, from which metrics count.
        window: Values that a prediction sees.
        relative: Whether changes are predicted, or values.
        features: Further columns that a step holds.
        loss: As in `FittedValues`.
    """

    kind = "series"

    def __init__(
        self,
        inputs: Scaler,
        targets: Scaler,
        *,
        center: float,
        window: int,
        relative: bool,
        features: Sequence[str],
        loss: LossKind,
    ) -> None:
        super().__init__(targets, loss)
        self.inputs, self.center, self.window = inputs, center, window
        self.relative, self.features = relative, list(features)
        self.presenter = SeriesPresenter(targets, center, relative, features)
        self.horizon = len(targets.mean)
        self.spec = ModelSpec(
            inputs={"series": Numbers(len(inputs.mean))},
            outputs=Outputs("value", (self.horizon,), per="sequence"),
        )

    def encode(self, split: Split, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """The part as one example, with the rows before it that its first windows see.

        Rows to predict hold a list of values each, and are encoded as they are read.
        """
        if not targets:
            return self._histories(split, columns)
        names = [columns["target"], *self.features]
        before = rows_before(split, names, self.window)
        values = np.concatenate([before, read_series(split, names)])  # (N, 1 + F)
        return Examples(
            inputs={"series": self.inputs.scale(steps_of(values, self.relative))},
            starts=np.array([len(before)]),
            lengths=np.array([len(split)]),
            targets=values[:, 0],  # in the user's units until they are cut
            per="step",
            rows=np.zeros(1, np.int64),
            unit="window",
        )

    def cut(self, examples: Examples, *, training: bool) -> Examples:
        """A window before each value of the split; windows overlap, and no step is copied."""
        values, begin = examples.targets, int(examples.starts[0])
        end = begin + int(examples.lengths[0])
        at = np.arange(max(begin, self.window), end - self.horizon + 1)  # (E,) first value ahead
        if not len(at):
            raise UserError(
                f"{end} rows are too few for windows of {self.window} values and "
                f"{self.horizon} to predict",
                location="task.window",
                remedy="give more rows, or train with a smaller -o task.window=N",
            )
        ahead, last = values_ahead(values, at, self.horizon)
        target_offset = last if self.relative else np.zeros_like(last)  # (E, 1)
        seen = self._seen()
        return replace(
            examples,
            starts=at - seen,
            lengths=np.full(len(at), seen),
            targets=self.targets.scale(ahead - target_offset),
            per="sequence",
            rows=at - begin,
            target_offset=(self.targets.mean + target_offset - self.center) / self.targets.std,
        )

    def baseline(self, examples: Examples) -> Baseline:
        """The last value again."""
        scores = self.targets.scale(np.zeros((len(examples), self.horizon)))
        if not self.relative:
            last = examples.inputs["series"][examples.starts + examples.lengths - 1]  # type: ignore[index]
            scores = self.targets.scale(self.inputs.unscale(last)[:, :1])
        return Baseline("last value", np.broadcast_to(scores, (len(examples), self.horizon)))

    def to_json(self) -> dict[str, Any]:
        """Units and options."""
        names = ("kind", "center", "window", "relative", "features", "loss")
        scalers = {name: getattr(self, name).to_json() for name in ("inputs", "targets")}
        return {**{name: getattr(self, name) for name in names}, **scalers}

    @classmethod
    def restore(cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]) -> FittedSeries:
        """As `to_json` described it."""
        del tokenizers  # a series has none
        options = {name: value for name, value in state.items() if name != "kind"}
        options |= {name: Scaler.from_json(state[name]) for name in ("inputs", "targets")}
        return cls(**options)

    def _seen(self) -> int:
        """Steps of a window: between W values lie W − 1 changes."""
        return self.window - 1 if self.relative else self.window

    def _histories(self, split: Split, columns: Mapping[str, str]) -> Examples:
        """A window at the end of each row's values."""
        rows = [self._history(split[row], columns, row) for row in range(len(split))]
        steps = Ragged(np.concatenate(rows), np.array([len(row) for row in rows]))
        return Examples(
            inputs={"series": self.inputs.scale(steps.values)},
            starts=steps.starts,
            lengths=steps.lengths,
            targets=np.zeros((len(rows), self.horizon), np.float32),
            per="sequence",
            rows=np.arange(len(rows)),
            unit="window",
        )

    def _history(self, row: Mapping[str, Any], columns: Mapping[str, str], number: int) -> Values:
        place = f"row {number + 1} to predict"
        names = [columns["target"], *self.features]
        lacking = [name for name in self.features if name not in row]
        if lacking:
            raise UserError(
                f"there is no '{lacking[0]}'",
                location=place,
                remedy=f"give a list of values for each of {', '.join(names)}",
            )
        found = [read_numbers([row[name]], f"{place}, '{name}'", size=1) for name in names]
        counts = [int(each.lengths[0]) for each in found]
        least = 2 if self.relative else 1
        if len(set(counts)) > 1 or counts[0] < least:
            raise UserError(
                f"a row to predict is a series so far, and this one has "
                f"{' and '.join(map(str, counts))} values",
                location=place,
                remedy=f"give {least} at least, best {self.window}, as many in each column, in "
                'one row: "1 2 3", or a list in a .jsonl file',
            )
        values = np.concatenate([each.values[-self.window :] for each in found], 1)
        return steps_of(values, self.relative)[least - 1 :]


def fit_series(
    train: Split,
    columns: Mapping[str, str],
    *,
    window: int,
    horizon: int,
    relative: bool,
    features: Sequence[str],
    loss: LossKind,
) -> FittedSeries:
    """Units of the series and of its changes, from the training split."""
    values = read_series(train, [columns["target"], *features])
    series = values[:, 0]
    if len(series) <= horizon:
        raise UserError(
            f"{len(series)} training rows are too few to predict {horizon} ahead",
            location=train.origin,
            remedy="give more rows, or -o task.horizon=1",
        )
    ahead, last = values_ahead(series, np.arange(1, len(series) - horizon + 1), horizon)
    return FittedSeries(
        Scaler.of(steps_of(values, relative)[1:]),
        Scaler.of(ahead - last if relative else ahead),
        center=float(series.mean()),
        window=window,
        relative=relative,
        features=features,
        loss=loss,
    )
