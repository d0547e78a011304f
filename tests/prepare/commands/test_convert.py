from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqlab.data.contracts import DataSource
from seqlab.data.reading.sources import find_data
from seqlab.data.writing.files import WRITTEN
from seqlab.errors import UserError
from seqlab.prepare.commands.convert import convert_data
from seqlab.registry import Registry

REGISTRY: Registry[DataSource] = Registry("data")
ROWS = [{"text": "good", "label": "1"}, {"text": 'so "so", he said', "label": "0"}]
TABLES = (".csv", ".tsv", ".jsonl", ".json", ".parquet", ".arrow", ".xlsx", ".csv.gz", ".tsv.xz")
SERIES = [
    {"series": [1.0, 2.5, -3.0], "label": "a b"},
    {"series": [0.1, 1e-9], "label": "it's"},
    {"series": [1e300], "label": "c"},
]
CHANNELS = [
    {"series": [[1.0, 4.0], [2.0, 5.0]], "label": "a"},
    {"series": [[1.5, 0.25], [7.0, 8.0]], "label": "b"},
]
SENTENCES = [{"words": ["they", "fish"], "tags": ["PRON", "VERB"]}, {"words": ["."], "tags": ["X"]}]


def read(path: Path) -> dict[str, list[dict[str, Any]]]:
    splits = find_data(str(path), REGISTRY).splits
    return {name: [split[row] for row in range(len(split))] for name, split in splits.items()}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(("first", "second"), list(product(TABLES, TABLES)))
def test_tables_between_all_formats(tmp_path: Path, first: str, second: str) -> None:
    source = write(tmp_path / "source.jsonl", ROWS)
    convert_data(str(source), tmp_path / f"a{first}")
    report = convert_data(str(tmp_path / f"a{first}"), tmp_path / f"b{second}")
    assert report["files"] == {str(tmp_path / f"b{second}"): 2}
    assert read(tmp_path / f"b{second}")["train"] == ROWS


@pytest.mark.parametrize(
    ("first", "second"),
    list(product((".jsonl", ".json", ".parquet", ".arrow", ".ts", ".arff"), repeat=2)),
)
@pytest.mark.parametrize("rows", [SERIES, CHANNELS])
def test_series_between_all_formats(
    tmp_path: Path, first: str, second: str, rows: list[dict[str, Any]]
) -> None:
    source = write(tmp_path / "source.jsonl", rows)
    if "a b" in str(rows) and ".ts" in (first, second):
        rows = [{**row, "label": row["label"].replace(" ", "_")} for row in rows]
        source = write(tmp_path / "source.jsonl", rows)
    convert_data(str(source), tmp_path / f"a{first}")
    convert_data(str(tmp_path / f"a{first}"), tmp_path / f"b{second}")
    assert read(tmp_path / f"b{second}")["train"] == rows


@pytest.mark.parametrize(
    ("first", "second"),
    list(product((".jsonl", ".json", ".parquet", ".arrow", ".conll"), repeat=2)),
)
def test_sentences_between_all_formats(tmp_path: Path, first: str, second: str) -> None:
    source = write(tmp_path / "source.jsonl", SENTENCES)
    convert_data(str(source), tmp_path / f"a{first}")
    convert_data(str(tmp_path / f"a{first}"), tmp_path / f"b{second}")
    assert read(tmp_path / f"b{second}")["train"] == SENTENCES


def test_a_treebank(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"words": ["a"], "lemmas": ["b"], "upos": ["X"], "xpos": ["Y"]}]
    write(tmp_path / "a.jsonl", rows)
    convert_data(str(tmp_path / "a.jsonl"), tmp_path / "b.conllu")
    again = read(tmp_path / "b.conllu")["train"][0]
    assert {name: again[name] for name in rows[0]} == rows[0]


