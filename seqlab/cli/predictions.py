"""Predict rows and write one line per prediction."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from seqlab.cli.rows import check_input, is_input
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
    is_file = isinstance(source, str) and source != "-"
    if is_file and predictor.fitted.forecasts and Path(str(source)).suffix != ".txt":
        return predictor.forecast(source, steps, options)
    rows = predictor.read(source, options) if isinstance(source, str) else iter(source)
    return predictor.predict_stream(rows) if steps is None else predictor.forecast([*rows], steps)


def write_predictions(records: Iterable[JsonObject], target: Path | None, *, as_json: bool) -> None:
    """Write one line per prediction.

    Args:
        records: The predictions.
        target: A file; standard output if None.
        as_json: Whether to write complete records as JSON, as always in a .jsonl file.
    """
    as_json = as_json or (target is not None and target.suffix == ".jsonl")
    with _open_target(target) as file:
        for record in records:
            text = json.dumps(record, ensure_ascii=False) if as_json else line(record)
            file.write(text + "\n")


def line(record: JsonObject) -> str:
    """A prediction on one readable line: a label with its score, or a value, then the row.

    Lists of text, such as words and tags, are joined by spaces; what is predicted follows the row
    unless it is one label or value.
    """
    predicted, first, omitted = record.get("predicted"), [], {"score", "scores", "probabilities"}
    if isinstance(predicted, float):
        first.append(f"{predicted:.6g}")
    elif isinstance(predicted, str) and "score" in record:
        first.append(predicted)
    omitted |= {"predicted"} if first else set()
    if isinstance(record.get("score"), float):
        first.append(f"{record['score']:.3f}")
    rest = [_cell(value) for name, value in record.items() if name not in omitted]
    return "\t".join(" ".join(cell.split()) for cell in [*first, *rest])


def _cell(value: object) -> str:
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return " ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


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


def choose_target(output: str | None) -> Path | None:
    """The file to write predictions to, or None.

    Raises:
        UserError: It is a folder, or its folder does not exist.
    """
    if output is None:
        return None
    path = Path(output)
    if path.is_dir() or not path.parent.is_dir():
        cause = f"'{path}' is a folder" if path.is_dir() else f"there is no folder '{path.parent}'"
        raise UserError(cause, location="--output", remedy="name a file in an existing folder")
    return path


@contextmanager
def _open_target(target: Path | None) -> Iterator[IO[str]]:
    """Standard output, or a file that replaces `target` only when it is complete."""
    if target is None:
        yield sys.stdout
        return
    incomplete = target.with_name(f".writing-{target.name}")
    try:
        file = incomplete.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UserError(
            f"cannot write '{target}': {error.strerror}",
            location="--output",
            remedy="name a different file",
        ) from None
    try:
        with file:
            yield file
        incomplete.replace(target)
    finally:
        incomplete.unlink(missing_ok=True)
