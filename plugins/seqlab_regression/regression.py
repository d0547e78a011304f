"""A value for each sequence or step, or a series' next value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from seqlab import Column, Range, Split, Task, Tokenizer, UserError
from seqlab_regression.sequences import Per, fit_sequences
from seqlab_regression.series import fit_series
from seqlab_regression.values import FittedValues, LossKind


class Regression(Task):
    """A value for each sequence or step, or a series' next value.

    Rows with a sequence of numbers are one example each; with a tokenizer, a sequence of symbols.
    Rows without one are the steps of a series, and the task is the next value of column `target`
    after a window: train, validation and test are cut off in this order.

    Args:
        per: One target a sequence or one a step; found from the targets if none.
        loss: What is minimised: the squared, absolute or Huber's error, in units of the
            targets' deviation.
        window: Values of a series that a prediction sees.
        horizon: How many values of a series are predicted, one after the other.
        features: Further columns of a series that each step shows.
        relative: Predict the change since the window's last value, seeing changes, too.
    """

    columns = (
        Column("sequence", ("list",), ("sequence", "inputs", "input"), optional=True),
        Column("target", ("number", "list"), ("target", "targets", "value", "y", "next")),
    )
    target = "target"
    fitted = FittedValues
    defaults: ClassVar[Mapping[str, Any]] = {
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
    ) -> None:
        self.per, self.loss, self.window, self.horizon = per, loss, window, horizon
        self.features, self.relative = features or [], relative

    def ordered(self, columns: Mapping[str, str]) -> bool:
        """Rows without a sequence of their own are a series."""
        return "sequence" not in columns

    def fit(
        self, train: Split, columns: Mapping[str, str], tokenizer: Tokenizer | None
    ) -> FittedValues:
        """Units, and symbols where there are any, from the training split."""
        if not self.ordered(columns):
            self._check(self.features, "features", "are columns of a series")
            return fit_sequences(train, columns, tokenizer, per=self.per, loss=self.loss)
        self._check(self.per, "per", "is for rows with a sequence")
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
            relative=self.relative,
            features=self.features,
            loss=self.loss,
        )

    def _check(self, value: object, option: str, why: str) -> None:
        if value:
            raise UserError(
                f"task.{option} {why}", location=f"task.{option}", remedy="leave it out"
            )