def test_numbers_and_gaps_keep_their_types_where_there_are_types(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"a": 1, "b": 1.5, "c": True, "d": None},
        {"a": None, "b": -0.1, "c": None, "d": "x"},
    ]
    write(tmp_path / "a.jsonl", rows)
    for suffix in (".json", ".parquet", ".arrow", ".xlsx"):
        convert_data(str(tmp_path / "a.jsonl"), tmp_path / f"b{suffix}")
        assert read(tmp_path / f"b{suffix}")["train"] == rows
    convert_data(str(tmp_path / "a.jsonl"), tmp_path / "b.csv")
    assert read(tmp_path / "b.csv")["train"] == [
        {"a": "1", "b": "1.5", "c": "True", "d": None},
        {"a": None, "b": "-0.1", "c": None, "d": "x"},
    ]


def test_texts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n two \n")
    convert_data(str(tmp_path / "a.txt"), tmp_path / "b.jsonl")
    convert_data(str(tmp_path / "b.jsonl"), tmp_path / "c.txt.bz2")
    assert read(tmp_path / "c.txt.bz2")["train"] == [{"text": "one"}, {"text": " two "}]


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_a_lone_carriage_return_is_part_of_its_cell(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_text('{"text": "one\\rtwo", "label": "a"}\n{"text": "three", "label": "b"}\n')
    report = convert_data(source, tmp_path / f"out{suffix}")
    assert report["notices"] == []
    (rows,) = read(tmp_path / f"out{suffix}").values()
    assert [row["text"] for row in rows] == ["one\rtwo", "three"]


def test_names_of_classes_are_written(tmp_path: Path) -> None:
    import datasets

    label = datasets.ClassLabel(names=["neg", "pos"])
    features = datasets.Features({"text": datasets.Value("string"), "label": label})
    table = datasets.Dataset.from_dict({"text": ["a"], "label": [1]}, features=features)
    table.to_parquet(tmp_path / "a.parquet")
    convert_data(str(tmp_path / "a.parquet"), tmp_path / "b.csv")
    assert read(tmp_path / "b.csv")["train"] == [{"text": "a", "label": "pos"}]


def test_splits(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    write(folder / "train.jsonl", ROWS)
    write(folder / "dev.jsonl", ROWS[:1])
    with pytest.raises(UserError, match="2 splits, and one file holds one") as caught:
        convert_data(str(folder), tmp_path / "all.csv")
    assert "--split train" in caught.value.remedy
    assert f"--to '{tmp_path / '{split}.csv'}'" in caught.value.remedy
    convert_data(str(folder), tmp_path / "{split}.csv")
    assert read(tmp_path / "train.csv")["train"] == ROWS
    assert read(tmp_path / "validation.csv")["validation"] == ROWS[:1]
    convert_data(str(folder), tmp_path / "some.csv", split="validation")
    assert read(tmp_path / "some.csv")["train"] == ROWS[:1]
    with pytest.raises(UserError, match="unknown split 'test'"):
        convert_data(str(folder), tmp_path / "some.csv", split="test")


def test_rows_from_python(tmp_path: Path) -> None:
    convert_data({"train": ROWS}, tmp_path / "a.csv")
    assert read(tmp_path / "a.csv")["train"] == ROWS


@pytest.mark.parametrize(
    ("name", "cause", "remedy"),
    [
        ("a.docx", "'.docx' are not written", ".csv, .tsv"),
        ("a.cvs", "'.cvs' are not written", "did you mean '.csv'"),
        ("a", "without a suffix", ".csv"),
        ("a.parquet.gz", "'.gz' are not written", ".parquet"),
        ("missing/a.csv", "there is no folder", "a folder that exists"),
        ("source.jsonl", "read from this file", "another name"),
    ],
)
def test_a_target_that_cannot_be_written(
    tmp_path: Path, name: str, cause: str, remedy: str
) -> None:
    source = write(tmp_path / "source.jsonl", ROWS)
    with pytest.raises(UserError, match=cause) as caught:
        convert_data(str(source), tmp_path / name)
    assert remedy in caught.value.remedy
    assert [file.name for file in tmp_path.iterdir()] == ["source.jsonl"]
    assert read(source)["train"] == ROWS


@pytest.mark.parametrize(
    ("suffix", "rows", "cause"),
    [
        (".csv", SENTENCES, "column 'words' holds lists"),
        (".tsv", [{"a": {"b": 1}}], "column 'a' holds objects"),
        (".xlsx", SENTENCES, "column 'words' holds lists"),
        (".xlsx", [{"a": "x" * 32_768}], "32,767 characters"),
        (".xlsx", [{"a": "\x01"}], "control character"),
        (".txt", ROWS, "holds one column, and the data have 2"),
        (".txt", [{"text": "a\nb"}], "row 1 has a line end"),
        (".txt", [{"text": "a"}, {"text": None}], "row 2 is missing"),
        (".conll", ROWS, "is not a list"),
        (".conll", [{"words": ["a"], "tags": ["X", "Y"]}], "row 1 has 1 words, 2 tags"),
        (".conll", [{"words": ["a b\tc"], "tags": ["X"]}], "has the word or tag"),
        (".conllu", SENTENCES, "lemmas, upos and xpos"),
        (".ts", ROWS, "a column of lists of numbers"),
        (".ts", [{"series": [1, 2], "label": "a b"}], "white space"),
        (".arff", [{"series": [1.0]}], "needs a class"),
    ],
)
def test_rows_that_a_format_cannot_hold(
    tmp_path: Path, suffix: str, rows: list[dict[str, Any]], cause: str
) -> None:
    source = write(tmp_path / "a.jsonl", rows)
    with pytest.raises(UserError) as caught:
        convert_data(str(source), tmp_path / f"b{suffix}")
    assert cause in caught.value.cause
    assert not (tmp_path / f"b{suffix}").exists()
    suggested = next(s for s in sorted(WRITTEN, key=len)[::-1] if f"a {s}" in caught.value.remedy)
    convert_data(str(source), tmp_path / f"c{suggested}")  # the remedy helps
    assert read(tmp_path / f"c{suggested}")["train"] == rows


def test_cells_that_would_be_read_as_missing_are_said(tmp_path: Path) -> None:
    source = write(
        tmp_path / "a.jsonl", [{"text": "nan", "label": ""}, {"text": "b", "label": "x"}]
    )
    report = convert_data(str(source), tmp_path / "b.csv")
    assert report["notices"] == [
        "read back: 1 text of column 'text' is missing, such as 'nan' in row 1; "
        "1 text of column 'label' is missing, such as '' in row 1; a .jsonl file keeps them"
    ]
    assert convert_data(str(source), tmp_path / "b.parquet")["notices"] == []


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_CELLS = st.one_of(_TEXTS, st.sampled_from(['"', '""', "\t", "\n", "\r", ",", ";", "a,b", "'"]))


def _tables(cells: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, str]]]:
    row = st.tuples(cells, cells)
    return st.lists(row, min_size=1, max_size=8).map(
        lambda rows: [{"text": text, "label": label} for text, label in rows]
    )


def _same(rows: Sequence[Mapping[str, Any]], again: Sequence[Mapping[str, Any]]) -> bool:
    return [dict(row) for row in rows] == [dict(row) for row in again]


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".parquet", ".arrow"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(rows=_tables(_CELLS))
def test_any_text_is_read_back(tmp_path: Path, suffix: str, rows: list[dict[str, str]]) -> None:
    convert_data(rows, tmp_path / f"a{suffix}")
    assert _same(read(tmp_path / f"a{suffix}")["train"], rows)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(rows=_tables(_CELLS))
def test_a_difference_is_said(tmp_path: Path, suffix: str, rows: list[dict[str, str]]) -> None:
    """A text table may read back differently, but never without a notice."""
    path = tmp_path / f"a{suffix}"
    try:
        report = convert_data(rows, path)
    except UserError:
        return
    try:
        is_equal = _same(read(path)["train"], rows)
    except UserError:
        is_equal = False
    assert is_equal == (report["notices"] == [])
