import tracemalloc
from pathlib import Path

import pytest

from seqlab.cli.prediction_formats import line
from seqlab.cli.prediction_rows import check_input, refuse_folder
from seqlab.data.reading.rows import read_rows
from seqlab.errors import UserError
from seqlab.evaluation.records import Record


def write(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("a.txt", b"good\n\r\nbad\r\nlast", ["good", "", "bad", "last"]),
        ("a.txt", "\ufeffgréat\u2028same\n".encode(), ["gréat\u2028same"]),
        ("pipe", b"good\n", ["good"]),
        ("a.jsonl", b'{"text": "x"}\n\n{"text": "y"}\n', [{"text": "x"}, {"text": "y"}]),
        ("a.csv", b'text,id\n"a, ""b""\nc",1\n', [{"text": 'a, "b"\nc', "id": "1"}]),
        ("a.tsv", b"text\tid\nx, y\t1\n", [{"text": "x, y", "id": "1"}]),
    ],
)
def test_rows(tmp_path: Path, name: str, content: bytes, rows: list[object]) -> None:
    assert list(read_rows(write(tmp_path, name, content))) == rows


@pytest.mark.parametrize(
    ("name", "content", "cause", "number"),
    [
        ("a.txt", b"good\nb\xffd\n", "not UTF-8", 2),
        ("a.jsonl", b'{"text": "x"}\n{"text"\n', "not JSON", 2),
        ("a.jsonl", b'{"text": "x"}\n[1]\n', "a list instead of an object", 2),
        ("a.csv", b"text,id\nx,1,2\n", "3 fields, more than the 2 of the header", 2),
        ("a.csv", b'text\n"x\n', "a quoted field does not end", 2),
    ],
)
def test_an_invalid_line_is_named(
    tmp_path: Path, name: str, content: bytes, cause: str, number: int
) -> None:
    source = write(tmp_path, name, content)
    with pytest.raises(UserError, match=cause) as caught:
        list(read_rows(source))
    assert caught.value.location == f"{source}, line {number}"


@pytest.mark.parametrize("name", ["gone.txt", "a.pickle"])
def test_input_is_checked_before_it_is_read(tmp_path: Path, name: str) -> None:
    write(tmp_path, "a.pickle", b"")
    with pytest.raises(UserError) as caught:
        check_input(str(tmp_path / name))
    assert caught.value.remedy


def test_rows_are_not_read_from_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder"):
        refuse_folder(str(tmp_path))
    refuse_folder("-")


def test_constant_memory(tmp_path: Path) -> None:
    source = write(tmp_path, "a.txt", b"a text of some words\n" * 200_000)
    tracemalloc.start()
    assert sum(1 for _ in read_rows(source)) == 200_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_line_of_a_prediction() -> None:
    prediction = {"predicted": "good", "score": 0.98765, "probabilities": {"good": 1}}
    assert line(Record({"text": "so\tso\n"}, prediction)) == "good\t0.988\tso so"
    assert line(Record({"name": "x"}, {"predicted": 1.5})) == "1.5\tx"
    row = {"predicted": "bad", "score": 0.1, "n": 0.123456789}
    assert line(Record(row, prediction)) == "good\t0.988\tbad\t0.1\t0.123456789"
    loss = {"nats": 0.123456789, "next": "s", "score": 0.5}
    assert line(Record({"text": "so"}, loss)) == "0.500\tso\t0.123457\ts"


def test_words_and_tags_on_a_line() -> None:
    prediction = {"predicted": ["PRON", "AUX"], "scores": [0.9, 0.8]}
    record = Record({"words": ["they", "can"], "n": [1, 2]}, prediction)
    assert line(record) == "they can\t[1, 2]\tPRON AUX"
