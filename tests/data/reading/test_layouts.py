"""Files and folders in the layouts in which data sets are published."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from seqlab.config.data_settings import DataSettings
from seqlab.data.contracts import DataSource
from seqlab.data.reading.sources import OpenedData, find_data
from seqlab.errors import UserError
from seqlab.registry import Registry

REGISTRY: Registry[DataSource] = Registry("data")


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path, **options: Any) -> OpenedData:
    return find_data(str(path), REGISTRY, {}, DataSettings(**options))


def columns(opened: OpenedData, split: str = "train") -> dict[str, list[Any]]:
    rows = opened.splits[split]
    return {name: list(rows.column(name)) for name in rows.column_names}


def test_dates_and_versions_in_json_stay_texts(tmp_path: Path) -> None:
    rows = [{"text": "2024-01-01", "label": "2.10"}, {"text": "0123", "label": "2.1"}]
    expected = {"text": ["2024-01-01", "0123"], "label": ["2.10", "2.1"]}
    lines = "\n".join(map(json.dumps, rows))
    for name in ("a.jsonl", "a.json", "a.ndjson", "a.jsonl.gz"):
        content = lines.encode()
        write(tmp_path / name, gzip.compress(content) if name.endswith(".gz") else content)
        assert columns(read(tmp_path / name)) == expected


def test_texts_and_other_values_in_one_column_become_texts(tmp_path: Path) -> None:
    lines = [
        '{"a": 1, "b": true}',
        '{"a": "x", "b": false}',
        '{"a": 1.5}',
        '{"a": true, "b": null}',
    ]
    path = write(tmp_path / "a.jsonl", "\n".join(lines))
    assert columns(read(path)) == {
        "a": ["1", "x", "1.5", "true"],
        "b": [True, False, None, None],
    }


def test_many_rows_are_on_disk_with_the_same_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seqlab.data.reading.records import table as row_table

    rows: list[dict[str, Any]] = [
        {"text": f"text {n}", "n": n, "words": ["a"] * (n % 3), "mixed": n} for n in range(5000)
    ]
    rows[3000] |= {"mixed": "x", "n": 0.5, "late": "y"}
    rows[10]["text"] = None
    path = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    small = columns(read(path))
    monkeypatch.setattr(row_table, "MEMORY", 1000)
    opened = read(path)
    large = columns(opened)
    assert large == {**small, "n": [float(value) for value in small["n"]]}
    assert large["mixed"][2999:3001] == ["2999", "x"]
    assert large["late"][2999:3001] == [None, "y"]
    assert opened.splits["train"][3000]["text"] == "text 3000"


def test_a_folder_per_label(tmp_path: Path) -> None:
    for label in ("neg", "pos"):
        for number in range(20):
            write(tmp_path / label / f"{number}.txt", f"{label} film {number}\n")
    opened = read(tmp_path)
    assert columns(opened)["label"] == ["neg"] * 20 + ["pos"] * 20
    assert "labels: the names of the folders, neg, pos" in map(str, opened.decisions)
    whole = columns(read(tmp_path, whole=True))
    assert whole["text"][0] == "neg film 0\n"


def test_zipped_folders_and_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "reviews.zip", "w") as archive:
        for split in ("train", "test"):
            for label in ("neg", "pos"):
                archive.writestr(f"reviews/{split}/{label}/1.txt", f"{split} {label}")
        archive.writestr("__MACOSX/reviews/._train", "x")
    opened = read(tmp_path / "reviews.zip")
    assert columns(opened, "test") == {"text": ["test neg", "test pos"], "label": ["neg", "pos"]}
    assert opened.splits["train"].origin == str(tmp_path / "reviews.zip") + "/reviews"
    assert opened.source == str(tmp_path / "reviews.zip")
    with zipfile.ZipFile(tmp_path / "a.csv.zip", "w") as archive:
        archive.writestr("a.csv", "text,label\ngood,1\nbad,0\n")
    opened = read(tmp_path / "a.csv.zip")
    assert columns(opened) == {"text": ["good", "bad"], "label": ["1", "0"]}
    assert opened.splits["train"].origin == str(tmp_path / "a.csv.zip") + "/a.csv"


def test_zipped_files_in_a_folder(tmp_path: Path) -> None:
    for name in ("train", "test"):
        with zipfile.ZipFile(tmp_path / f"{name}.csv.zip", "w") as archive:
            archive.writestr("x.csv", f"text,label\n{name},1\nbad,0\n")
    opened = read(tmp_path)
    assert columns(opened, "test")["text"] == ["test", "bad"]
    with zipfile.ZipFile(tmp_path / "train.csv.zip", "a") as archive:
        archive.writestr("y.csv", "text,label\n")
    with pytest.raises(UserError, match="holds 2 files instead of one"):
        read(tmp_path)


def test_an_error_in_an_archive_names_the_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("train.jsonl", '{"a": 1}\n{"a": \n')
    with pytest.raises(UserError) as caught:
        read(tmp_path / "a.zip")
    assert caught.value.location == f"{tmp_path / 'a.zip'}/train.jsonl, line 2"


def test_findings_about_a_file_in_an_archive_name_the_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "text,label\ngood,1\nbad\nso,0\n")
    (finding,) = read(tmp_path / "a.zip").findings
    assert finding.location.startswith(f"{tmp_path / 'a.zip'}/a.csv")


def test_lines_of_fasttext(tmp_path: Path) -> None:
    write(tmp_path / "train.txt", "__label__good so what\n__label__bad no\n")
    opened = read(tmp_path)
    assert columns(opened) == {"text": ["so what", "no"], "label": ["good", "bad"]}
    assert "labels: __label__ at the start of the lines" in map(str, opened.decisions)


def test_a_missing_shard_is_said(tmp_path: Path) -> None:
    for shard in (0, 2):
        write(tmp_path / f"train-0000{shard}-of-00003.jsonl", '{"a": 1}\n{"a": 2}\n')
    opened = read(tmp_path)
    assert len(opened.splits["train"]) == 4
    assert "missing shards: train-00001-of-00003.jsonl" in map(str, opened.decisions)


def test_series_of_an_archive(shared_data: Path, tmp_path: Path) -> None:
    for split in ("TRAIN", "TEST"):
        (tmp_path / f"GunPoint_{split}.ts").symlink_to(
            shared_data / "series" / f"GunPoint_{split}.ts"
        )
    opened = read(tmp_path)
    assert {name: len(split) for name, split in opened.splits.items()} == {"train": 50, "test": 150}
    assert len(opened.splits["train"][0]["series"]) == 150


def test_padded_series_are_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ts", "@classLabel true a b\n@data\n1,2,NaN:a\n1,2,3:b\n")
    opened = read(path)
    assert columns(opened) == {"series": [[1, 2], [1, 2, 3]], "label": ["a", "b"]}
    said = "padding: missing values at the end of 1 series were taken off"
    assert said in map(str, opened.decisions)


@pytest.mark.parametrize("name", ["a.jsonl", "a.ts"])
def test_a_file_with_other_columns_is_named(tmp_path: Path, name: str) -> None:
    suffix = Path(name).suffix
    first = (
        '{"text": "a", "label": 1}\n' if suffix == ".jsonl" else "@classLabel false\n@data\n1,2\n"
    )
    second = (
        '{"text": "a", "stars": 1}\n'
        if suffix == ".jsonl"
        else "@classLabel true x\n@data\n1,2:x\n"
    )
    write(tmp_path / f"train-1{suffix}", first)
    path = write(tmp_path / f"train-2{suffix}", second)
    with pytest.raises(UserError, match=f"do not fit together: train-2{suffix}") as caught:
        read(tmp_path)
    assert caught.value.location == str(path)
    path.unlink()
    assert len(read(tmp_path).splits["train"]) == 1


def test_sheets_of_a_workbook(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Train"
    for row in (["text", "label"], ["007", 1], ["2024-01-01", 0]):
        sheet.append(row)
    notes = book.create_sheet("Notes")
    notes.append(["made by"])
    book.save(tmp_path / "a.xlsx")
    opened = read(tmp_path / "a.xlsx")
    assert columns(opened) == {"text": ["007", "2024-01-01"], "label": [1, 0]}
    assert "sheet: 'Train', the first of a.xlsx; left out: 'Notes'" in map(str, opened.decisions)
    notes.title = "test"
    notes.append(["x"])
    book.save(tmp_path / "a.xlsx")
    opened = read(tmp_path / "a.xlsx")
    assert columns(opened, "test") == {"made by": ["x"]}
    assert opened.splits["test"].origin.endswith("a.xlsx, sheet 'test'")


def test_the_header_of_a_sheet(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for number in range(20):
        book.active.append([f"text {number}", "good" if number % 2 else "bad"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    with pytest.raises(UserError, match="looks like a row: 'bad' is also a value of 9") as caught:
        read(path)
    assert "data.header=false" in caught.value.remedy
    assert len(read(path, header=False).splits["train"]) == 20
    assert read(path, header=False).splits["train"].column_names == ["column1", "column2"]
    assert len(read(path, header=True).splits["train"]) == 19


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("a.xls", "save it in a spreadsheet program as .xlsx"),
        ("a.pkl", "with the program that wrote it"),
        ("a.sqlite", "export the table as .csv"),
        ("a.7z", "unpack it"),
        ("a.docx", "save the text as .txt"),
        ("data", "give it the suffix of its format"),
    ],
)
def test_the_remedy_for_another_format_can_be_followed(
    tmp_path: Path, name: str, advice: str
) -> None:
    path = write(tmp_path / name, b"\xd0\xcf\x11\xe0" * 100)
    with pytest.raises(UserError) as caught:
        read(path)
    assert advice in caught.value.remedy
