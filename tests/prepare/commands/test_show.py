from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seqlab.errors import UserError
from seqlab.prepare.commands.show import show_data

ROWS = [{"review": f"so  far\nso {n}", "stars": n % 2, "where": None} for n in range(40)]


def test_rows_from_python() -> None:
    result = show_data(
        {"train": ROWS, "test": ROWS[:3]},
        task="sentiment",
        options=["data.validation_fraction=0.2"],
    )
    assert result["source"] == "python"
    assert result["task"] == "sentiment"
    assert result["columns"] == {
        "review": {"kinds": ["text"], "example": "so far so 0", "role": "text"},
        "stars": {"kinds": ["label"], "example": "0", "role": "label"},
        "where": {"kinds": [], "example": "", "role": None},
    }
    train, test = result["splits"]["train"], result["splits"]["test"]
    assert (train["rows"], test["rows"]) == (40, 3)
    assert train["columns"]["review"]["lengths"]["words"]["median"] == 4
    assert train["columns"]["stars"]["labels"] == {"0": 20, "1": 20}
    assert "numbers" not in train["columns"]["stars"]
    assert train["columns"]["where"]["missing"] == 40
    assert "text: column 'review'" in result["notices"]
    json.dumps(result, allow_nan=False)


def test_built_in_names_take_their_options() -> None:
    result = show_data("reviews", options={"data.rows": 300})
    assert {name: split["rows"] for name, split in result["splits"].items()} == {
        "train": 240,
        "validation": 30,
        "test": 30,
    }
    assert result["columns"]["text"]["role"] is None
    assert show_data(task="sentiment")["source"] == "reviews"


def test_a_whole_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n" + "x " * 500)
    assert show_data(tmp_path / "a.txt")["splits"]["train"]["rows"] == 3
    result = show_data(tmp_path / "a.txt", options=["data.whole=true"])
    assert result["splits"]["train"]["rows"] == 1
    assert result["columns"]["text"]["example"].startswith("one two x x")
    assert len(result["columns"]["text"]["example"]) == 120
    assert result["splits"]["train"]["columns"]["text"]["lengths"]["characters"]["max"] == 1008


def test_only_lists_of_labels_have_a_table_of_labels() -> None:
    rows = [{"words": ["a", "b"], "tags": [n % 2, 1], "values": [n, 2.5]} for n in range(40)]
    plain = show_data(rows)["splits"]["train"]["columns"]
    assert plain["words"]["labels"] == {"a": 40, "b": 40}
    for name in ("tags", "values"):
        assert "labels" not in plain[name]
        assert plain[name]["lengths"]["items"]["max"] == 2
    assert plain["tags"]["numbers"] == {"min": 0, "mean": 0.75, "max": 1}
    tagged = show_data(rows, task="tag")["splits"]["train"]["columns"]
    assert tagged["tags"]["labels"] == {"1": 60, "0": 20}
    assert "labels" not in show_data("counting")["splits"]["train"]["columns"]["sequence"]


def test_a_test_part_alone_can_be_seen() -> None:
    assert list(show_data({"test": ROWS})["splits"]) == ["test"]


def test_parts_may_have_other_columns() -> None:
    result = show_data({"train": ROWS, "test": [{"review": "a", "extra": 1}]})
    assert list(result["splits"]["test"]["columns"]) == ["review", "extra"]


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        ({}, "no data was given"),
        ({"spec": {}}, "the data have no splits"),
        ({"spec": "reviewz"}, "unknown data 'reviewz'"),
        ({"spec": "reviews", "task": "sentimend"}, "unknown task 'sentimend'"),
        ({"spec": "reviews", "options": ["data.row=3"]}, "unknown option 'data.row'"),
        ({"spec": "reviews", "options": ["model.x=3"]}, "'model' has no effect on data"),
        ({"spec": ROWS, "options": ["data.rows=3"]}, "unknown option 'data.rows'"),
    ],
)
def test_mistakes(arguments: dict[str, Any], cause: str) -> None:
    with pytest.raises(UserError, match=cause):
        show_data(**arguments)
