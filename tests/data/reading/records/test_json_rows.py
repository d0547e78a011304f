from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.data.reading.records.json_rows import json_rows
from seqlab.errors import UserError
from seqlab.types import Row

ROWS = [{"text": "good", "label": 1}, {"text": "bad", "label": 0}]


def read(text: str, *, by_line: bool = False) -> list[Row]:
    lines = enumerate(text.split("\n"), 1)
    return list(json_rows(lines, "a.json", by_line=by_line))


@pytest.mark.parametrize("by_line", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "\n".join(map(json.dumps, ROWS)) + "\n",
        "\n\n".join(map(json.dumps, ROWS)),
        json.dumps(ROWS, indent=2),
        "\n".join(json.dumps(row, indent=1) for row in ROWS),
        json.dumps({"text": ["good", "bad"], "label": [1, 0]}, indent=1),
        json.dumps({"version": "1.0", "data": ROWS}, indent=1),
        json.dumps({"data": ROWS}, indent=1),
        json.dumps({"columns": ["text", "label"], "data": [["good", 1], ["bad", 0]]}, indent=1),
        json.dumps({"text": {"0": "good", "1": "bad"}, "label": {"0": 1, "1": 0}}, indent=1),
        json.dumps({"0": ROWS[0], "1": ROWS[1]}, indent=1),
        json.dumps({"schema": {"fields": []}, "data": ROWS}, indent=1),
    ],
)
def test_layouts_of_tables(text: str, by_line: bool) -> None:
    assert read(text, by_line=by_line) == ROWS


@pytest.mark.parametrize("by_line", [False, True])
def test_one_line(by_line: bool) -> None:
    assert read('{"text": "so"}', by_line=by_line) == [{"text": "so"}]
    assert read("\n \n", by_line=by_line) == []


def test_a_line_of_columns_is_a_row_where_the_suffix_says_so() -> None:
    line = '{"words": ["a", "b"], "tags": ["X", "Y"]}'
    assert read(line, by_line=True) == [{"words": ["a", "b"], "tags": ["X", "Y"]}]
    assert read(line) == [{"words": "a", "tags": "X"}, {"words": "b", "tags": "Y"}]


def test_strings_stay_strings() -> None:
    values = ["2024-01-01", "2024-01-01T00:00:00Z", "1.0", "007", "true", "null", "1e5", ""]
    text = "\n".join(json.dumps({"label": value}) for value in values)
    assert [row["label"] for row in read(text)] == values


@pytest.mark.parametrize(
    ("text", "cause", "line"),
    [
        ('{"a": 1}\n{"a": ', "not JSON", 2),
        ('{"a": 1}\n\n{"a": 1} x', "not JSON: Extra data at character 10", 3),
        ('[\n{"a": 1},\n\n{"a" 1}]', "not JSON", 4),
        ('{"a": 1}\nnull', "a row is null", 2),
        ('null\n{"a": 1}', "a row is null", 1),
        ('{"a": 1}\n["a"]', "a row is a list instead of an object", 2),
        ('{"a": 1}\n"a"', "a row is a text", 2),
        ('{"a": 1}\n7', "a row is a number", 2),
        ('{"a": 1}\n{"a": 1, "a": 2}', "has the key 'a' twice", 2),
        ('{"a": 1}\n{"a": "\\ud800"}', r"the escape \ud800 is half of a character", 2),
        ('{"a": 1}\n' + '{"a":' * 99_999, "nested too deeply", 2),
        ('{"a": 1}\n{"a": ' + "1" * 5000 + "}", "limit", 2),
    ],
)
@pytest.mark.parametrize("by_line", [False, True])
def test_a_line_that_is_not_a_row_is_named(text: str, cause: str, line: int, by_line: bool) -> None:
    with pytest.raises(UserError) as caught:
        read(text, by_line=by_line)
    assert cause in caught.value.cause
    assert caught.value.location == f"a.json, line {line}"


@pytest.mark.parametrize(
    ("document", "cause"),
    [
        ({"a": [1, 2], "b": [1]}, "do not have the same length: 'a' 2, 'b' 1"),
        ({"train": ROWS, "test": ROWS}, "several lists of rows: train, test"),
        ([["good", 1], ["bad", 0]], "a row is a list"),
        ([ROWS[0], None], "a row is null"),
        ({"columns": ["a"], "data": [[1, 2]]}, "a row has 2 values instead of 1"),
        ({"columns": ["a"], "data": [7]}, "a row has a number instead of 1"),
        (7, "a row is a number"),
    ],
)
def test_a_document_without_rows_is_an_error(document: object, cause: str) -> None:
    with pytest.raises(UserError) as caught:
        read(json.dumps(document))
    assert cause in caught.value.cause
    assert caught.value.remedy


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=2),
    max_leaves=4,
)


@given(st.lists(st.dictionaries(st.text("abc", max_size=2), _VALUES, min_size=1), min_size=2))
def test_written_lines_are_read_unchanged(rows: list[Row]) -> None:
    for ascii_only in (True, False):
        text = "\n".join(json.dumps(row, ensure_ascii=ascii_only) for row in rows)
        assert read(text, by_line=True) == rows
        assert read(text) == rows
        assert read(json.dumps(rows, indent=1, ensure_ascii=ascii_only)) == rows
