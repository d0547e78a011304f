import datasets
import numpy as np
import pytest

from seqlab.data.split import Split
from seqlab.errors import UserError

ROWS = [{"text": f"t{i}", "label": i % 2} for i in range(10)]


@pytest.fixture(params=["memory", "datasets"])
def split(request: pytest.FixtureRequest) -> Split:
    if request.param == "memory":
        return Split.from_rows("train", ROWS, "here")
    return Split("train", datasets.Dataset.from_list(ROWS), "here")


def test_rows_are_read_back(split: Split) -> None:
    assert split.column_names == ["text", "label"]
    assert len(split) == 10
    assert split[3] == ROWS[3]
    assert list(split.column("text")) == [row["text"] for row in ROWS]


def test_batches_have_a_size_and_keep_the_order(split: Split) -> None:
    batches = list(split.batches(4))
    assert [len(batch["text"]) for batch in batches] == [4, 4, 2]
    assert batches[2]["label"] == [0, 1]


def test_selected_rows_with_a_new_name(split: Split) -> None:
    selected = split.select(np.array([7, 2]), "test")
    assert [selected[0], selected[1]] == [ROWS[7], ROWS[2]]
    assert selected.name == "test"


def test_rows_with_different_columns_are_an_error() -> None:
    with pytest.raises(UserError, match="row 2"):
        Split.from_rows("train", [{"a": 1}, {"b": 1}], "here")


def test_classes_are_read_by_name() -> None:
    classes = datasets.ClassLabel(names=["no", "yes"])
    features = datasets.Features({"y": classes, "tags": datasets.List(classes)})
    columns = {"y": [1, -1, None], "tags": [[0, 1], [], None]}
    split = Split("train", datasets.Dataset.from_dict(columns, features=features), "mine")
    assert list(split.column("y")) == ["yes", None, None]
    assert [split[row]["tags"] for row in range(3)] == [["no", "yes"], [], None]
    assert next(split.batches())["tags"] == [["no", "yes"], [], None]
    assert split.select(np.array([0]), "test")[0] == {"y": "yes", "tags": ["no", "yes"]}
