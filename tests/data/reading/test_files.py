from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path

import pytest

from seqlab.config.data_settings import DataSettings
from seqlab.data.decisions import notices_of
from seqlab.data.reading.files import read_files
from seqlab.data.split import Split
from seqlab.errors import UserError

ROWS = "text,label\ngood,1\nbad,0\n"


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(folder))


def write(folder: Path, name: str, content: str | bytes = ROWS) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def rows(split: Split) -> list[dict[str, object]]:
    return [split[row] for row in range(len(split))]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ROWS),
        ("a.CSV", ROWS),
        ("a[1].csv", ROWS),
        ("a.csv.gz", ROWS),
        ("a[1].csv.gz", ROWS),
        ("a.tsv", ROWS.replace(",", "\t")),
        ("a.tsv.gz", ROWS.replace(",", "\t")),
        ("a.jsonl", '{"text":"good","label":1}\n{"text":"bad","label":0}\n'),
        ("a.jsonl.gz", '{"text":"good","label":1}\n{"text":"bad","label":0}\n'),
        ("a.json", '[{"text":"good","label":1},{"text":"bad","label":0}]'),
        ("a.json.gz", '[{"text":"good","label":1},{"text":"bad","label":0}]'),
    ],
)
def test_all_text_formats_give_the_same_rows(tmp_path: Path, name: str, content: str) -> None:
    path = write(tmp_path, name, content)
    splits, decisions, _ = read_files(path)
    assert list(splits) == ["train"]
    assert notices_of(decisions) == []
    assert splits["train"].origin == str(path)
    labels = [1, 0] if "json" in name else ["1", "0"]
    assert rows(splits["train"]) == [
        {"text": "good", "label": labels[0]},
        {"text": "bad", "label": labels[1]},
    ]


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_one_text_per_line_or_one_whole_text(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, "\ufeffone\r\n\n two\u2028\nlast\n".encode())
    by_line = read_files(path)[0]["train"]
    assert list(by_line.column("text")) == ["one", "", " two\u2028", "last"]
    whole = read_files(path, DataSettings(whole=True))[0]["train"]
    assert rows(whole) == [{"text": "one\r\n\n two\u2028\nlast\n"}]
    write(tmp_path, "b.csv")
    assert len(read_files(tmp_path / "b.csv", DataSettings(whole=True))[0]["train"]) == 2


def test_whole_texts_of_a_folder(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "README.txt", "license.txt.md"):
        write(tmp_path, name, f"{name}\n")
    split = read_files(tmp_path, DataSettings(whole=True))[0]["train"]
    assert list(split.column("text")) == ["a.txt\n", "b.txt\n"]
    write(tmp_path, "c.txt.gz", b"")
    with pytest.raises(UserError, match="no rows"):
        read_files(tmp_path / "c.txt.gz", DataSettings(whole=True))


def test_texts_beside_tables_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "en-ud-train.csv")
    write(tmp_path, "en-ud-train.txt", "good bad")
    write(tmp_path, "LICENSE.txt", "free")
    splits, decisions, _ = read_files(tmp_path)
    assert {name: len(split) for name, split in splits.items()} == {"train": 2}
    assert str(decisions[0]).endswith(": en-ud-train.txt")


def test_arrow_files(tmp_path: Path) -> None:
    import pyarrow as pa

    table = pa.table({"text": ["good"], "label": [1]})
    with pa.ipc.new_stream(str(tmp_path / "stream.arrow"), table.schema) as writer:
        writer.write_table(table)
    with pa.ipc.new_file(str(tmp_path / "file.arrow"), table.schema) as writer:
        writer.write_table(table)
    for name in ("stream.arrow", "file.arrow"):
        assert rows(read_files(tmp_path / name)[0]["train"]) == [{"text": "good", "label": 1}]


def test_names_of_classes_in_parquet_files(tmp_path: Path) -> None:
    import datasets

    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])}
    )
    table = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [1, 0]}, features=features)
    table.to_parquet(tmp_path / "a.parquet")
    split = read_files(tmp_path / "a.parquet")[0]["train"]
    assert list(split.column("label")) == ["pos", "neg"]


