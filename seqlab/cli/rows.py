"""Rows to predict, read one at a time from a file or standard input."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from seqlab.errors import UserError, nearest

if TYPE_CHECKING:
    from seqlab.types import Row

Input: TypeAlias = "str | Row"
"""A text or a row."""

SUFFIXES = (".txt", ".jsonl", ".csv", ".tsv")
BOM = "\ufeff"


def check_input(source: str) -> None:
    """Check that an input can be read, before a model is loaded.

    Raises:
        UserError: There is no such file, or its format is not supported.
    """
    if source == "-":
        return
    path = Path(source)
    if not path.exists() or path.is_dir():
        names = [file.name for file in path.parent.glob("*")] if path.parent.is_dir() else []
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
            remedy=f"supported: {', '.join(SUFFIXES)}, or - for one text per line",
        )


def read_rows(source: str) -> Iterator[Input]:
    """The rows of a file, with one row in memory at a time.

    Args:
        source: A .txt, .jsonl, .csv or .tsv file; "-" for one text per line on standard input.

    Raises:
        UserError: A line is not UTF-8 or not in the format of the suffix.
    """
    if source == "-":
        yield from _rows(sys.stdin.buffer, "standard input", "")
        return
    with Path(source).open("rb") as file:
        yield from _rows(file, source, Path(source).suffix.lower())


def _rows(file: Iterable[bytes], name: str, suffix: str) -> Iterator[Input]:
    lines = _decoded(file, name)
    if suffix == ".jsonl":
        yield from _json_rows(lines, name)
    elif suffix in (".csv", ".tsv"):
        yield from _csv_rows(lines, name, "\t" if suffix == ".tsv" else ",")
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


def _json_rows(lines: Iterable[str], name: str) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _invalid(f"not JSON: {error}", name, number) from None
        if not isinstance(row, dict):
            raise _invalid(f"not an object but {type(row).__name__}", name, number)
        yield row


def _csv_rows(lines: Iterable[str], name: str, separator: str) -> Iterator[Row]:
    reader = csv.DictReader(lines, delimiter=separator, strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                comparison = "more" if None in row else "fewer"
                raise _invalid(f"{comparison} fields than the header", name, reader.line_num)
            yield row
    except csv.Error as error:
        raise _invalid(f"not CSV: {error}", name, reader.reader.line_num) from None


def _invalid(cause: str, name: str, number: int) -> UserError:
    return UserError(cause, location=f"{name}, line {number}", remedy="fix the line")
