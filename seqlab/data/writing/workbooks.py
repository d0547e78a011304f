"""Excel workbooks (.xlsx)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from seqlab.data.split import Split
from seqlab.data.writing.cells import cell, unsuitable
from seqlab.errors import UserError

_MAX_ROWS = 1_048_576
_MAX_CHARACTERS = 32_767


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
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet(split.name)
    names = split.column_names
    sheet.append([_cell(sheet, name, "the header", name) for name in names])
    number = 0
    for batch in split.batches():
        for values in zip(*(batch[name] for name in names), strict=True):
            number += 1
            row = f"row {number}"
            pairs = zip(names, values, strict=True)
            sheet.append([_cell(sheet, value, row, name) for name, value in pairs])
    workbook.save(path)


def _cell(sheet: Any, value: object, row: str, column: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils.exceptions import IllegalCharacterError

    location = f"{row}, column '{column}'"
    content: object = cell(value, column, location)
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        content = value
    if isinstance(content, str) and len(content) > _MAX_CHARACTERS:
        raise unsuitable(f"a cell holds {_MAX_CHARACTERS:,} characters at most", location)
    try:
        made = WriteOnlyCell(sheet, value=content)
    except IllegalCharacterError:
        cause = f"a cell cannot hold a control character: {json.dumps(content)[:60]}"
        raise unsuitable(cause, location) from None
    if isinstance(content, str):
        made.data_type = "s"  # else "=1+1" would become a formula
    return made