def test_parquet_files(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "dev.parquet"
    pq.write_table(pa.table({"text": ["good"], "label": [1]}), path)
    assert rows(read_files(path)[0]["validation"]) == [{"text": "good", "label": 1}]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("contest.csv", "train"),
        ("en-ud-train.csv.gz", "train"),
        ("train-00000-of-00002.csv", "train"),
        ("training.csv", "train"),
        ("dev/part1.csv", "validation"),
        ("my_VAL.csv", "validation"),
        ("valid2.csv", "validation"),
        ("validation.csv", "validation"),
        ("Test.csv", "test"),
        ("test/more/train/a.csv", "train"),
        ("latest.csv", "train"),
        ("train_test.csv", "train"),
    ],
)
def test_names_identify_the_split(tmp_path: Path, name: str, split: str) -> None:
    write(tmp_path, name)
    assert list(read_files(tmp_path)[0]) == [split]


def test_only_the_path_below_the_folder_counts(tmp_path: Path) -> None:
    write(tmp_path, "test/a.csv")
    assert list(read_files(tmp_path / "test")[0]) == ["train"]
    assert list(read_files(tmp_path / "test" / "a.csv")[0]) == ["train"]


def test_files_of_a_folder_are_sorted_into_splits(tmp_path: Path) -> None:
    write(tmp_path, "train/1.csv")
    write(tmp_path, "train/2.csv.gz")
    write(tmp_path, "dev.jsonl", json.dumps({"text": "so", "label": 1}))
    write(tmp_path, "test.tsv", "text\nso\n")
    write(tmp_path, "names.csv")
    write(tmp_path, "test.xls", b"?")
    write(tmp_path, "README.md", "test")
    write(tmp_path, ".hidden/train.csv")
    splits, decisions, _ = read_files(tmp_path)
    assert {name: len(split) for name, split in splits.items()} == {
        "train": 4,
        "validation": 1,
        "test": 1,
    }
    assert list(splits) == ["train", "validation", "test"]
    (notice,) = notices_of(decisions)
    assert notice.endswith("names.csv, test.xls")


def test_words_that_could_mean_missing_values_are_kept(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "text,number\nNA,1.5\nnull,nan\nNone,\n,2\n")
    split = read_files(path)[0]["train"]
    assert list(split.column("text")) == ["NA", "null", "None", None]
    assert list(split.column("number")) == ["1.5", None, None, "2"]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv")
    assert len(read_files(path)[0]["train"]) == 2
    write(tmp_path, "a.csv", ROWS + "fine,1\n")
    os.utime(path, (1, 1))
    assert len(read_files(path)[0]["train"]) == 3


PARQUET = b"PAR1" + b"\0" * 100


@pytest.mark.parametrize(
    ("name", "content", "cause", "remedy"),
    [
        ("a.csv", "", "empty", "fill"),
        ("a.txt", "", "empty", "fill"),
        ("a.conllu", "", "empty", "fill"),
        ("a.txt", b"d\xe9j\xe0\n", "not UTF-8", "UTF-8"),
        ("a.txt.gz", b"d\xe9j\xe0\n", "UTF-8", "UTF-8"),
        ("a.txt.gz", "one\nd\xe9j\xe0\n".encode("latin-1"), "not UTF-8", "UTF-8"),
        ("a.arrow", b"ARROW1" * 20, "metadata", "fix"),
        ("a.csv", "text,label\n", "no rows", "add rows"),
        ("a.jsonl", "\n\n", "no rows", "add rows"),
        ("a.csv", "a,b\n1,2,3\n", "3 fields, more than the 2 of the header", "quotes"),
        ("a.csv", "a,b\n1,2\n1,2,3\n", "more than the 2 of the header", "quotes"),
        ("a.csv", b"text,label\nd\xe9j\xe0,1\n", "not UTF-8", "UTF-8"),
        ("a.jsonl", '{"text": "a"}\n{"text": \n', "JSON", "fix"),
        ("a.parquet", PARQUET, "arquet", "fix"),
        ("a.xlsx", "?", "workbook cannot be read", ".csv"),
        ("a.doc", "?", "suffix '.doc'", ".csv, "),
        ("a.parquet.gz", "?", "suffix '.parquet.gz'", ".parquet"),
        ("a", "?", "without a suffix", ".csv"),
        ("a[1].jsonl.gz", "[]", "no rows", "add rows"),
    ],
)
def test_an_unreadable_file_is_reported(
    tmp_path: Path, name: str, content: str | bytes, cause: str, remedy: str
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(UserError) as caught:
        read_files(path)
    assert cause in caught.value.cause
    assert "\n" not in caught.value.cause
    assert re.sub(r", line \d$", "", caught.value.location) == str(path)
    assert remedy in caught.value.remedy


def test_a_truncated_gzip_file_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv.gz", "text\n" + "".join(f"{n * n}\n" for n in range(999)))
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(UserError, match="ended before"):
        read_files(path)


def test_the_broken_file_of_several_is_named(tmp_path: Path) -> None:
    write(tmp_path, "train-1.jsonl", '{"a": 1}\n')
    write(tmp_path, "train-2.jsonl", '{"a": \n')
    with pytest.raises(UserError) as caught:
        read_files(tmp_path)
    assert caught.value.location == f"{tmp_path / 'train-2.jsonl'}, line 1"


def test_files_with_different_columns_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, "train-1.csv")
    write(tmp_path, "train-2.csv", "a,b,c\n1,2,3\n")
    cause = r"train-2\.csv lacks 'text', 'label' and has 'a', 'b', 'c', compared with train-1\.csv"
    with pytest.raises(UserError, match=cause) as caught:
        read_files(tmp_path)
    assert caught.value.location == str(tmp_path / "train-2.csv")


