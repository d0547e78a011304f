"""Forecasting of one time series with one value per row: windows and the values after them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab import (
    Baseline,
    Examples,
    Finding,
    MeanAbsolutePercentageError,
    Metric,
    ModelSpec,
    Numbers,
    Outputs,
    Ragged,
    Scaler,
    Split,
    SymmetricMeanAbsolutePercentageError,
    Tokenizer,
    UserError,
    read_numbers,
)
from seqlab_regression.presenters import SeriesPresenter
from seqlab_regression.scaling import SCALE, SeriesScaledError, naive_error, relative_scales
from seqlab_regression.values import FittedValues, LossKind
from seqlab_regression.windows import (
    Stretch,
    Values,
    forecast_targets,
    read_stretches,
    steps_of,
)


class FittedSeries(FittedValues):
    """Forecasting after it has seen the training split.

    Args:
        inputs: The scaler of the steps from `steps_of`.
        targets: The scaler of the future values, or of their changes since the last known value.
        center: The mean of the series, to which target offsets refer.
        window: Number of past values that the model reads.
        relative: Whether the model predicts changes instead of values.
        features: Further columns of the series.
        loss: As in `FittedValues`.
        naive_error: The mean absolute error of repeating the value of a season before, in the
            training split; None without two values, or if they never change.
        season: Rows after which a series repeats itself.
    """

    kind = "series"
    forecasts = True

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
        naive_error: float | None = None,
        season: int = 1,
    ) -> None:
        super().__init__(targets, loss, _metrics(targets.std, center, naive_error))
        self.naive_error, self.season = naive_error, season
        self.inputs, self.center, self.window = inputs, center, window
        self.relative, self.features = relative, list(features)
        self.presenter = SeriesPresenter(targets, center, relative, features)
        self.horizon = len(targets.mean)
        self.spec = ModelSpec(
            inputs={"series": Numbers(len(inputs.mean))},
            outputs=Outputs("value", (self.horizon,), per="sequence"),
        )

    def encode(self, split: Split, columns: Mapping[str, str], *, targets: bool = True) -> Examples:
        """Encode each stretch of rows that follow each other as one example.

        The rows that its first windows read precede it. A stretch ends with its series and at
        each gap, so that no window holds rows that do not follow each other.

        Without targets each row is a separate series, which holds a list of values.
        """
        if not targets:
            return self._encode_histories(split, columns)
        names = [columns["target"], *self.features]
        stretches = read_stretches(split, names, self.window)
        lengths = np.array([len(stretch.values) for stretch in stretches])
        before = np.array([len(stretch.before) for stretch in stretches])
        steps = [steps_of(stretch.all, self.relative) for stretch in stretches]
        return Examples(
            inputs={"series": self.inputs.scale(np.concatenate(steps))},
            starts=np.cumsum(before + lengths) - lengths,
            lengths=lengths,
            # in the user's units; `cut` standardizes them
            targets=np.concatenate([stretch.all[:, 0] for stretch in stretches]),
            per="step",
            rows=np.array([stretch.first for stretch in stretches]),
            unit="window",
            metadata=self._scales(split, names[:1], stretches, before + lengths),
        )

    def _scales(
        self,
        split: Split,
        names: Sequence[str],
        stretches: Sequence[Stretch],
        counts: NDArray[np.int64],
    ) -> dict[str, NDArray[Any]]:
        """(N,) the naive error of the series of each step, relative to that of all series."""
        if self.naive_error is None:
            return {}
        firsts = np.array([stretch.first for stretch in stretches], np.int64)
        scales = relative_scales(split, names, firsts, self.season, self.naive_error)
        return {SCALE: np.repeat(scales, counts)}

    def cut(self, examples: Examples, *, training: bool) -> Examples:
        """Cut overlapping windows, one before each value of the split; no step is copied."""
        ends = examples.starts + examples.lengths
        begins = np.concatenate([[0], ends[:-1]])  # of the rows before each stretch
        chunks = [
            np.arange(max(start, begin + self.window), end - self.horizon + 1)
            for start, begin, end in zip(examples.starts, begins, ends, strict=True)
        ]
        positions = np.concatenate(chunks)  # (E,) of the first future value
        if not len(positions):
            raise self._too_short(ends - begins, examples.lengths)
        counts = [len(chunk) for chunk in chunks]
        rows = positions - np.repeat(examples.starts - examples.rows, counts)
        future, last = forecast_targets(examples.targets, positions, self.horizon)
        target_offset = last if self.relative else np.zeros_like(last)  # (E, 1)
        return replace(
            examples,
            starts=positions - self._input_length,
            lengths=np.full(len(positions), self._input_length),
            targets=self.targets.scale(future - target_offset),
            per="sequence",
            rows=rows,
            metadata={name: values[positions] for name, values in examples.metadata.items()},
            target_offset=(self.targets.mean + target_offset - self.center) / self.targets.std,
        )

    def check(
        self, split: Split, columns: Mapping[str, str], examples: Examples
    ) -> Iterator[Finding]:
        """Find series that never change, or are too short for any window of the split."""
        if split.name == "train" and not np.ptp(examples.targets):
            yield Finding(
                "constant target",
                "kept",
                f"all {len(split):,} values are {examples.targets[0]:g}: there is nothing to learn",
                split.location(columns["target"]),
                "name the column to predict with -o data.columns.target=NAME",
                split.name,
            )
        ends = examples.starts + examples.lengths
        known = np.diff(ends, prepend=0)  # (S,) with the rows before
        short = (known < self.window + self.horizon) | (examples.lengths < self.horizon)
        if short.all() or not short.any():
            return  # a split without any window is an error
        firsts = examples.rows[short]
        rows = np.concatenate(
            [
                np.arange(first, first + length)
                for first, length in zip(firsts, examples.lengths[short], strict=True)
            ]
        )
        yield Finding.of_rows(
            split,
            "series too short",
            "dropped",
            f"{{are}} left out: {len(firsts):,} of {len(short):,} series, or of their parts "
            f"between gaps, are too short for {self.window} values and {self.horizon} to predict",
            rows,
            remedy="fill gaps, or train with a smaller -o task.window=N or -o task.horizon=N"
            + ("" if split.name == "train" else f", or a larger -o data.{split.name}_fraction=F"),
            column=columns["target"],
        )

    def history(self, series: Split, columns: Mapping[str, str]) -> dict[str, list[float]]:
        """The values of the last window, after the last gap."""
        names = [columns["target"], *self.features]
        values = read_stretches(series, names, self.window)[-1].all[-self.window :]
        minimum = 2 if self.relative else 1
        if len(values) < minimum:
            raise UserError(
                f"a forecast goes on from {minimum} rows without a gap, and the series ends with "
                f"{len(values)}",
                location=f"{series.origin}, row {series.number(len(series) - 1)}",
                remedy="give more rows before it, or fill in the missing values there",
            )
        return dict(zip(["target", *self.features], values.T.tolist(), strict=True))

    def extended(self, history: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, object]:
        """The values with the forecast at their end; features are not known there."""
        if self.features:
            raise UserError(
                f"more than {self.horizon} steps need {', '.join(self.features)} of the future",
                location="--steps",
                remedy=f"ask for {self.horizon} steps at most; or train with a larger "
                "-o task.horizon=N, or without task.features",
            )
        (name,) = history
        predicted = record["predicted"]
        predicted = predicted if isinstance(predicted, list) else [predicted]
        past = read_numbers([history[name]], "the row").values[:, 0].tolist()
        return {name: [*past, *predicted]}

    def baseline(self, examples: Examples) -> Baseline:
        """Predict that the series keeps its last value."""
        outputs = self.targets.scale(np.zeros((len(examples), self.horizon)))
        if not self.relative:
            steps = examples.inputs["series"]
            assert isinstance(steps, np.ndarray)
            last = steps[examples.starts + examples.lengths - 1]
            outputs = self.targets.scale(self.inputs.unscale(last)[:, :1])
        return Baseline("last value", np.broadcast_to(outputs, (len(examples), self.horizon)))

    def to_json(self) -> dict[str, object]:
        """Scalers and options."""
        return {
            "kind": self.kind,
            "center": self.center,
            "window": self.window,
            "relative": self.relative,
            "features": self.features,
            "loss": self.loss,
            "naive_error": self.naive_error,
            "season": self.season,
            "inputs": self.inputs.to_json(),
            "targets": self.targets.to_json(),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any], tokenizers: Mapping[str, Tokenizer]) -> FittedSeries:
        """Restore the fitted task from the result of `to_json`."""
        del tokenizers  # a series has none
        options = {name: value for name, value in state.items() if name != "kind"}
        options |= {name: Scaler.from_json(state[name]) for name in ("inputs", "targets")}
        return cls(**options)

    def _too_short(self, known: NDArray[np.int64], lengths: NDArray[np.int64]) -> UserError:
        """The error for a split without any window.

        Args:
            known: (S,) rows of each stretch, with those before it.
            lengths: (S,) rows of each stretch.
        """
        several = ": the longest of {} series without a gap" if len(lengths) > 1 else ""
        if lengths.max() < self.horizon <= known.max() - self.window:
            return UserError(
                f"{lengths.max()} rows of a split are too few to predict {self.horizon}"
                + several.format(len(lengths)),
                location="task.horizon",
                remedy="give more rows, a larger -o data.validation_fraction=F or "
                "-o data.test_fraction=F, or train with a smaller -o task.horizon=N",
            )
        return UserError(
            f"{known.max()} rows are too few for windows of {self.window} values and "
            f"{self.horizon} to predict" + several.format(len(lengths)),
            location="task.window",
            remedy="give more rows, or train with a smaller -o task.window=N",
        )

    @property
    def _input_length(self) -> int:
        """Steps that the model reads: between W values there are W − 1 changes."""
        return self.window - 1 if self.relative else self.window

    def _encode_histories(self, split: Split, columns: Mapping[str, str]) -> Examples:
        """Encode the last window of each row."""
        histories = [self._history(split[row], columns, row) for row in range(len(split))]
        steps = Ragged(np.concatenate(histories), np.array([len(rows) for rows in histories]))
        return Examples(
            inputs={"series": self.inputs.scale(steps.values)},
            starts=steps.starts,
            lengths=steps.lengths,
            targets=np.zeros((len(histories), self.horizon), np.float32),
            per="sequence",
            rows=np.arange(len(histories)),
            unit="window",
        )

    def _history(self, row: Mapping[str, object], columns: Mapping[str, str], index: int) -> Values:
        """(T, F) the steps of the last window of a row to predict."""
        location = f"row {index + 1} to predict"
        names = [columns["target"], *self.features]
        missing = [name for name in self.features if name not in row]
        if missing:
            raise UserError(
                f"there is no '{missing[0]}'",
                location=location,
                remedy=f"give a list of values for each of {', '.join(names)}",
            )
        series = [read_numbers([row[name]], f"{location}, '{name}'", size=1) for name in names]
        counts = [int(column.lengths[0]) for column in series]
        minimum = 2 if self.relative else 1
        if len(set(counts)) > 1 or counts[0] < minimum:
            raise UserError(
                f"a row to predict holds the values of a series so far, and this row has "
                f"{' and '.join(map(str, counts))} values",
                location=location,
                remedy=f"give at least {minimum} and best {self.window} values, the same number "
                'for each column, in one row: "1 2 3", or a list in a .jsonl file',
            )
        values = np.concatenate([column.values[-self.window :] for column in series], 1)
        return steps_of(values, self.relative)[minimum - 1 :]


def _metrics(units: NDArray[np.float64], center: float, naive_error: float | None) -> list[Metric]:
    """The metrics by which forecasts are compared."""
    percentages: list[Metric] = [
        MeanAbsolutePercentageError(units, center),
        SymmetricMeanAbsolutePercentageError(units, center),
    ]
    if naive_error is None:
        return percentages
    return [*percentages, SeriesScaledError(units, naive_error)]


def fit_series(
    train: Split,
    columns: Mapping[str, str],
    *,
    window: int,
    horizon: int,
    season: int,
    relative: bool,
    features: Sequence[str],
    loss: LossKind,
) -> FittedSeries:
    """Fit the scalers of the series and of its changes to the training split."""
    stretches = read_stretches(train, [columns["target"], *features], 0)
    changes = [_targets_of(stretch, horizon, relative) for stretch in stretches]
    if not any(len(values) for values in changes):
        longest = max((len(stretch.values) for stretch in stretches), default=0)
        raise UserError(
            f"{longest} training rows are too few to predict {horizon} ahead",
            location=train.origin,
            remedy="give more rows, or -o task.horizon=1",
        )
    steps = [steps_of(stretch.values, relative)[1:] for stretch in stretches]
    series = np.concatenate([stretch.values[:, 0] for stretch in stretches])
    return FittedSeries(
        Scaler.of(np.concatenate(steps)),
        Scaler.of(np.concatenate(changes)),
        center=float(series.mean()),
        window=window,
        relative=relative,
        features=features,
        loss=loss,
        naive_error=naive_error(stretches, season),
        season=season,
    )


def _targets_of(stretch: Stretch, horizon: int, relative: bool) -> Values:
    """(E, horizon) the values after each step of a stretch, or their changes since this step."""
    positions = np.arange(1, len(stretch.values) - horizon + 1)
    future, last = forecast_targets(stretch.values[:, 0], positions, horizon)
    return future - last if relative else future
