"""Rows to predict, read one by one from a file or from standard input."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from seqlab.errors import UserError, nearest

Row: TypeAlias = "str | Mapping[str, Any]"
SUFFIXES = (".txt", ".jsonl", ".csv", ".tsv")
BOM = "\ufeff"


def check_input(source: str) -> None:
    """Find out before a model is loaded whether an input can be read.

    Raises:
        UserError: No such file, or of a kind that is not supported.
    """
    if source == "-":
        return
    path = Path(source)
    if not path.exists() or path.is_dir():
        names = [each.name for each in path.parent.glob("*")] if path.parent.is_dir() else []
        near = None if path.is_dir() else nearest(path.name, names)
        raise UserError(
            f"'{path}' is a folder" if path.is_dir() else f"there is no file '{path}'",
            location="--input",
            remedy=f"did you mean '{path.parent / near}'?" if near else "give a file",
        )
    if path.suffix and path.suffix.lower() not in SUFFIXES:
        raise UserError(
            f"files with the suffix '{path.suffix}' cannot be read",
            location="--input",
            remedy=f"supported: {', '.join(SUFFIXES)}, or - for a text a line",
        )


def read_rows(source: str) -> Iterator[Row]:
    """The rows of a file, without holding more than one of them.

    Args:
        source: A .txt, .jsonl, .csv or .tsv file; "-" for a text a line on standard input.

    Raises:
        UserError: A line that is not UTF-8 or not what the suffix promises.
    """
    if source == "-":
        yield from _rows(sys.stdin.buffer, "standard input", "")
        return
    with Path(source).open("rb") as file:
        yield from _rows(file, source, Path(source).suffix.lower())


def _rows(file: Iterable[bytes], name: str, suffix: str) -> Iterator[Row]:
    lines = _decoded(file, name)
    if suffix == ".jsonl":
        yield from _objects(lines, name)
    elif suffix in (".csv", ".tsv"):
        yield from _records(lines, name, "\t" if suffix == ".tsv" else ",")
    else:
        yield from (line.rstrip("\r\n") for line in lines)


def _decoded(lines: Iterable[bytes], name: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UserError(
                f"not UTF-8: {error.reason} at byte {error.start + 1} of the line",
                location=f"{name}, line {number}",
                remedy="save it as UTF-8",
            ) from None
        yield text.removeprefix(BOM) if number == 1 else text


def _objects(lines: Iterable[str], name: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _broken(f"not JSON: {error}", name, number) from None
        if not isinstance(row, dict):
            raise _broken(f"not an object but {type(row).__name__}", name, number)
        yield row


def _records(lines: Iterable[str], name: str, separator: str) -> Iterator[dict[str, Any]]:
    reader = csv.DictReader(lines, delimiter=separator, strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                more = "more" if None in row else "fewer"
                raise _broken(f"{more} fields than the header", name, reader.line_num)
            yield row
    except csv.Error as error:
        raise _broken(f"not CSV: {error}", name, reader.reader.line_num) from None


def _broken(cause: str, name: str, number: int) -> UserError:
    return UserError(cause, location=f"{name}, line {number}", remedy="mend the line")
