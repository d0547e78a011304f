"""Dialects of delimited text files: each is read as it is meant, or refused with a remedy."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqlab.config.data_settings import DataSettings
from seqlab.config.run_config import assemble
from seqlab.data.decisions import notices_of
from seqlab.data.reading.delimited import file as delimited
from seqlab.data.reading.files import ReadFiles, read_files
from seqlab.data.reading.rows import read_rows
from seqlab.errors import UserError
from seqlab.options import options_of, validate


def read(folder: Path, content: str | bytes, name: str = "a.csv", **options: Any) -> ReadFiles:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    result = read_files(path, DataSettings(**options))
    (split,) = result.splits.values()
    rows = list(read_rows(path, DataSettings(**options)))
    assert rows == [split[row] for row in range(len(split))]  # prediction reads the same
    return result


def table(result: ReadFiles) -> list[tuple[object, ...]]:
    (split,) = result.splits.values()
    return [tuple(split[row].values()) for row in range(len(split))]


def names(result: ReadFiles) -> list[str]:
    return next(iter(result.splits.values())).column_names


def follow(folder: Path, error: UserError, content: str | bytes, name: str = "a.csv") -> list[Any]:
    """What is read with each option that the remedy names."""
    results: list[Any] = []
    for option in re.findall(r"-o (data\.\w+=\S+?)(?=[,;]|\s|$)", error.remedy):
        values = assemble(None, {}, [option])["data"]
        known = options_of(DataSettings)
        try:
            results.append(read(folder, content, name, **validate("data", values, known)))
        except UserError as other:
            results.append(other)
    return results


ROWS = [("good, so", "1"), ("bad", "0"), ("fine", "1")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_separators_and_line_ends(tmp_path: Path, separator: str, end: str, name: str) -> None:
    lines = [("text", "label"), *ROWS]
    quoted = [(f'"{text}"' if separator in text else text, label) for text, label in lines]
    result = read(tmp_path, end.join(map(separator.join, quoted)) + end, name)
    assert names(result) == ["text", "label"]
    assert table(result) == ROWS
    usual = separator == ("\t" if name == "a.tsv" else ",")
    assert notices_of(result.decisions) == ([] if usual else [f"separator: {separator!r}"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("suffix", ["", ".gz", ".xz", ".bz2"])
def test_byte_order_marks_and_compression(tmp_path: Path, encoding: str, suffix: str) -> None:
    packers: dict[str, Any] = {
        "": bytes,
        ".gz": gzip.compress,
        ".xz": lzma.compress,
        ".bz2": bz2.compress,
    }
    content = "text,label\nschön,1\nтак,0\n".encode(encoding)
    result = read(tmp_path, packers[suffix](content), f"a.csv{suffix}")
    assert table(result) == [("schön", "1"), ("так", "0")]
    assert names(result) == ["text", "label"]


def test_a_compressed_file_under_the_wrong_name(tmp_path: Path) -> None:
    content = b"text,label\na,1\nb,0\n"
    assert table(read(tmp_path, gzip.compress(content), "a.csv")) == [("a", "1"), ("b", "0")]
    assert table(read(tmp_path, content, "a.csv.gz")) == [("a", "1"), ("b", "0")]


@pytest.mark.parametrize(
    ("text", "encoding", "line"),
    [
        ("text,label\nd\xe9j\xe0 vu,1\n", "cp1252", 2),
        ("text,label\nok,1\n\x96 so \x93x\x94,0\n", "cp1252", 3),
    ],
)
def test_an_encoding_is_named_and_the_remedy_helps(
    tmp_path: Path, text: str, encoding: str, line: int
) -> None:
    content = text.encode("latin-1")
    with pytest.raises(UserError, match="not UTF-8: byte") as caught:
        read(tmp_path, content)
    assert caught.value.location.endswith(f"a.csv, line {line}")
    assert f"-o data.encoding={encoding}" in caught.value.remedy
    (result,) = follow(tmp_path, caught.value, content)
    assert table(result)[-1][0] == content.decode(encoding).split("\n")[-2].split(",")[0]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_an_encoding_without_its_mark(tmp_path: Path, encoding: str) -> None:
    content = "text,label\ngood,1\nbad,0\n".encode(encoding)
    with pytest.raises(UserError, match="without a byte order mark") as caught:
        read(tmp_path, content)
    (result,) = follow(tmp_path, caught.value, content)
    assert table(result) == [("good", "1"), ("bad", "0")]


def test_unknown_encodings_and_separators_are_refused(tmp_path: Path) -> None:
    for option in ({"encoding": "utf8x"}, {"encoding": "hex"}, {"separator": "::"}):
        with pytest.raises(UserError) as caught:
            read(tmp_path, "a,b\n1,2\n", **option)
        assert caught.value.location == f"data.{next(iter(option))}"
        assert caught.value.remedy


QUOTES = '"Come in, she said.\tcalm\n' + "".join(f"row {n}\tcalm\n" for n in range(20))
QUOTES += 'Stay out, he cried."\tangry\n' + "".join(f"row {n}\tangry\n" for n in range(20))


def test_quotes_in_a_tsv_are_text(tmp_path: Path) -> None:
    rows = table(read(tmp_path, "text\tlabel\n" + QUOTES, "a.tsv"))
    assert len(rows) == 42
    assert rows[0] == ('"Come in, she said.', "calm")
    assert rows[21] == ('Stay out, he cried."', "angry")


@pytest.mark.parametrize(
    ("content", "first"),
    [
        ('text\tlabel\n"a ""b"" c"\t1\nplain\t0\n', ('a "b" c', "1")),
        ('text\tlabel\n"a\tb"\t1\nplain\t0\n', ("a\tb", "1")),
        ('text\tlabel\n"a\nb"\t1\nplain\t0\n', ("a\nb", "1")),
        ('text\tlabel\n"a"\t1\n"b"\t0\n"c"\t0\n', ("a", "1")),
        ('text\tlabel\n"a"\t1\nb\t0\nc\t0\n', ('"a"', "1")),
        ('text\tlabel\n"a" and "b"\t1\nb\t0\n', ('"a" and "b"', "1")),
        ('text\tlabel\n5" pipe\t1\n"\t0\n', ('5" pipe', "1")),
    ],
)
def test_quotes_of_a_tsv_by_what_needs_them(
    tmp_path: Path, content: str, first: tuple[str, str]
) -> None:
    assert table(read(tmp_path, content, "a.tsv"))[0] == first


@pytest.mark.parametrize("between", [1, 2, 20])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_quoted_field_that_swallows_rows_is_refused(
    tmp_path: Path, between: int, separator: str
) -> None:
    lines = ["text,label", "so,calm", "so,angry", '"Come in she said.,calm']
    lines += [f"row {n},calm" for n in range(between)] + ['he cried.",angry', "so,calm", "so,angry"]
    content = "\n".join(lines).replace(",", separator) + "\n"
    with pytest.raises(UserError, match=f"from line 4 to line {between + 5}") as caught:
        read(tmp_path, content)
    assert caught.value.location.endswith("a.csv, line 4")
    plain, quoted = follow(tmp_path, caught.value, content)
    assert len(table(plain)) == between + 6
    assert table(plain)[2] == ('"Come in she said.', "calm")
    assert len(table(quoted)) == 5


@pytest.mark.parametrize(
    "text",
    [
        "Dear John,\nhow are you, then?\nBye,\nMary",
        "one\n\ntwo\n",
        "a,b\nc,d\n",
        "x\r\ny",
        "1,5\n2",
    ],
)
def test_texts_with_line_ends_are_texts(tmp_path: Path, text: str) -> None:
    file = io.StringIO()
    rows = [(text, "good"), ("short", "bad"), ("other", "good"), (text + "!", "bad")]
    csv.writer(file).writerows([("text", "label"), *rows])
    assert table(read(tmp_path, file.getvalue())) == rows


@pytest.mark.parametrize(
    ("content", "cause", "line"),
    [
        ('text,label\na,1\n"b,0\nc,1\n', "does not end", 3),
        ('text,label\na,1\n"b" c,0\nd,1\n', "text follows the closing quote", 3),
        ('text,label\n"b\nc" d,0\ne,1\n', "text follows the closing quote", 2),
    ],
)
def test_quotes_that_do_not_fit(tmp_path: Path, content: str, cause: str, line: int) -> None:
    with pytest.raises(UserError, match=cause) as caught:
        read(tmp_path, content)
    assert caught.value.location.endswith(f"a.csv, line {line}")
    (result,) = follow(tmp_path, caught.value, content)
    assert isinstance(result, ReadFiles)
    assert any('"' in str(row[0]) for row in table(result))


def test_backslashes_before_quotes(tmp_path: Path) -> None:
    content = 'text,label\n"he said \\"so, it is\\" to C:\\new",1\nplain,0\n"x, y",1\n'
    rows = table(read(tmp_path, content))
    assert rows[0] == ('he said "so, it is" to C:\\new', "1")
    assert rows[2] == ("x, y", "1")


def test_blanks_after_separators(tmp_path: Path) -> None:
    content = 'text, label\n"good, so", "yes, it is"\n"bad", "no"\n'
    assert table(read(tmp_path, content)) == [("good, so", "yes, it is"), ("bad", "no")]


def test_decimal_commas_do_not_divide(tmp_path: Path) -> None:
    content = "Wert [MWh, brutto];Tag\n1,5;2\n2,5;3\n"
    assert names(read(tmp_path, content)) == ["Wert [MWh, brutto]", "Tag"]
    content = "Tag;Wert [MWh, brutto]\n1;1,5\n2;2,5\n"
    assert table(read(tmp_path, content)) == [("1", "1,5"), ("2", "2,5")]


NO_HEADER = "".join(f"row {n},{'good' if n % 2 else 'bad'}\n" for n in range(40))


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (NO_HEADER, 40),
        ("1.5,2\n2.5,3\n3.5,4\n", 3),
        ("12\n13\n12\n", 3),
        ("2024-01-01,x y\n2024-01-02,z\n2024-01-03,w\n", 3),
        ("so it is,pos\nnot at all,neg\nfine,pos\nwell,neg\nyes,pos\n", 5),
        ("abc;A B C\nab;A B\nacb;A C B\nba;B A\ncab;C A B\ncb;C B\nca;C A\n", 7),
        ("Go on.;Va !\nRun!;Cours !\nI see.;Je vois.\nStay?;Tu restes ?\n", 4),
        ("id1;good film\nid2;bad film\nid3;a film\nid4;the film\n", 4),
    ],
)
def test_a_header_that_looks_like_a_row(tmp_path: Path, content: str, count: int) -> None:
    with pytest.raises(UserError, match="the header looks like a row") as caught:
        read(tmp_path, content)
    assert caught.value.location.endswith("a.csv, line 1")
    without, with_header = follow(tmp_path, caught.value, content)
    assert len(table(without)) == count
    assert names(without)[0] == "column1"
    assert len(table(with_header)) == count - 1


@pytest.mark.parametrize(
    "content",
    [
        "text,label\ntext,1\nmore,0\n",
        "country,1960,1961,1962\nDE,1,2,3\nFR,2,3,4\n",
        "word,tag\nthe,DET\na,DET\ndog,NOUN\n",
        "x,y\n1,2\n3,4\n",
        "text\ngood\n",
        "q1,q2\nyes,no\nno,no\n",
        "the text,note\nit is so,a\nwe see it,b\nthe end,c\n",
        "Why is it so?,name\nfor a reason,Ann\nno idea,Bob\n",
        "no.,text\n1.,so\n2.,no\n",
    ],
)
def test_a_header_is_a_header(tmp_path: Path, content: str) -> None:
    assert names(read(tmp_path, content)) == content.split("\n")[0].split(",")


def test_names_of_columns(tmp_path: Path) -> None:
    assert names(read(tmp_path, "text , label,\nso,1,x\n")) == ["text", "label", "column3"]
    assert names(read(tmp_path, '"a,b",c\n1,2\n')) == ["a,b", "c"]
    assert names(read(tmp_path, "column2,,x\n1,2,3\n")) == ["column2", "column2_", "x"]
    with pytest.raises(UserError, match="2 columns have the name 'a'"):
        read(tmp_path, "a,a\n1,2\n")


def test_a_trailing_separator_makes_no_column(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label,\ngood,1,\nbad,0,\n")
    result = read_files(path)
    assert names(result) == ["text", "label"]
    path.write_text("text,label\ngood,1,,\nbad,0,,\n")
    assert table(read_files(path)) == [("good", "1"), ("bad", "0")]


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


NUMBERS = "  0.5   1  -2\n 11.5  10   3\n  2.5   7  14 \n"


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


cells = st.text(
    # a carriage return alone, which the module does not quote, ends a line
    st.characters(exclude_categories=["Cs"], exclude_characters="\r"),
    max_size=8,
)
quick = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


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


fields = st.text(st.sampled_from('ab,"\n\r 1é'), max_size=5)


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


@pytest.fixture(scope="module")
def monkeypatch_session() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def test_a_separator_and_a_space_within_quotes_leave_other_blanks(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('text;label\n";";good\n"; ";bad\n a;good\n')
    assert list(read_files(path).splits["train"].column("text")) == [";", "; ", " a"]
