"""Files of predictions: their checks, and writing in the format of the suffix."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from seqlab.cli.prediction_formats import FORMATS, SCORES, JsonLines, Lines, Table
from seqlab.errors import UserError

if TYPE_CHECKING:
    from seqlab.evaluation.records import Record
    from seqlab.types import JsonObject


def check_output(output: str | None, source: object, *, as_json: bool) -> Path | None:
    """The file to write predictions to, or None; checked before anything is predicted.

    Args:
        output: The requested file.
        source: The file of the rows, if they are in a file.
        as_json: Whether JSON is requested.

    Raises:
        UserError: It is a folder, its folder does not exist, its format is not known, or it is
            the file of the rows.
    """
    if output is None:
        return None
    path = Path(output)
    _check_path(path)
    if isinstance(source, str) and path.exists() and _is_same(path, Path(source)):
        raise UserError(
            f"'{path}' is the file of the rows to predict",
            location="--output",
            remedy=f"name a different file, such as {path.with_stem(path.stem + '-predicted')}",
        )
    if as_json and issubclass(FORMATS[path.suffix.lower()], Table):
        raise UserError(
            f"--json does not fit to a table ({path.suffix})",
            location="--output",
            remedy="leave out --json, or write a .jsonl file",
        )
    return path


def _check_path(path: Path) -> None:
    """Check that a file can be written, in a format that is known."""
    if path.is_dir() or not path.parent.is_dir():
        cause = f"'{path}' is a folder" if path.is_dir() else f"there is no folder '{path.parent}'"
        raise UserError(cause, location="--output", remedy="name a file in an existing folder")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UserError(
            f"you may not write to '{path}'",
            location="--output",
            remedy="name a file in a folder of your own",
        )
    if path.suffix.lower() not in FORMATS:
        known = ", ".join(filter(None, FORMATS))
        raise UserError(
            f"predictions are not written as '{path.suffix}'",
            location="--output",
            remedy=f"use one of {known}, such as {path.with_suffix('.csv')}",
        )


def write_records(records: Iterable[JsonObject], target: Path | None, *, as_json: bool) -> None:
    """Write records in the format of the file.

    Args:
        records: The records; without names of what is predicted, the usual ones are taken.
        target: A file; standard output if None. It is replaced only when all is written.
        as_json: Whether to write JSON to standard output or into a text file.
    """
    from seqlab.evaluation.records import Record

    kind = FORMATS[target.suffix.lower()] if target is not None else Lines
    with _open(target) as file:
        writer = JsonLines(file) if as_json and kind is Lines else kind(file)
        for record in records:
            writer.write(record if isinstance(record, Record) else _record(record))
        writer.end()


def _record(plain: JsonObject) -> Record:
    """A record from a mapping: the usual names are what is predicted."""
    from seqlab.evaluation.records import Record

    names = {"predicted", *SCORES} & plain.keys()
    columns = {name: value for name, value in plain.items() if name not in names}
    return Record(columns, {name: plain[name] for name in plain if name in names})


def _is_same(path: Path, source: Path) -> bool:
    return source.exists() and path.samefile(source)


@contextmanager
def _open(target: Path | None) -> Iterator[IO[str]]:
    """Standard output, or a file that replaces `target` only when it is complete."""
    if target is None:
        yield sys.stdout
        return
    from seqlab.files.writing import output_file

    path = target
    try:
        with (
            output_file(target) as path,
            path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file,
        ):
            yield file
    except OSError as error:
        if error.filename not in (None, str(path), str(target)):
            raise  # a file that is read
        raise UserError(
            f"cannot write '{target}': {error.strerror or error}",
            location="--output",
            remedy="name a different file",
        ) from None
