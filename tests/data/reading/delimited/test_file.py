from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
from pathlib import Path
from typing import Any

import pytest

from seqlab.data.decisions import notices_of
from seqlab.data.reading.files import ReadFiles, read_files
from seqlab.errors import UserError
from tests.data.reading.delimited.tables import (
    NO_HEADER,
    QUOTES,
    ROWS,
    follow,
    names,
    read,
    table,
)


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
