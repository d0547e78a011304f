from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.config.data_settings import DataSettings
from seqlab.data.decisions import notices_of
from seqlab.data.reading.delimited import file as delimited
from seqlab.data.reading.files import read_files
from seqlab.errors import UserError
from tests.data.reading.delimited.tables import (
    NUMBERS,
    cells,
    fields,
    follow,
    names,
    quick,
    read,
    table,
)


@pytest.fixture(scope="module")
def monkeypatch_session() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def test_row_names_without_a_name(tmp_path: Path) -> None:
    result = read(tmp_path, '"text","label"\n"1","good","x"\n"2","bad","y"\n')
    assert names(result) == ["column1", "text", "label"]
    assert result.findings == []


def test_the_separator_that_excel_declares(tmp_path: Path) -> None:
    content = "sep=|\ntext|label\na;b|1\nc;d|0\n"
    assert table(read(tmp_path, content)) == [("a;b", "1"), ("c;d", "0")]


def test_comments_before_the_header(tmp_path: Path) -> None:
    content = "# from a sensor, 2024\n#\ntext,label\ngood,1\nbad,0\n"
    assert table(read(tmp_path, content)) == [("good", "1"), ("bad", "0")]
    assert names(read(tmp_path, "#id,text\n1,a\n2,b\n")) == ["#id", "text"]


@pytest.mark.parametrize("separator", ["~", "^", "¦", "\x01"])
def test_rare_separators(tmp_path: Path, separator: str) -> None:
    lines = [f"row {row}, so{separator}{'ab'[row % 2]}" for row in range(9)]
    result = read(tmp_path, "\n".join([f"text{separator}label", *lines]))
    assert table(result)[0] == ("row 0, so", "a")
    assert notices_of(result.decisions) == [f"separator: {separator!r}"]


@pytest.mark.parametrize("name", ["a.csv", "a.dat", "a.data", "a.tsv"])
def test_columns_of_numbers_divided_by_blanks(tmp_path: Path, name: str) -> None:
    result = read(tmp_path, "x   y z\n" + NUMBERS, name)
    rows = [("0.5", "1", "-2"), ("11.5", "10", "3"), ("2.5", "7", "14")]
    assert (names(result), table(result)) == (["x", "y", "z"], rows)
    assert notices_of(result.decisions) == ["separator: ' '"]
    with pytest.raises(UserError, match="looks like a row") as caught:
        read(tmp_path, NUMBERS, name)
    assert table(follow(tmp_path, caught.value, NUMBERS, name)[0])[:3] == rows


def test_blanks_between_words_are_chosen(tmp_path: Path) -> None:
    content = 'word  tag\nthe   DET\n"a b" NOUN\n'
    result = read(tmp_path, content, separator="space")
    assert table(result) == [("the", "DET"), ("a b", "NOUN")]


def test_what_databases_write_for_a_missing_value(tmp_path: Path) -> None:
    result = read(tmp_path, "text\tlabel\nso\t\\N\n\\N\ta\nno\tb\n", "a.tsv")
    assert table(result) == [("so", None), (None, "a"), ("no", "b")]


def test_one_text_per_line(tmp_path: Path) -> None:
    content = "text\nwell, so it is\nno\nyes, and no, and so on\n"
    result = read(tmp_path, content)
    assert [row[0] for row in table(result)] == content.splitlines()[1:]
    assert notices_of(result.decisions) == ["separator: none: each line is one field"]


def test_rows_of_another_width(tmp_path: Path) -> None:
    content = "text,label\ngood,1\nso,it,is\nbad,0\n"
    with pytest.raises(UserError, match="3 fields, more than the 2 of the header") as caught:
        read(tmp_path, content)
    assert caught.value.location.endswith("line 3")
    result = read(tmp_path, "text,label\n\ngood,1\nso\n\nbad,0\n")
    assert table(result) == [("good", "1"), ("so", None), ("bad", "0")]
    (finding,) = result.findings
    assert finding.rows == (2,)
    assert "1 row has fewer fields than the header" in finding.cause
    assert "line 4" in finding.cause


def test_values_in_a_column_without_a_name(tmp_path: Path) -> None:
    result = read(tmp_path, "v1,v2,,\nham,so,,\nspam,win,now,\nham,x,y,z\n", header=True)
    assert [finding.count for finding in result.findings] == [2, 1]
    assert "column 3 has no name and is called 'column3'" in result.findings[0].cause


def test_a_first_row_that_occurs_again_is_no_header(tmp_path: Path) -> None:
    content = "so,pos\nno,neg\nso,pos\nwell,neg\nyes,pos\n"
    content += "fine,pos\nbad,neg\n"
    with pytest.raises(UserError, match="'pos' is also a value of 2 rows below") as caught:
        read(tmp_path, content)
    assert len(table(follow(tmp_path, caught.value, content)[0])) == 7


