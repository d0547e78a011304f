from __future__ import annotations

from pathlib import Path

import pytest

from seqlab.data.decisions import notices_of
from seqlab.data.reading.naming import file_order, ordered, split_named_in, splits_of_tables
from seqlab.errors import UserError


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("train.csv", "train"),
        ("en_ewt-ud-dev.conllu.gz", "validation"),
        ("test/train-1.csv", "train"),
        ("Valid/a.csv", "validation"),
        ("contest.csv", None),
        ("eng.testa", "validation"),
        ("ned.testb.gz", "test"),
        ("attest.csv", None),
        ("train_test.csv", None),
    ],
)
def test_the_split_of_a_path(path: str, split: str | None) -> None:
    assert split_named_in(Path(path)) == split


def test_numbers_in_names_of_files_are_ordered_by_value() -> None:
    names = ["b", "part10.txt", "part2.txt", "part02.txt", "2.txt", "10.txt", "a"]
    expected = ["2.txt", "10.txt", "a", "b", "part02.txt", "part2.txt", "part10.txt"]
    assert sorted(names, key=file_order) == expected


def test_names_are_ordered() -> None:
    assert ordered(dict.fromkeys(["test", "train", "more"])) == ["train", "test"]


def test_splits_of_tables() -> None:
    import datasets

    table, empty = datasets.Dataset.from_dict({"x": [1]}), datasets.Dataset.from_dict({"x": []})
    tables = {"test": empty, "Dev": table, "val": table, "train": table}
    splits, decisions = splits_of_tables(tables, "o/n")
    assert [(name, split.name) for name, split in splits.items()] == [
        ("train", "train"),
        ("validation", "validation"),
    ]
    assert notices_of(decisions) == ["left out of 'o/n': test, val"]
    with pytest.raises(UserError, match="only: nothing"):
        splits_of_tables({}, "o/n")
