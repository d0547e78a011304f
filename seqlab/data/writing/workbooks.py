"""Excel workbooks (.xlsx)."""

from __future__ import annotations

import json
import math
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqlab.data.split import Split
from seqlab.data.writing.cells import cell, unsuitable
from seqlab.errors import UserError

_MAX_ROWS = 1_048_576
_MAX_CHARACTERS = 32_767
_CONTROL = re.compile(r"[\000-\010\013\014\016-\037\ufffe\uffff]")


def write_xlsx(split: Split, path: Path) -> None:
    """Write a workbook with one sheet; texts stay texts, also those that look like formulas.

    Raises:
        UserError: openpyxl is not installed, or the sheet cannot hold the rows.
    """
    try:
        import openpyxl
    except ImportError:
        raise UserError(
            "writing .xlsx files needs the library openpyxl",
            location=str(path),
            remedy="pip install 'seqlab[excel]', or write a .csv file",
        ) from None
    if len(split) >= _MAX_ROWS:
        raise unsuitable(f"a sheet holds {_MAX_ROWS - 1:,} rows below its header", str(path))
    deque(_rows(split), maxlen=0)  # refuses rows before openpyxl opens a temporary file
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet(split.name)
    for row in _rows(split):
        sheet.append([_cell(sheet, value) for value in row])
    workbook.save(path)


def _rows(split: Split) -> Iterator[list[object]]:
    """The header and the rows, as values that cells hold."""
    names, number = split.column_names, 0
    yield [_content(name, name, "the header") for name in names]
    for batch in split.batches():
        for values in zip(*(batch[name] for name in names), strict=True):
            number += 1
            pairs = zip(names, values, strict=True)
            yield [_content(value, name, f"row {number}") for name, value in pairs]


def _content(value: object, column: str, row: str) -> object:
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    location = f"{row}, column '{column}'"
    text = cell(value, column, location)
    if text is not None and len(text) > _MAX_CHARACTERS:
        raise unsuitable(f"a cell holds {_MAX_CHARACTERS:,} characters at most", location)
    if text is not None and _CONTROL.search(text):
        raise unsuitable(
            f"a cell cannot hold a control character: {json.dumps(text[:60])}", location
        )
    return text


def _cell(sheet: Any, value: object) -> Any:
    if not isinstance(value, str):
        return value
    from openpyxl.cell import WriteOnlyCell

    made = WriteOnlyCell(sheet, value=value)
    made.data_type = "s"  # else "=1+1" would become a formula
    return made