def test_headers_within_joined_files(tmp_path: Path) -> None:
    result = read(tmp_path, "text,label\na,1\nb,0\ntext,label\nc,1\n")
    assert table(result) == [("a", "1"), ("b", "0"), ("c", "1")]
    (finding,) = result.findings
    assert (finding.kind, finding.action, finding.count) == ("repeated header", "dropped", 1)


def test_empty_lines_of_a_single_column(tmp_path: Path) -> None:
    result = read(tmp_path, 'value\n1\n\n3\n""\n5\n\n')
    assert [row[0] for row in table(result)] == ["1", "3", None, "5"]
    (finding,) = result.findings
    assert (finding.kind, finding.count) == ("empty lines", 1)
    assert finding.cause.endswith("line 3")


def test_missing_cells_are_one_list(tmp_path: Path) -> None:
    content = "text,label\nnan,1\nNA,NaN\nNone,\n#N/A,-\n"
    assert table(read(tmp_path, content)) == [
        (None, "1"),
        ("NA", None),
        ("None", None),
        (None, "-"),
    ]
    assert table(read(tmp_path, content, missing=["-", "NA"])) == [
        ("nan", "1"),
        (None, "NaN"),
        ("None", None),
        ("#N/A", None),
    ]


@pytest.mark.parametrize("text", ["x" * 200_000, "a\0b", "\u2028 line", "x" * 3_000_000])
def test_any_text_fits_into_a_cell(tmp_path: Path, text: str) -> None:
    assert table(read(tmp_path, f"text,label\n{text},1\nb,0\n"))[0] == (text, "1")


def test_each_split_has_its_dialect(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("text;label\na,b;1\nc;0\n")
    (tmp_path / "test.csv").write_bytes("text,label\nä,1\n".encode("utf-16"))
    splits = read_files(tmp_path).splits
    assert splits["train"][0] == {"text": "a,b", "label": "1"}
    assert splits["test"][0] == {"text": "ä", "label": "1"}


@pytest.mark.parametrize(
    ("name", "options", "rows", "columns"),
    [
        ("air_quality.csv", {}, 9357 - 1, 15),
        ("netzlast_tag.csv", {}, 2556, 5),
        ("airline_tweets.csv", {"encoding": "cp1252"}, 14_640, 6),
        ("sms_spam.csv", {"encoding": "cp1252"}, 5571, 5),
    ],
)
def test_files_as_people_have_them(
    shared_data: Path, name: str, options: dict[str, str], rows: int, columns: int
) -> None:
    path = shared_data / "messy" / name
    try:
        result = read_files(path)
    except UserError as error:
        assert all(f"-o data.{key}={options[key]}" in error.remedy for key in options)
        result = read_files(path, DataSettings(**options))  # type: ignore[arg-type]
    assert len(result.splits["train"]) > 0.99 * rows
    assert len(names(result)) == columns


@quick
@given(
    rows=st.lists(st.tuples(cells, cells, st.sampled_from("01")), min_size=2, max_size=8),
    separator=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_tables_of_the_module_csv_come_back(
    tmp_path: Path, rows: list[tuple[str, str, str]], separator: str, quoting: int, end: str
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerows([("text", "other", "label"), *rows])
    options: dict[str, Any] = {"separator": separator, "quoting": "double", "header": True}
    result = read(tmp_path, file.getvalue(), **options)
    missing = DataSettings().missing_cells
    expected = [tuple(None if cell in missing else cell for cell in row) for row in rows]
    assert table(result) == expected


@settings(quick, max_examples=400)
@given(
    lines=st.lists(st.lists(fields, min_size=1, max_size=3), min_size=1, max_size=8),
    is_quoted=st.booleans(),
    size=st.sampled_from([4, 16, 64]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_blocks_are_read_as_lines_are(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch_session: pytest.MonkeyPatch,
    lines: list[list[str]],
    is_quoted: bool,
    size: int,
    end: str,
) -> None:
    """Large files are read in blocks by Arrow: the same rows and findings."""
    path = tmp_path_factory.getbasetemp() / "blocks.csv"
    if is_quoted:
        file = io.StringIO(newline="")
        csv.writer(file, lineterminator=end).writerows([("a", "b"), *lines])
        text = file.getvalue()
    else:
        text = "a,b" + end + "".join(",".join(line) + end for line in lines)
    path.write_bytes(text.encode())
    results = []
    for large in (0, 1 << 40):
        monkeypatch_session.setattr(delimited, "LARGE", large)
        monkeypatch_session.setattr("seqlab.data.reading.delimited.blocks.BLOCK", size)
        try:
            result = read_files(path)
            results.append((table(result), [str(each) for each in result.findings]))
        except UserError:  # of several faults, either may be named
            results.append(([], ["refused"]))
    assert results[0] == results[1]


def test_a_separator_and_a_space_within_quotes_leave_other_blanks(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('text;label\n";";good\n"; ";bad\n a;good\n')
    assert list(read_files(path).splits["train"].column("text")) == [";", "; ", " a"]
