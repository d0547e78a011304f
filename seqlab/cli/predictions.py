"""From rows to predictions, a line each."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from seqlab.cli.rows import check_input, read_rows
from seqlab.errors import UserError

if TYPE_CHECKING:
    from seqlab.inference.predictor import Predictor


def write_predictions(
    predictor: Predictor, source: str | Sequence[str], target: Path | None, *, as_json: bool
) -> None:
    """Predict, and write a line for each row as it comes.

    Args:
        predictor: From a finished run.
        source: A file, "-", or the texts themselves.
        target: A file; standard output if None.
        as_json: Whole records; a .jsonl file always holds these.
    """
    rows = read_rows(source) if isinstance(source, str) else iter(source)
    as_json = as_json or (target is not None and target.suffix == ".jsonl")
    with _opened(target) as file:
        for record in predictor.predict_stream(rows):
            text = json.dumps(record, ensure_ascii=False) if as_json else line(record)
            file.write(text + "\n")


def line(record: Mapping[str, Any]) -> str:
    """A prediction on one readable line: label, score or value, then what it is about.

    Words and tags, as all lists of text, stand with a space between.
    """
    first = [str(record["label"])] if "label" in record else []
    if isinstance(record.get("score"), float):
        first.append(f"{record['score']:.3f}")
    if isinstance(record.get("value"), float):
        first.append(f"{record['value']:.6g}")
    left = {"label", "score", "scores", "probabilities"}
    left |= {"value"} if isinstance(record.get("value"), float) else set()
    rest = [_cell(value) for name, value in record.items() if name not in left]
    return "\t".join(" ".join(cell.split()) for cell in [*first, *rest])


def _cell(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return " ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def choose_source(texts: Sequence[str], source: str | None) -> str | Sequence[str]:
    """Where the rows come from: the texts themselves, a file, or "-" for standard input.

    Raises:
        UserError: Both are given, neither is, or the file cannot be read.
    """
    if texts and source is not None:
        raise UserError(
            "texts and --input are both given", location="--input", remedy="give one of the two"
        )
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
    """The file that predictions go to, or None.

    Raises:
        UserError: It cannot be a file.
    """
    if output is None:
        return None
    path = Path(output)
    if path.is_dir() or not path.parent.is_dir():
        cause = f"'{path}' is a folder" if path.is_dir() else f"there is no folder '{path.parent}'"
        raise UserError(cause, location="--output", remedy="name a file in a folder that is there")
    return path


@contextmanager
def _opened(target: Path | None) -> Iterator[IO[str]]:
    """Standard output, or a file that is there whole or not at all."""
    if target is None:
        yield sys.stdout
        return
    beside = target.with_name(f".writing-{target.name}")
    try:
        file = beside.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UserError(
            f"cannot write '{target}': {error.strerror}", location="--output", remedy="name another"
        ) from None
    try:
        with file:
            yield file
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
