"""Sheets of Excel workbooks (.xlsx), whose cells are texts, numbers, truth values and dates."""

from __future__ import annotations

import datetime
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqlab.errors import UserError

_ERRORS = ("#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!")
"""Results of formulas that failed; "#N/A" says that a value is missing."""

_COLUMN_LETTERS = 26


@dataclass(frozen=True)
class Sheet:
    """The filled part of a sheet.

    Args:
        name: The name of the sheet.
        numbers: The number of each row in the sheet, from 1 on.
        rows: The cells of each row that is not empty, all rows equally wide; an empty cell is
            None, and a date a text as ISO 8601 writes it.
        first_column: The number of the first filled column, from 0 on.
    """

    name: str
    numbers: list[int]
    rows: list[list[object]]
    first_column: int


def read_sheets(path: Path, missing: Sequence[str] = ()) -> list[Sheet]:
    """Read the visible sheets of a workbook that hold anything.

    Args:
        path: The file.
        missing: Texts that say that a cell has no value.

    Raises:
        UserError: openpyxl is not installed, the file is not a workbook, or a formula has failed.
    """
    with _opened(path) as workbook:
        sheets = [
            _read(sheet, path, frozenset(missing))
            for sheet in workbook.worksheets
            if sheet.sheet_state == "visible"
        ]
    return [sheet for sheet in sheets if sheet.rows]


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        import openpyxl
    except ImportError:
        raise UserError(
            "reading .xlsx files needs the library openpyxl",
            location=str(path),
            remedy="pip install 'seqlab[excel]', or save the sheet as .csv",
        ) from None
    try:
        with warnings.catch_warnings():  # of styles and extensions that do not matter here
            warnings.simplefilter("ignore")
            workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                yield workbook
            finally:
                workbook.close()
    except UserError:
        raise
    except Exception as error:  # openpyxl passes on errors of zipfile, XML and its own parsers
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UserError(
            f"the workbook cannot be read: {reason}",
            location=str(path),
            remedy="open it in a spreadsheet program and save it again as .xlsx, or as .csv",
        ) from error


def _read(sheet: Any, path: Path, missing: frozenset[str]) -> Sheet:
    numbers, rows = list[int](), list[list[object]]()
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        location = f"{path}, sheet '{sheet.title}'"
        row = [_value(cell, missing) for cell in cells]
        for column, value in enumerate(row):
            if value in _ERRORS:
                raise _failed_formula(str(value), f"{location}, cell {_letters(column)}{number}")
        if any(value is not None for value in row):
            numbers.append(number)
            rows.append(row)
    filled = [i for row in rows for i, value in enumerate(row) if value is not None]
    first, last = min(filled, default=0), max(filled, default=-1)
    even = [[*row, *[None] * (last + 1 - len(row))][first : last + 1] for row in rows]
    return Sheet(sheet.title, numbers, even, first)


def _value(cell: object, missing: frozenset[str]) -> object:
    """The value of a cell."""
    if isinstance(cell, str):
        return None if not cell or cell in missing else cell
    if isinstance(cell, datetime.datetime):
        is_day = cell.time() == datetime.time()
        return cell.date().isoformat() if is_day else cell.isoformat(sep=" ")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    if cell is None or isinstance(cell, bool | int):
        return cell
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    return str(cell)


def _letters(column: int) -> str:
    """The name of a column in a spreadsheet: A, B and so on, AA after Z."""
    letters, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, _COLUMN_LETTERS)
        letters = chr(ord("A") + letter) + letters
    return letters


def _failed_formula(value: str, location: str) -> UserError:
    return UserError(
        f"a formula has failed: the cell holds {value}",
        location=location,
        remedy="correct or clear the cell, and save the workbook",
    )
