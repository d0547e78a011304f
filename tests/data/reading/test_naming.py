from __future__ import annotations

from pathlib import Path

import pytest

from seqlab.data.reading.naming import ordered, part_of, parts_of_splits
from seqlab.errors import UserError


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("train.csv", "train"),
        ("en_ewt-ud-dev.conllu.gz", "validation"),
        ("test/train-1.csv", "train"),
        ("Valid/a.csv", "validation"),
        ("contest.csv", None),
        ("train_test.csv", None),
    ],
)
def test_the_part_of_a_path(path: str, part: str | None) -> None:
    assert part_of(Path(path)) == part


def test_order() -> None:
    assert ordered(dict.fromkeys(["test", "train", "more"])) == ["train", "test"]


def test_splits() -> None:
    import datasets

    one, none = datasets.Dataset.from_dict({"x": [1]}), datasets.Dataset.from_dict({"x": []})
    parts, notices = parts_of_splits({"test": none, "Dev": one, "val": one, "train": one}, "o/n")
    assert [(name, part.name) for name, part in parts.items()] == [
        ("train", "train"),
        ("validation", "validation"),
    ]
    assert notices == ["left out of 'o/n': test, val"]
    with pytest.raises(UserError, match="only: nothing"):
        parts_of_splits({}, "o/n")
