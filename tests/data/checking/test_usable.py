from __future__ import annotations

import pytest

from seqlab.data.checking.usable import usable_splits
from seqlab.data.split import Split
from seqlab.errors import UserError

COLUMNS = {"text": "text", "label": "y"}


def split(name: str, **columns: list[object]) -> Split:
    return Split(name, columns, "mine.csv")


TRAIN = split("train", text=["a", "b"], y=[0, 1])


def test_splits_with_targets_are_kept() -> None:
    splits = {"train": TRAIN, "test": split("test", text=["c"], y=[0], more=[1])}
    assert usable_splits(splits, COLUMNS, "y") == (splits, [])


@pytest.mark.parametrize("test", [split("test", text=["c"]), split("test", text=["c"], y=[None])])
def test_a_split_without_targets_is_left_out(test: Split) -> None:
    splits, findings = usable_splits({"train": TRAIN, "test": test}, COLUMNS, "y")
    assert splits == {"train": TRAIN}
    (finding,) = findings
    assert (finding.action, finding.split, finding.count) == ("dropped", "test", 1)
    assert finding.cause == "the test split is left out: no row has a value in column 'y'"
    assert finding.location == "mine.csv, test, column 'y'"


def test_a_missing_column_is_named() -> None:
    splits = {"train": TRAIN, "test": split("test", Text=["c"], y=[0])}
    with pytest.raises(UserError, match=r"lacks the column 'text'.*which has 'Text'"):
        usable_splits(splits, COLUMNS, "y")
    splits["test"] = split("test", text=["c"])
    with pytest.raises(UserError, match="the test split lacks the column 'y'"):
        usable_splits(splits, COLUMNS, None)
