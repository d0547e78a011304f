"""Tables that other programs write are read back as they were, without any option."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from seqlab.config.data_settings import DataSettings
from seqlab.data.reading.files import read_files
from seqlab.errors import UserError

Table = Mapping[str, list[str]]
Writer = Callable[[Table, Path], None]


def _cells(alphabet: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts that are not missing and that no writer changes."""
    texts = st.text(alphabet, min_size=1, max_size=30)
    missing = {cell.lower() for cell in DataSettings().missing_cells}
    return texts.filter(lambda text: bool(text.strip()) and text.strip().lower() not in missing)


CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff")
ANY = CHARACTERS | st.sampled_from(list("\n,;\t|\"'# ")) | st.sampled_from(list("abcdefgh"))
PROSE = st.sampled_from(list("abcdefghijklmnop  ,;.'\"\n-äßéñçø你好мир🙂"))


@st.composite
def tables(draw: st.DrawFn, alphabet: st.SearchStrategy[str] = PROSE) -> Table:
    """Rows of a text and a class."""
    count = draw(st.integers(8, 14))
    texts = draw(st.lists(_cells(alphabet), min_size=count, max_size=count))
    labels = [("good", "bad")[row % 2] for row in range(count)]
    return {"text": texts, "label": labels}


def _with_csv(**options: object) -> Writer:
    def write(table: Table, path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, **options)  # type: ignore[arg-type]
            writer.writerow(table)
            writer.writerows(zip(*table.values(), strict=True))

    return write


def _with_pandas(**options: object) -> Writer:
    return lambda table, path: pd.DataFrame(table).to_csv(path, index=False, **options)


def _with_polars(**options: object) -> Writer:
    return lambda table, path: pl.DataFrame(dict(table)).write_csv(path, **options)  # type: ignore[call-overload]


def _as_excel(encoding: str, separator: str, first: str = "") -> Writer:
    """Like a spreadsheet: line ends of Windows, a byte order mark, quotes only where needed."""

    def write(table: Table, path: Path) -> None:
        buffer = io.StringIO(newline="")
        buffer.write(first)
        writer = csv.writer(buffer, delimiter=separator)
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))
        path.write_bytes(buffer.getvalue().encode(encoding))

    return write


WRITERS: dict[str, tuple[str, Writer]] = {
    "csv": ("t.csv", _with_csv()),
    "csv, all quoted": ("t.csv", _with_csv(quoting=csv.QUOTE_ALL)),
    "csv, semicolons": ("t.csv", _with_csv(delimiter=";")),
    "csv, tabs": ("t.tsv", _with_csv(delimiter="\t")),
    "csv, tabs, all quoted": ("t.tsv", _with_csv(delimiter="\t", quoting=csv.QUOTE_ALL)),
    "csv, line feeds": ("t.csv", _with_csv(lineterminator="\n")),
    "pandas": ("t.csv", _with_pandas()),
    "pandas, tabs": ("t.tsv", _with_pandas(sep="\t")),
    "pandas, bars": ("t.csv", _with_pandas(sep="|")),
    "pandas, gzip": ("t.csv.gz", _with_pandas()),
    "pandas, xz": ("t.csv.xz", _with_pandas()),
    "polars": ("t.csv", _with_polars()),
    "polars, all quoted": ("t.csv", _with_polars(quote_style="always")),
    "polars, semicolons": ("t.csv", _with_polars(separator=";")),
    "Excel, CSV UTF-8": ("t.csv", _as_excel("utf-8-sig", ",")),
    "Excel, semicolons": ("t.csv", _as_excel("utf-8-sig", ";")),
    "Excel, a line with the separator": ("t.csv", _as_excel("utf-8", ";", "sep=;\r\n")),
    "Excel, Unicode text": ("t.tsv", _as_excel("utf-16", "\t")),
}


@pytest.fixture(params=WRITERS)
def written(request: pytest.FixtureRequest) -> Callable[[Table], dict[str, list[object]]]:
    """Writes a table by a program and reads it."""
    name, write = WRITERS[request.param]

    def round_trip(table: Table) -> dict[str, list[object]]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            write(table, path)
            splits = read_files(path, DataSettings())[0]
            return {column: list(splits["train"].column(column)) for column in table}

    return round_trip


FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@FEW
@given(tables())
@example({"text": ['"Stay," he said.', 'a "b" c', '"'] * 3, "label": ["good", "bad", "good"] * 3})
@example({"text": ["a;b", "c;d", "e;f"] * 3, "label": ["good", "bad", "good"] * 3})
@example({"text": ["a,b\nc,d", "#e", "'f'"] * 3, "label": ["good", "bad", "good"] * 3})
def test_prose_is_read_back(
    written: Callable[[Table], dict[str, list[object]]], table: Table
) -> None:
    assert written(table) == table


@FEW
@given(tables(ANY))
def test_any_characters_are_read_back_or_refused(
    written: Callable[[Table], dict[str, list[object]]], table: Table
) -> None:
    try:
        result = written(table)
    except UserError:
        return  # a text may look like rows
    assert result == table


@pytest.mark.parametrize(
    "texts", [["0\t\n", "0"], ["so", "\tno\n"], ["\t\n", "\t"], ['"\n', "\n\t"]]
)
def test_tabs_beside_line_ends_in_enclosed_fields(tmp_path: Path, texts: list[str]) -> None:
    table = {"text": texts * 4, "label": ["good", "bad"] * 4}
    path = tmp_path / "t.tsv"
    _with_csv(delimiter="\t", quoting=csv.QUOTE_ALL)(table, path)
    split = read_files(path, DataSettings())[0]["train"]
    assert {column: list(split.column(column)) for column in table} == table