@pytest.mark.parametrize("second", ["train-2.tsv", "train-1.csv.gz"])
def test_a_split_with_two_kinds_of_files_is_an_error(tmp_path: Path, second: str) -> None:
    write(tmp_path, "train-1.csv")
    write(tmp_path, second)
    with pytest.raises(UserError, match="more than one kind"):
        read_files(tmp_path)


def test_a_missing_path_is_reported_with_the_nearest_one(tmp_path: Path) -> None:
    write(tmp_path, "reviews.csv")
    with pytest.raises(UserError, match=r"did you mean '.*reviews\.csv'"):
        read_files(tmp_path / "review.csv")
    with pytest.raises(UserError, match="no file or folder 'c'"):
        read_files(tmp_path / "b" / "c")


def test_a_folder_without_data_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is empty"):
        read_files(tmp_path)
    write(tmp_path, "README.md")
    with pytest.raises(UserError, match="no file that can be read"):
        read_files(tmp_path)


def test_reading_prints_nothing_and_restores_the_settings_of_datasets(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    import datasets
    from datasets.utils import logging

    settings = datasets.are_progress_bars_disabled(), logging.get_verbosity()
    read_files(write(tmp_path, "a.csv"))
    with pytest.raises(UserError):
        read_files(write(tmp_path, "b.parquet", PARQUET))
    assert (datasets.are_progress_bars_disabled(), logging.get_verbosity()) == settings
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("imdb", {"train": 25000, "test": 25000}),
        ("sst2", {"train": 6920, "validation": 872, "test": 1821}),
        ("wikitext-2", {"train": 36718, "validation": 3760, "test": 4358}),
    ],
)
def test_real_data(shared_data: Path, name: str, sizes: dict[str, int]) -> None:
    splits, decisions, _ = read_files(shared_data / name)
    assert {split: len(table) for split, table in splits.items()} == sizes
    assert notices_of(decisions) == []
    assert splits["train"].column_names == ["text", "label"][: 1 if name == "wikitext-2" else 2]


def test_real_series_and_texts(shared_data: Path) -> None:
    airline = read_files(shared_data / "airline")[0]["train"]
    assert airline[0] == {"Month": "1949-01", "#Passengers": "112"}
    assert len(airline) == 144
    for file, length in (("ETTh1.csv", 17_420), ("ETTm1.csv.gz", 69_680)):
        series = read_files(shared_data / "ett" / file)[0]["train"]
        assert len(series) == length
        assert float(series[0]["OT"]) > 20
    text = read_files(shared_data / "tinyshakespeare", DataSettings(whole=True))[0]["train"]
    assert len(text[0]["text"]) == 1_115_394
