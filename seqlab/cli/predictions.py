"""The rows to predict, and their predictions."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqlab.cli.prediction_rows import check_input, is_input, is_name, refuse_folder
from seqlab.errors import UserError

if TYPE_CHECKING:
    from seqlab.inference.predictor import Predictor
    from seqlab.types import JsonObject


def predict_source(
    predictor: Predictor,
    source: str | Sequence[str],
    *,
    steps: int | None = None,
    options: Sequence[str] = (),
) -> Iterable[JsonObject]:
    """The predictions for a source, or of the steps after the end of its series.

    Args:
        predictor: The predictor of a finished run.
        source: A file, "-" for standard input, or the texts themselves.
        steps: Number of steps after the end; None for the horizon of the run, or other tasks.
        options: Options by which a file is read, as strings `data.KEY=VALUE`.

    Raises:
        UserError: The task has no steps.
    """
    if predictor.fitted.forecasts and len(source) == 1 and Path(source[0]).is_dir():
        source = source[0]  # no folder is named like a series of numbers
    is_file = isinstance(source, str) and source != "-"
    if is_file and predictor.fitted.forecasts and Path(str(source)).suffix != ".txt":
        return predictor.forecast(source, steps, options)
    refuse_folder(source)
    if isinstance(source, str) and steps is None:
        return predictor.predict_file(source, options)
    if isinstance(source, str):
        return predictor.forecast([*predictor.read(source, options)], steps)
    rows = iter(source)
    return predictor.predict_stream(rows) if steps is None else predictor.forecast([*rows], steps)


def choose_source(texts: Sequence[str], source: str | None) -> str | Sequence[str]:
    """The rows to predict: the texts themselves, a file, or "-" for standard input.

    Raises:
        UserError: Both or neither are given, or the file cannot be read.
    """
    if texts and source is not None:
        raise UserError(
            "texts and --input exclude each other", location="--input", remedy="use one of the two"
        )
    if len(texts) == 1 and is_input(texts[0]):
        source, texts = texts[0], ()
    if texts:
        if len(texts) == 1 and is_name(texts[0]) and " " not in texts[0]:
            click.echo(f"there is no file {texts[0]!r}: it is predicted as a text", err=True)
        return texts
    if source is None:
        if sys.stdin.isatty():
            raise UserError(
                "nothing to predict",
                location="TEXT",
                remedy="give texts in quotes, or --input FILE",
            )
        return "-"
    check_input(source)
    return source
