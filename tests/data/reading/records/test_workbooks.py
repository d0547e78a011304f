from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import pytest

from seqlab.data.reading.records.workbooks import read_sheets
from seqlab.errors import UserError

openpyxl = pytest.importorskip("openpyxl")


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_cells_keep_their_values(tmp_path: Path) -> None:
    moment = datetime.datetime(2024, 1, 31, 12, 30)
    rows: list[list[Any]] = [
        ["text", "label", "when", "flag"],
        ["007", 1, datetime.datetime(2024, 1, 31), True],
        ["2024-01-01", 2.5, moment, False],
        ["nan", None, None, None],
        [None, "#N/A", "x", "NA"],
    ]
    (sheet,) = read_sheets(workbook(tmp_path / "a.xlsx", Sheet1=rows), ["nan", "#N/A"])
    assert sheet.rows == [
        ["text", "label", "when", "flag"],
        ["007", 1, "2024-01-31", True],
        ["2024-01-01", 2.5, "2024-01-31 12:30:00", False],
        [None, None, "x", "NA"],
    ]
    assert sheet.numbers == [1, 2, 3, 5]


def test_empty_rows_columns_and_sheets_are_left_out(tmp_path: Path) -> None:
    rows: list[list[Any]] = [[None], [None, "text", "label"], [], [None, "a", 1, None], [None, "b"]]
    path = workbook(tmp_path / "a.xlsx", empty=[], data=rows, more=[["x"]])
    book = openpyxl.load_workbook(path)
    book["more"].sheet_state = "hidden"
    book.save(path)
    (sheet,) = read_sheets(path)
    assert (sheet.name, sheet.first_column) == ("data", 1)
    assert sheet.rows == [["text", "label"], ["a", 1], ["b", None]]
    assert sheet.numbers == [2, 4, 5]


def test_a_failed_formula_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", data=[["a"] * 28, ["x"] * 27 + ["#DIV/0!"]])
    with pytest.raises(UserError, match="the cell holds #DIV/0!") as caught:
        read_sheets(path)
    assert caught.value.location == f"{path}, sheet 'data', cell AB2"


def test_a_file_that_is_not_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("text,label\n")
    with pytest.raises(UserError, match="the workbook cannot be read"):
        read_sheets(path)


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "a.xlsx", data=[["a"]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(UserError, match="needs the library openpyxl") as caught:
        read_sheets(path)
    assert "seqlab[excel]" in caught.value.remedy
