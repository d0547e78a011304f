from __future__ import annotations

from pathlib import Path

import pytest

from seqlab.data.decisions import notices_of
from seqlab.data.reading.folders import is_text_tree, read_text_tree
from seqlab.errors import UserError


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for split in ("train", "test"):
        write(tmp_path / split / "neg" / "0_2.txt", f"bad {split} ü\n")
        write(tmp_path / split / "pos" / "0_9.txt", f"good {split}")
        write(tmp_path / split / "labeledBow.feat", "1 2 3")
    write(tmp_path / "train" / "pos" / "1_8.txt", b"\xef\xbb\xbffine")
    write(tmp_path / "train" / "unsup" / "0_0.txt", "so so")
    write(tmp_path / "README", "aclImdb")
    return tmp_path


def test_the_layout_of_the_imdb_archive(tree: Path) -> None:
    assert is_text_tree(tree)
    splits, decisions = read_text_tree(tree)
    assert list(splits) == ["train", "test"]
    train = splits["train"]
    assert list(train.column("text")) == ["bad train ü", "good train", "fine"]
    assert list(train.column("label")) == ["neg", "pos", "pos"]
    assert len(splits["test"]) == 2
    assert notices_of(decisions) == ["train/unsup left out: 1 texts without a label"]


def test_other_names_of_splits(tmp_path: Path) -> None:
    write(tmp_path / "Dev" / "a" / "1.txt", "x")
    assert list(read_text_tree(str(tmp_path))[0]) == ["validation"]


def test_folders_that_are_not_text_trees(tmp_path: Path) -> None:
    assert not is_text_tree(tmp_path)
    write(tmp_path / "train" / "a.txt", "x")
    write(tmp_path / "other" / "a" / "a.txt", "x")
    write(tmp_path / "test" / "a" / "a.csv", "x")
    assert not is_text_tree(tmp_path)
    assert not is_text_tree(tmp_path / "train" / "a.txt")
    assert not is_text_tree(tmp_path / "missing")


def test_only_unlabelled_texts_are_an_error(tmp_path: Path) -> None:
    write(tmp_path / "train" / "unsup" / "a.txt", "x")
    with pytest.raises(UserError, match="no labelled texts"):
        read_text_tree(tmp_path)


def test_a_wrong_encoding_is_reported_with_its_file(tree: Path) -> None:
    broken = tree / "test" / "pos" / "7_7.txt"
    write(broken, b"d\xe9j\xe0 vu")
    with pytest.raises(UserError, match="not UTF-8: byte 2 of the line is 0xe9") as caught:
        read_text_tree(tree)
    assert caught.value.location == f"{broken}, line 1"
    assert len(read_text_tree(tree, "cp1252")[0]["test"]) > 0
