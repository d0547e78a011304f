from __future__ import annotations

from pathlib import Path

import pytest

from seqlab.data.reading.folders import is_text_tree, read_text_tree
from seqlab.errors import UserError


def put(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for split in ("train", "test"):
        put(tmp_path / split / "neg" / "0_2.txt", f"bad {split} ü\n")
        put(tmp_path / split / "pos" / "0_9.txt", f"good {split}")
        put(tmp_path / split / "labeledBow.feat", "1 2 3")
    put(tmp_path / "train" / "pos" / "1_8.txt", b"\xef\xbb\xbffine")
    put(tmp_path / "train" / "unsup" / "0_0.txt", "so so")
    put(tmp_path / "README", "aclImdb")
    return tmp_path


def test_the_original_layout(tree: Path) -> None:
    assert is_text_tree(tree)
    splits, notices = read_text_tree(tree)
    assert list(splits) == ["train", "test"]
    train = splits["train"]
    assert list(train.column("text")) == ["bad train ü", "good train", "fine"]
    assert list(train.column("label")) == ["neg", "pos", "pos"]
    assert len(splits["test"]) == 2
    assert notices == ["train/unsup left out: 1 texts without a label"]


def test_other_names_of_parts(tmp_path: Path) -> None:
    put(tmp_path / "Dev" / "a" / "1.txt", "x")
    assert list(read_text_tree(str(tmp_path))[0]) == ["validation"]


def test_what_is_no_tree(tmp_path: Path) -> None:
    assert not is_text_tree(tmp_path)
    put(tmp_path / "train" / "a.txt", "x")
    put(tmp_path / "other" / "a" / "a.txt", "x")
    put(tmp_path / "test" / "a" / "a.csv", "x")
    assert not is_text_tree(tmp_path)
    assert not is_text_tree(tmp_path / "train" / "a.txt")
    assert not is_text_tree(tmp_path / "missing")


def test_unlabelled_texts_alone_are_an_error(tmp_path: Path) -> None:
    put(tmp_path / "train" / "unsup" / "a.txt", "x")
    with pytest.raises(UserError, match="no labelled texts"):
        read_text_tree(tmp_path)


def test_another_encoding_is_an_error_that_names_the_file(tree: Path) -> None:
    broken = tree / "test" / "pos" / "7_7.txt"
    put(broken, b"d\xe9j\xe0 vu")
    with pytest.raises(UserError, match="not UTF-8: byte 1 is 0xe9") as caught:
        read_text_tree(tree)
    assert caught.value.location == str(broken)
