"""Data sets in the formats and layouts in which they are published, from file to prediction."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import call, done, done_json

RUN = ("run", "--task", "classify", "--model", "rnn", "--smoke", "-o", "model.hidden_size=4")


def lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def train(folder: Path, data: Path, *options: str) -> dict[str, Any]:
    """Train on the data, and predict one text."""
    done(*RUN, "--data", data, "--out", folder / "run", *options)
    prediction: dict[str, Any] = done_json("predict", folder / "run", "row 1")
    return prediction


def test_labels_that_look_like_dates(tmp_path: Path) -> None:
    labels = ["2024-01-01", "2024-02-01"]
    rows = [{"text": f"row {n}", "label": labels[n % 2]} for n in range(40)]
    (tmp_path / "a.jsonl").write_text(lines(rows))
    assert sorted(train(tmp_path, tmp_path / "a.jsonl")["probabilities"]) == labels


def test_texts_that_look_like_dates(tmp_path: Path) -> None:
    rows = [{"text": f"2024-01-{1 + n % 28:02}", "label": n % 2} for n in range(40)]
    (tmp_path / "a.jsonl").write_text(lines(rows))
    assert sorted(train(tmp_path, tmp_path / "a.jsonl")["probabilities"]) == ["0", "1"]
    summary = done_json("data", "show", tmp_path / "a.jsonl", "--task", "classify")
    assert summary["columns"]["text"]["example"] == "2024-01-01"
    lengths = summary["splits"]["train"]["columns"]["text"]["lengths"]["characters"]
    assert (lengths["min"], lengths["max"]) == (10, 10)


def test_a_folder_per_label(tmp_path: Path) -> None:
    for label in ("neg", "pos"):
        (tmp_path / "texts" / label).mkdir(parents=True)
        for number in range(20):
            (tmp_path / "texts" / label / f"{number}.txt").write_text(f"row {number} {label}\n")
    assert sorted(train(tmp_path, tmp_path / "texts")["probabilities"]) == ["neg", "pos"]
    choice = "the names of the folders, neg, pos"
    kept = json.loads((tmp_path / "run" / "notices.json").read_text())
    assert f"labels: {choice}" in kept["notices"]
    report = done_json("data", "check", tmp_path / "texts", "--task", "classify")
    assert choice in [decision["choice"] for decision in report["decisions"]]
    with zipfile.ZipFile(tmp_path / "texts.zip", "w") as archive:
        for file in (tmp_path / "texts").rglob("*.txt"):
            archive.write(file, file.relative_to(tmp_path))
    summary = done_json("data", "show", tmp_path / "texts.zip", "--task", "classify")
    assert summary["splits"]["train"]["columns"]["label"]["labels"] == {"neg": 20, "pos": 20}


def test_series_of_an_archive(shared_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "series"
    folder.mkdir()
    for split in ("TRAIN", "TEST"):
        name = f"ItalyPowerDemand_{split}.ts"
        (folder / name).symlink_to(shared_data / "series" / name)
    done(*RUN, "--data", folder, "--out", tmp_path / "run")
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert "accuracy" in result["metrics"]["test"]


def test_a_converted_file_gives_the_same_run(tmp_path: Path) -> None:
    rows = [{"text": f"row {n}", "label": f"{n % 3}.10"} for n in range(60)]
    (tmp_path / "a.jsonl").write_text(lines(rows))
    expected = train(tmp_path, tmp_path / "a.jsonl")
    for name in ("b.csv", "b.tsv.gz", "b.parquet", "b.arrow", "b.json", "b.xlsx"):
        output = done("data", "convert", tmp_path / "a.jsonl", "--to", tmp_path / name)
        assert output == f"{tmp_path / name}: 60 rows\n"
        assert train(tmp_path / name[2:], tmp_path / name) == expected


def test_rows_to_predict_in_every_format(tmp_path: Path) -> None:
    rows = [{"text": f"row {n}", "label": ["good", "bad"][n % 2]} for n in range(40)]
    (tmp_path / "a.jsonl").write_text(lines(rows))
    train(tmp_path, tmp_path / "a.jsonl")
    expected = predicted(tmp_path, tmp_path / "a.jsonl")
    assert len(expected) == 40
    (tmp_path / "b.txt").write_text("".join(f"__label__{r['label']} {r['text']}\n" for r in rows))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.write(tmp_path / "a.jsonl", "a.jsonl")
    for name in ("b.csv", "b.tsv.xz", "b.parquet", "b.arrow", "b.json", "b.xlsx"):
        done("data", "convert", tmp_path / "a.jsonl", "--to", tmp_path / name)
        assert predicted(tmp_path, tmp_path / name) == expected
    for name in ("b.txt", "b.zip"):
        assert predicted(tmp_path, tmp_path / name) == expected


def predicted(folder: Path, data: Path) -> list[object]:
    records = done("predict", folder / "run", "--input", data, "--json").splitlines()
    return [json.loads(record)["probabilities"] for record in records]


def test_a_conversion_that_is_refused_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines([{"words": ["a"], "tags": ["X"]}]))
    result = call("data", "convert", tmp_path / "a.jsonl", "--to", tmp_path / "b.csv")
    assert result.exit_code == 2
    assert "column 'words' holds lists" in result.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.jsonl"]


@pytest.mark.parametrize(
    ("files", "cause", "followed"),
    [
        (
            {"data/train-1.jsonl": '{"text": "a", "label": 1}', "data/train-2.jsonl": '{"x": 1}'},
            "train-2.jsonl lacks 'text', 'label' and has 'x'",
            {"data/train-2.jsonl": None},
        ),
        (
            {"data/pos/1.txt": "so", "data/pos/2.txt": "yes"},
            "cannot tell which column is the label",
            {"data/neg/1.txt": "no"},
        ),
        (
            {"data/train/pos.txt": "so\nyes\n", "data/train/neg.txt": "no\n"},
            "cannot tell which column is the label",
            {
                "data/train/pos.txt": None,
                "data/train/neg.txt": None,
                "data/train/pos/1.txt": "so",
                "data/train/neg/1.txt": "no",
            },
        ),
        (
            {"data/a.docx": "so"},
            "no file that can be read as data",
            {"data/a.docx": None, "data/pos/1.txt": "so", "data/neg/1.txt": "no"},
        ),
        (
            {"data/all.json": '{"train": [{"text": "a"}], "test": [{"text": "b"}]}'},
            "several lists of rows: train, test",
            {
                "data/all.json": None,
                "data/train.json": '[{"text": "a", "label": 1}]',
                "data/test.json": '[{"text": "b", "label": 1}]',
            },
        ),
        (
            {
                "data/train.csv": "text,label\na,1\n",
                "data/train.jsonl": '{"text": "a", "label": 1}',
            },
            "files of more than one kind: .csv and .jsonl",
            {"data/train.csv": None},
        ),
    ],
)
def test_the_remedy_of_a_layout_helps(
    tmp_path: Path, files: dict[str, str], cause: str, followed: dict[str, str | None]
) -> None:
    _change(tmp_path, dict(files))
    arguments = (*RUN, "--data", tmp_path / "data", "--out", tmp_path / "run")
    result = call(*arguments)
    assert result.exit_code == 2
    assert cause in result.stderr
    assert "  try: " in result.stderr
    assert not (tmp_path / "run").exists()
    _change(tmp_path, followed)
    summary = done_json("data", "show", tmp_path / "data", "--task", "classify")
    assert {column["role"] for column in summary["columns"].values()} == {"text", "label"}


def _change(folder: Path, files: dict[str, Any]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_text(content)
