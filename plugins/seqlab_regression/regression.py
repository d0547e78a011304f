"""The task `regression`: values of sequences or steps, and forecasts of time series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from seqlab import Column, Range, Split, Task, Tokenizer, UserError
from seqlab_regression.sequences import fit_sequences
from seqlab_regression.series import fit_series
from seqlab_regression.values import FittedValues, LossKind, Per


class Regression(Task):
    """Regression: a value per sequence or step, or a forecast of a time series.

    If the rows have a sequence, each row is one example: a sequence of numbers, or of tokens if
    there is a tokenizer. Otherwise the rows are the steps of one time series, and the task is to
    predict the values of the column `target` that follow a window; training, validation and test
    splits are then consecutive parts of the series.

    Args:
        per: Whether there is one target per sequence or one per step; None infers it from the
            targets.
        loss: The loss to minimise: squared, absolute or Huber error of the standardized targets.
        window: Number of past values of a series that the model reads.
        horizon: Number of future values of a series to predict.
        features: Further columns of a series that the model reads at each step.
        relative: Predict changes since the last value of the window, and read changes as well.
        season: Rows after which a series repeats itself, such as 12 for months: metric `mase`
            compares with the forecast that repeats the value of a season before.
    """

    columns = (
        Column("sequence", ("list", "numbers"), ("sequence", "inputs", "input"), optional=True),
        Column("target", ("number", "list"), ("target", "targets", "value", "y", "next")),
    )
    target = "target"
    fitted = FittedValues
    defaults: ClassVar[Mapping[str, object]] = {
        "data.source": "counting",
        "data.test_fraction": 0.2,
        "model.hidden_size": 64,
        "train.epochs": 60,
        "train.batch_size": 32,
        "train.learning_rate": 5e-3,
        "train.lr_schedule": "cosine",
        "train.patience": 15,
    }

    def __init__(
        self,
        per: Per | None = None,
        loss: LossKind = "squared",
        window: Annotated[int, Range(2)] = 24,
        horizon: Annotated[int, Range(1)] = 1,
        features: list[str] | None = None,
        relative: bool = True,
        season: Annotated[int, Range(1)] = 1,
    ) -> None:
        self.per, self.loss, self.window, self.horizon = per, loss, window, horizon
        self.features, self.relative, self.season = features or [], relative, season

    def ordered(self, columns: Mapping[str, str]) -> bool:
        """Rows without a sequence are the steps of one series."""
        return "sequence" not in columns

    def number_columns(self) -> Sequence[str]:
        """The features of a series."""
        return self.features

    def fit(
        self, train: Split, columns: Mapping[str, str], tokenizer: Tokenizer | None
    ) -> FittedValues:
        """Fit scalers, and the tokenizer if there is one, to the training split."""
        if not self.ordered(columns):
            _reject(self.features, "features", "is for time series, not for rows with a sequence")
            return fit_sequences(train, columns, tokenizer, per=self.per, loss=self.loss)
        _reject(self.per, "per", "is for rows with a sequence")
        if tokenizer is not None:
            raise UserError(
                "a series of numbers needs no tokenizer",
                location="--tokenizer",
                remedy="leave it out, or name the column of sequences with "
                "-o data.columns.sequence=NAME",
            )
        return fit_series(
            train,
            columns,
            window=self.window,
            horizon=self.horizon,
            season=self.season,
            relative=self.relative,
            features=self.features,
            loss=self.loss,
        )


def _reject(value: object, option: str, reason: str) -> None:
    if value:
        raise UserError(f"task.{option} {reason}", location=f"task.{option}", remedy="leave it out")
