from __future__ import annotations

from typing import Any

import pytest

from seqlab.data.checking.usable import usable_parts
from seqlab.data.split import Split
from seqlab.errors import UserError

COLUMNS = {"text": "text", "label": "y"}


def part(name: str, **columns: list[Any]) -> Split:
    return Split(name, columns, "mine.csv")


TRAIN = part("train", text=["a", "b"], y=[0, 1])


def test_whole_parts_stay() -> None:
    parts = {"train": TRAIN, "test": part("test", text=["c"], y=[0], more=[1])}
    assert usable_parts(parts, COLUMNS, "y") == (parts, [])


@pytest.mark.parametrize("test", [part("test", text=["c"]), part("test", text=["c"], y=[None])])
def test_a_part_that_nobody_labelled_is_left_out(test: Split) -> None:
    parts, findings = usable_parts({"train": TRAIN, "test": test}, COLUMNS, "y")
    assert parts == {"train": TRAIN}
    (found,) = findings
    assert (found.action, found.part, found.count) == ("dropped", "test", 1)
    assert found.cause == "the test part is left out: no row has a value in column 'y'"


def test_another_column_is_needed() -> None:
    parts = {"train": TRAIN, "test": part("test", Text=["c"], y=[0])}
    with pytest.raises(UserError, match=r"lacks the column 'text'.*which has 'Text'"):
        usable_parts(parts, COLUMNS, "y")
    parts["test"] = part("test", text=["c"])
    with pytest.raises(UserError, match="the test part lacks the column 'y'"):
        usable_parts(parts, COLUMNS, None)
