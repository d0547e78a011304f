from __future__ import annotations

from pathlib import Path

import pytest

from seqlab.config.data_settings import DataSettings
from seqlab.data.reading.metadata import read_metadata
from seqlab.errors import UserError


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def test_a_table_names_files_and_labels(tmp_path: Path) -> None:
    write(tmp_path / "metadata.csv", "file_name,label\ntexts/1.txt,good\ntexts/2.txt,bad\n")
    write(tmp_path / "texts" / "1.txt", "so\nit is\n")
    write(tmp_path / "texts" / "2.txt", "no")
    read = read_metadata(tmp_path, DataSettings())
    assert read is not None
    assert read.splits["train"][0] == {"text": "so\nit is", "label": "good"}
    assert list(read.splits["train"].column("text")) == ["so\nit is", "no"]
    assert any("column 'file_name'" in str(decision) for decision in read.decisions)


def test_a_table_per_split(tmp_path: Path) -> None:
    for split in ("train", "dev"):
        write(tmp_path / split / "metadata.jsonl", '{"file": "1.txt", "label": 1}\n' * 2)
        write(tmp_path / split / "1.txt", split)
    read = read_metadata(tmp_path, DataSettings())
    assert read is not None
    assert {name: split[1] for name, split in read.splits.items()} == {
        "train": {"text": "train", "label": 1},
        "validation": {"text": "dev", "label": 1},
    }


def test_other_tables_called_metadata(tmp_path: Path) -> None:
    assert read_metadata(tmp_path, DataSettings()) is None
    write(tmp_path / "metadata.csv", "text,label\na,b\nb,c\n")
    assert read_metadata(tmp_path, DataSettings()) is None
    assert read_metadata(tmp_path / "metadata.csv", DataSettings()) is None


@pytest.mark.parametrize(
    ("name", "cause"), [("2.txt", "is missing"), ("../a.txt", "outside of its folder")]
)
def test_a_file_that_does_not_exist(tmp_path: Path, name: str, cause: str) -> None:
    write(tmp_path / "a.txt", "secret")
    write(tmp_path / "data" / "metadata.csv", f"file_name,label\n1.txt,good\n{name},bad\n")
    write(tmp_path / "data" / "1.txt", "so")
    with pytest.raises(UserError, match=cause) as caught:
        read_metadata(tmp_path / "data", DataSettings())
    assert caught.value.location == str(tmp_path / "data" / "metadata.csv")
