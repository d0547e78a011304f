from __future__ import annotations

from pathlib import Path

import pytest

from seqlab.data.decisions import Decision
from seqlab.data.reading.folders import find_text_tree, read_text_tree
from seqlab.data.split import Split
from seqlab.errors import UserError


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def read(path: Path, encoding: str | None = None) -> tuple[dict[str, Split], list[Decision]]:
    tree = find_text_tree(path)
    assert tree is not None
    return read_text_tree(tree, encoding=encoding)


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
    splits, notices = read(tree)
    assert list(splits) == ["train", "test"]
    train = splits["train"]
    assert list(train.column("text")) == ["bad train ü", "good train", "fine"]
    assert list(train.column("label")) == ["neg", "pos", "pos"]
    assert len(splits["test"]) == 2
    assert list(map(str, notices)) == ["left out: train/unsup, 1 texts without a label"]


def test_an_unpacked_archive_may_have_a_folder_around_it(tmp_path: Path) -> None:
    write(tmp_path / "aclImdb" / "train" / "pos" / "1.txt", "x")
    write(tmp_path / "README.md", "x")
    assert list(read(tmp_path)[0]) == ["train"]


def test_other_names_of_splits(tmp_path: Path) -> None:
    write(tmp_path / "Dev" / "a" / "1.txt", "x")
    assert list(read(tmp_path)[0]) == ["validation"]


def test_labels_without_splits(tmp_path: Path) -> None:
    for label in ("neg", "pos"):
        for number in range(3):
            write(tmp_path / "reviews" / label / f"{number}.txt", f"{label} {number}\n")
    write(tmp_path / "reviews" / "README.txt", "about the reviews")
    for path in (tmp_path, tmp_path / "reviews"):
        splits, notices = read(path)
        assert list(splits) == ["train"]
        assert list(splits["train"].column("label")) == ["neg"] * 3 + ["pos"] * 3
        assert splits["train"][0]["text"] == "neg 0"
        assert list(map(str, notices)) == ["labels: the names of the folders, neg, pos"]


def test_one_split_of_an_archive(tree: Path) -> None:
    splits, notices = read(tree / "train")
    assert list(splits["train"].column("label")) == ["neg", "pos", "pos"]
    assert str(notices[0]).startswith("left out: unsup")


def test_files_without_a_known_suffix(tmp_path: Path) -> None:
    """The layout of 20 Newsgroups, which `sklearn.datasets.load_files` reads."""
    for split in ("20news-bydate-train", "20news-bydate-test"):
        write(tmp_path / split / "alt.atheism" / "49960", "From: a\r\n\r\nso")
        write(tmp_path / split / "sci.space" / "61545.eml", "caf\xe9".encode("latin-1"))
    splits, _ = read(tmp_path, "latin-1")
    assert {name: len(split) for name, split in splits.items()} == {"train": 2, "test": 2}
    assert splits["train"][0] == {"text": "From: a\n\nso", "label": "alt.atheism"}
    assert splits["test"][1] == {"text": "café", "label": "sci.space"}


def test_compressed_texts(tmp_path: Path) -> None:
    import gzip

    for label in "ab":
        write(tmp_path / label / "1.txt.gz", gzip.compress(label.encode()))
    assert list(read(tmp_path)[0]["train"].column("text")) == ["a", "b"]


def test_folders_that_are_not_text_trees(tmp_path: Path) -> None:
    assert find_text_tree(tmp_path) is None
    write(tmp_path / "train" / "a.txt", "x")
    write(tmp_path / "other" / "a" / "a.txt", "x")
    write(tmp_path / "test" / "a" / "a.csv", "x")
    assert find_text_tree(tmp_path) is None
    assert find_text_tree(tmp_path / "train" / "a.txt") is None
    assert find_text_tree(tmp_path / "missing") is None


@pytest.mark.parametrize(
    "files",
    [
        ("train/1.txt", "test/1.txt"),
        ("a/1.txt",),
        ("a/1.txt", "b/1.txt", "all.csv"),
        ("a/1.txt", "b/1.txt", "c.txt"),
        ("a/1.csv", "b/1.csv"),
        ("a/1.txt", "README"),
    ],
)
def test_other_layouts_have_no_labels(tmp_path: Path, files: tuple[str, ...]) -> None:
    for file in files:
        write(tmp_path / file, "text\nx\n")
    assert find_text_tree(tmp_path) is None


def test_pictures_are_not_texts(tmp_path: Path) -> None:
    for label in "ab":
        write(tmp_path / label / "1.png", b"\x89PNG\0\0")
    assert find_text_tree(tmp_path) is None


def test_only_unlabelled_texts_are_an_error(tmp_path: Path) -> None:
    write(tmp_path / "train" / "unsup" / "a.txt", "x")
    with pytest.raises(UserError, match="no labelled texts"):
        read(tmp_path)


def test_a_wrong_encoding_is_reported_with_its_file(tree: Path) -> None:
    broken = tree / "test" / "pos" / "7_7.txt"
    write(broken, b"d\xe9j\xe0 vu")
    with pytest.raises(UserError, match="not UTF-8: byte 2 of the line is 0xe9") as caught:
        read(tree)
    assert caught.value.location == f"{broken}, line 1"
    assert len(read(tree, "cp1252")[0]["test"]) > 0
