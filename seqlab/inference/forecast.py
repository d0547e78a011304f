"""Forecasts: what follows a series, also further ahead than the horizon of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from seqlab.errors import UserError
from seqlab.evaluation.records import Record
from seqlab.prepare.finished.forecast_data import ForecastData
from seqlab.task import Fitted
from seqlab.types import Row

Predict = Callable[[Sequence[Row]], Iterator[Record]]
"""Predicts rows, and returns one record per row."""


def check_steps(fitted: Fitted, steps: int | None, task: str) -> None:
    """Check that a task can predict a number of steps.

    Raises:
        UserError: The task predicts no series, or the number is not positive.
    """
    if not fitted.forecasts:
        raise UserError(
            f"the task '{task}' does not predict the steps after a series",
            location="--steps",
            remedy="leave it out",
        )
    if steps is not None and steps < 1:
        raise UserError(f"{steps} steps", location="--steps", remedy="give 1 or more")


def is_lines(data: object) -> bool:
    """Whether data are typed lines, each with a series so far."""
    return isinstance(data, list | tuple) and len(data) > 0 and isinstance(data[0], str)


def continued(
    fitted: Fitted, predict: Predict, histories: Sequence[Row], steps: int | None
) -> Iterator[Record]:
    """Predict the steps after each history.

    Steps beyond the horizon are predicted from those before them.

    Args:
        fitted: The fitted task.
        predict: Predicts rows.
        histories: What is known of each series.
        steps: Number of steps; the horizon of the model if None.

    Returns:
        The record of each history, with `predicted` of as many steps.
    """
    records = list(predict(histories))
    values = [_listed(record) for record in records]
    current = records
    while steps is not None and values and len(values[0]) < steps:
        histories = [
            fitted.extended(history, record.prediction)
            for history, record in zip(histories, current, strict=True)
        ]
        current = list(predict(histories))
        for known, record in zip(values, current, strict=True):
            known += _listed(record)
    for record, known in zip(records, values, strict=True):
        chosen = known[:steps]
        is_single = steps in (None, 1) and len(chosen) == 1
        predicted = chosen[0] if is_single else chosen
        yield Record(record.row, {**record.prediction, "predicted": predicted})


def forecast_table(
    fitted: Fitted, predict: Predict, data: ForecastData, steps: int | None
) -> Iterator[Record]:
    """Predict the steps after each series of a table: one record per series and step."""
    histories = [fitted.history(series.rows, series.columns) for series in data.series]
    records = continued(fitted, predict, histories, steps)
    for series, record in zip(data.series, records, strict=True):
        predicted = _listed(record)
        for later, value in zip(series.later(len(predicted)), predicted, strict=True):
            yield Record(later, {"predicted": value})


def _listed(record: Record) -> list[object]:
    predicted = record.prediction["predicted"]
    return list(predicted) if isinstance(predicted, list) else [predicted]
