"""One planted fault each: it is found, named, and what happens to it is said."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqlab.errors import UserError
from seqlab.prepare.commands.check import check_data
from seqlab.runs.run import run

LONG = "word " * 500


def texts(count: int = 1200, start: int = 0) -> list[dict[str, Any]]:
    """Rows without a fault."""
    return [{"text": f"text {n} so", "label": "ab"[n % 2]} for n in range(start, start + count)]


def splits(**changed: Any) -> dict[str, list[dict[str, Any]]]:
    """Three parts without a fault, of which some rows are replaced: part → {row: columns}."""
    whole = {"train": texts(1000), "validation": texts(200, 1000), "test": texts(200, 1200)}
    for split, rows in changed.items():
        for row, columns in rows.items():
            whole[split][row].update(columns)
    return whole


def found(
    data: object, task: str = "classify", options: Mapping[str, Any] = {}
) -> list[dict[str, Any]]:
    return list(check_data(data, task=task, options=options)["findings"])


def only(data: object, task: str = "classify", options: Mapping[str, Any] = {}) -> dict[str, Any]:
    (one,) = found(data, task, options)
    return one


@pytest.mark.parametrize(
    ("train", "test", "is_copy"),
    [
        ("İyi film", "iyi film!", True),
        ("Le cafe\u0301 est bon", "le café est bon.", True),
        ("电影很好。", "电影 很 好", True),
        ("STRASSE frei", "Straße frei", True),
        ("ＯＫ so", "ok, so", True),
        ("कि वह", "की वह", False),
        ("ดี มาก", "ดำ มาก", False),
    ],
)
def test_near_copies_in_any_script(train: str, test: str, is_copy: bool) -> None:
    data = splits(train={5: {"text": train}}, test={5: {"text": test}})
    kinds = [finding["kind"] for finding in found(data)]
    assert ("nearly in two splits" in kinds) == is_copy


def test_data_without_a_fault() -> None:
    record = check_data(splits(), task="classify")
    assert record["findings"] == []
    assert not record["refused"]
    assert record["rows"] == {"train": 1000, "validation": 200, "test": 200}
    assert record["examples"]["test"] == {"examples": 200, "steps": 600}


# part, row, the fault, its kind, what happens, what is said
FAULTS: list[tuple[str, int, dict[str, Any], str, str, str]] = [
    ("test", 6, {"text": ""}, "empty", "kept", "row 7 is empty: no text"),
    ("train", 6, {"text": " \n"}, "empty", "kept", "row 7 is empty: no text"),
    ("train", 6, {"text": "\u200b\u00ad \ufeff"}, "empty", "kept", "row 7 is empty: no text"),
    ("train", 6, {"text": "a\0b"}, "control characters", "kept", "row 7 holds control characters"),
    ("train", 6, {"text": "\x1b[1mso"}, "control characters", "kept", "such as '\\x1b[1mso'"),
    ("train", 9, {"text": None}, "missing value", "refused", "row 10 lacks a text"),
    ("train", 9, {"text": float("nan")}, "missing value", "refused", "row 10 lacks a text"),
    ("train", 9, {"label": None}, "missing value", "refused", "row 10 lacks a label"),
    ("test", 9, {"label": None}, "missing value", "refused", "row 10 lacks a label"),
    ("test", 9, {"label": " "}, "missing value", "refused", "row 10 lacks a label"),
    ("train", 3, {"text": 17}, "not text", "refused", "row 4 holds a value that is not text"),
    ("train", 3, {"text": "cafÃ©"}, "wrong encoding", "kept", "row 4 is wrongly decoded"),
    ("test", 3, {"text": "caf\ufffd"}, "wrong encoding", "kept", "row 4 is wrongly decoded"),
    ("test", 3, {"label": "c"}, "unseen label", "counted wrong", "row 4 holds 1 labels that"),
    ("train", 5, {"text": LONG}, "over-long", "kept", "row 6 is truncated to 400 steps"),
    ("train", 5, {"text": "text 1 so"}, "identical rows", "kept", "row 6 duplicates an"),
    ("train", 5, {"text": "text 2 so"}, "contradiction", "kept", "row 6 duplicates an"),
    ("test", 5, {"text": "text 4 so"}, "in two splits", "kept", "also occurs in the train split"),
    ("test", 5, {"text": "text 1009 so"}, "in two splits", "kept", "the first as its row 10)"),
    ("test", 5, {"text": "Text 4, so"}, "nearly in two splits", "kept", "the first as its row 5)"),
]


@pytest.mark.parametrize(("split", "row", "fault", "kind", "action", "said"), FAULTS)
def test_a_planted_fault(
    split: str, row: int, fault: dict[str, Any], kind: str, action: str, said: str
) -> None:
    one = only(splits(**{split: {row: fault}}))
    assert (one["kind"], one["action"], one["split"]) == (kind, action, split)
    assert said in one["cause"]
    assert one["rows"] == [row + 1]
    assert one["count"] == 1
    assert one["location"].startswith(f"python, {split}, column '")
    assert one["remedy"]
    json.dumps(one, allow_nan=False)


def test_a_run_looks_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faults = {"test": {3: {"label": "c"}}, "train": {6: {"text": ""}}}
    result = run(
        task="classify", model="rnn", data=splits(**faults), smoke=True, out=tmp_path / "a"
    )
    (one,) = result["findings"]
    assert one["kind"] == "empty"
    written = json.loads((tmp_path / "a" / "result.json").read_text())
    assert written["findings"] == result["findings"]
    assert "kept: python, train, column 'text': row 7 is empty" in capsys.readouterr().err


def test_a_run_is_refused_with_all_reasons(tmp_path: Path) -> None:
    faults = {"test": {3: {"label": None}}, "train": {6: {"text": 3}, 8: {"text": 4}}}
    with pytest.raises(UserError) as caught:
        run(task="classify", model="rnn", data=splits(**faults), out=tmp_path / "a")
    message = str(caught.value)
    assert "2 rows hold a value that is not text as text: rows 7, 9; row 4 lacks" in message
    assert not (tmp_path / "a").exists()


def test_faulty_rows_can_be_dropped_and_are_counted() -> None:
    faults = {"train": {6: {"text": None}, 8: {"label": None}}}
    record = check_data(splits(**faults), task="classify", options=["data.faulty=drop"])
    assert [each["action"] for each in record["findings"]] == ["dropped", "dropped"]
    assert record["rows"]["train"] == 998
    assert not record["refused"]


def test_rows_keep_their_numbers_when_parts_are_split_off() -> None:
    rows = texts()
    rows[700]["text"], rows[3]["text"] = LONG, LONG + "more"
    assert sorted(row for each in found(rows) for row in each["rows"]) == [4, 701]


def test_no_label_shared() -> None:
    data = splits()
    for row in data["test"]:
        row["label"] = row["label"].upper()
    one = only(data)
    assert (one["kind"], one["action"]) == ("no label shared", "refused")
    assert "'A'" in one["cause"]


def test_one_class() -> None:
    data = splits()
    for row in data["train"]:
        row["label"] = "a"
    one = only(data)
    assert one["action"] == "refused"
    assert "fewer than two labels: a" in one["cause"]


def test_imbalance() -> None:
    data = splits()
    for row in data["train"][10:]:
        row["label"] = "a"
    one = only(data)
    assert (one["kind"], one["action"]) == ("imbalance", "kept")
    assert one["cause"] == "100 % of the training targets are 'a', 5 of 1,000 'b'"


def test_a_part_too_small_for_its_interval() -> None:
    one = only({**splits(), "validation": texts(16, 5000)})
    assert (one["kind"], one["split"], one["count"]) == ("few rows", "validation", 16)
    assert "± 19 points" in one["cause"]


@pytest.mark.parametrize("column", ["txt", "label"])
def test_a_wrong_column(column: str) -> None:
    one = only(splits(), options={"data.columns.text": column})
    assert one["action"] == "refused"
    assert column in one["cause"] + one["location"]


def tagged(**changed: Any) -> dict[str, list[dict[str, Any]]]:
    whole = {
        name: [{"words": [f"{name}{n}", "b"], "tags": ["X", "Y"]} for n in range(200)]
        for name in ("train", "validation", "test")
    }
    for split, rows in changed.items():
        for row, columns in rows.items():
            whole[split][row].update(columns)
    return whole


@pytest.mark.parametrize(
    ("fault", "kind", "action"),
    [
        ({"tags": ["X"]}, "tag mismatch", "refused"),
        ({"words": ["a", None]}, "missing value", "refused"),
        ({"tags": ["X", None]}, "no tag", "kept"),
        ({"words": ["a", "c"], "tags": ["X", "Z"]}, "unseen label", "counted wrong"),
        ({"words": [], "tags": []}, "nothing to predict", "dropped"),
        ({"words": ["w"] * 2000, "tags": ["X"] * 2000}, "over-long", "kept"),
    ],
)
def test_words_and_tags(fault: dict[str, Any], kind: str, action: str) -> None:
    kinds = {each["kind"]: each for each in found(tagged(test={7: fault}), "tag")}
    assert kinds[kind]["action"] == action
    assert kinds[kind]["rows"] == [8]
    assert set(kinds) <= {kind, "empty"}


def test_an_unseen_tag_is_named() -> None:
    fault = {"words": ["a", "c"], "tags": ["X", "Z"]}
    assert only(tagged(test={7: fault}), "tag")["value"] == "'Z'"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
@pytest.mark.parametrize("column", ["sequence", "target"])
def test_numbers_that_are_none(column: str, value: Any) -> None:
    draw = np.random.default_rng(0)
    rows = [{"sequence": draw.random(3).tolist(), "target": float(n)} for n in range(1500)]
    rows[41][column] = value if column == "target" else [1.0, value]
    one = only(rows, "regression")
    assert one["rows"] == [42]
    assert one["kind"] == ("missing value" if value is None and column == "target" else one["kind"])
    assert one["action"] == "refused"
    assert only(rows, "regression", {"data.faulty": "drop"})["action"] == "dropped"


def csv(rows: list[dict[str, Any]]) -> bytes:
    return ("text,label\n" + "".join(f"{r['text']},{r['label']}\n" for r in rows)).encode()


def refused_file(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    one = only(str(path))
    assert (one["kind"], one["action"]) == ("cannot be used", "refused")
    assert str(path.name) in one["location"]
    return f"{one['cause']} | {one['location']} | {one['remedy']}"


def test_a_wrong_encoding(tmp_path: Path) -> None:
    content = csv(texts()).replace(b"text 7 so", "caf\xe9".encode("latin-1"))
    message = refused_file(tmp_path / "a.csv", content)
    assert "UTF-8" in message
    assert "line 9" in message


def test_a_truncated_gzip(tmp_path: Path) -> None:
    content = gzip.compress(csv(texts()))
    message = refused_file(tmp_path / "a.csv.gz", content[: len(content) // 2])
    assert "end" in message.lower()


def test_a_truncated_parquet(tmp_path: Path) -> None:
    import datasets

    datasets.Dataset.from_list(texts()).to_parquet(tmp_path / "whole.parquet")
    content = (tmp_path / "whole.parquet").read_bytes()
    message = refused_file(tmp_path / "a.parquet", content[: len(content) // 2])
    assert "parquet" in message.lower()


def test_a_fault_in_the_times_is_found_as_by_a_run(tmp_path: Path) -> None:
    months = [(year, month) for year in range(2000, 2020) for month in range(1, 13)]
    rows = [f"{year}-{month:02d},{year * month * 37 % 101}" for year, month in months]
    path = tmp_path / "total.csv"
    path.write_text("\n".join(["month,sales", *rows, "Total,1234"]))
    report = check_data(path, task="regression")
    assert report["refused"]
    (finding,) = report["findings"]
    assert finding["cause"] == "row 241 holds no time that can be read"
    with pytest.raises(UserError, match="row 241 holds no time"):
        run(task="regression", model="rnn", data=path, out=tmp_path / "run", smoke=True)
    assert not check_data(path, task="regression", options={"data.faulty": "drop"})["refused"]


def test_a_table_with_a_word_per_row_is_read_as_the_remedy_says(tmp_path: Path) -> None:
    words = [("Sentence: 1", "Mara", "B-PER"), ("", "left", "O")]
    rows = [(f"Sentence: {n}" if first else "", word, tag) for n in range(12)
            for first, word, tag in words]  # fmt: skip
    table = tmp_path / "a.csv"
    lines = [",".join(row) for row in [("Sentence #", "Word", "Tag"), *rows]]
    table.write_text("\n".join(lines), encoding="utf-8")
    (refused,) = found(str(table), "tag")
    assert "a word and its tag per line with a tab between, and a blank line" in refused["remedy"]
    sentences = tmp_path / "a.conll"
    text = "".join("\n" * bool(first) + f"{word}\t{tag}\n" for first, word, tag in rows)
    sentences.write_text(text, encoding="utf-8")
    assert not [f for f in found(str(sentences), "tag") if f["action"] == "refused"]


def test_accents_of_two_characters_in_labels_are_shown_so_that_they_differ() -> None:
    rows = [
        {"text": f"text {n} so", "label": ["caf\u00e9", "cafe\u0301", "tea"][n % 3]}
        for n in range(60)
    ]
    (finding,) = (f for f in found(rows) if f["kind"] == "white space")
    assert r"'cafe\u0301' is 'caf\xe9'" in finding["cause"]
    for row in rows:
        row["label"] = row["label"].replace("e\u0301", "\u00e9")
    assert "white space" not in [f["kind"] for f in found(rows)]
