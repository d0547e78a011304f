"""Rows, tables and values from Python as the libraries for tables hand them over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from seqlab.data.reading.python_objects import plain_value, rows_of
from seqlab.data.reading.sources import from_python
from seqlab.errors import UserError

TEXTS = [f"row {i}" for i in range(6)]
LABELS = ["good", None, "bad", "good", "bad", None]
COLUMNS: dict[str, list[Any]] = {"text": TEXTS, "label": LABELS}


def rows(data: object) -> list[dict[str, Any]]:
    split = from_python(data)["train"]
    return [split[row] for row in range(len(split))]


EXPECTED = [{"text": t, "label": v} for t, v in zip(TEXTS, LABELS, strict=True)]


@pytest.mark.parametrize(
    "build",
    [
        pd.DataFrame,
        lambda columns: pd.DataFrame(columns).convert_dtypes(),
        lambda columns: pd.DataFrame(columns).astype({"label": "category"}),
        lambda columns: pd.DataFrame(columns, index=[3, 3, 3, 1, 1, 1]),
        pl.DataFrame,
        lambda columns: pl.DataFrame(columns).lazy(),
        pa.table,
        lambda columns: pa.record_batch(columns),
        dict,
        lambda columns: {name: pd.Series(values) for name, values in columns.items()},
        lambda columns: {name: pl.Series(values) for name, values in columns.items()},
        lambda columns: {name: np.array(values, object) for name, values in columns.items()},
        lambda columns: {name: tuple(values) for name, values in columns.items()},
        lambda columns: {"train": pd.DataFrame(columns)},
        lambda columns: {"train": columns},
    ],
)
def test_tables(build: Callable[[dict[str, list[Any]]], object]) -> None:
    table = from_python(build(COLUMNS))["train"]
    values = [value if isinstance(value, str) else None for value in table.column("label")]
    assert (list(table.column("text")), values) == (TEXTS, LABELS)


def test_splits_of_different_kinds() -> None:
    splits = from_python({"train": pd.DataFrame(COLUMNS), "test": COLUMNS, "dev": EXPECTED})
    assert {name: len(split) for name, split in splits.items()} == {
        "train": 6, "validation": 6, "test": 6
    }  # fmt: skip


@pytest.mark.parametrize(
    "gap",
    [pd.NA, pd.NaT, np.ma.masked, np.datetime64("NaT"), Decimal("nan"), None, np.float32("nan")],
)
def test_marks_of_gaps_are_missing_values(gap: object) -> None:
    assert rows([{"text": "a", "label": gap}]) == [{"text": "a", "label": None}]
    assert rows(iter([{"text": "a", "label": gap}])) == [{"text": "a", "label": None}]
    assert rows({"text": ["a"], "label": [gap]}) == [{"text": "a", "label": None}]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.True_, True),
        (np.str_("a"), "a"),
        (np.array(["a", "b"]), ["a", "b"]),
        ([np.int8(1), 2], [1, 2]),
        ([pd.NA, "a"], [None, "a"]),
        (("a", np.str_("b")), ["a", "b"]),
        (pd.Series(["a", "b"]), ["a", "b"]),
        (pl.Series([1, 2]), [1, 2]),
        (datetime(2024, 1, 1), datetime(2024, 1, 1)),
    ],
)
def test_values_of_libraries(value: object, plain: object) -> None:
    result = plain_value(value)
    assert (result, type(result)) == (plain, type(plain))


def test_an_array_of_numbers_stays_an_array() -> None:
    assert plain_value(np.arange(3)) is not None
    assert isinstance(plain_value(np.arange(3)), np.ndarray)


@pytest.mark.parametrize(
    "build",
    [
        lambda pairs: pd.DataFrame(pairs),
        lambda pairs: pd.DataFrame(pairs).to_dict("records"),
        lambda pairs: [dict(enumerate(pair)) for pair in pairs],
        lambda pairs: (dict(enumerate(pair)) for pair in pairs),
        lambda pairs: {0: [a for a, _ in pairs], 1: [b for _, b in pairs]},
    ],
)
def test_names_of_columns_become_text(build: Callable[[list[tuple[str, str]]], object]) -> None:
    assert rows(build([("a", "x"), ("b", "y")])) == [{"0": "a", "1": "x"}, {"0": "b", "1": "y"}]


def test_names_with_levels() -> None:
    table = pd.DataFrame([("a", 1)], columns=pd.MultiIndex.from_tuples([("x", "text"), ("y", "")]))
    assert rows(table) == [{"x.text": "a", "y": 1}]


@pytest.mark.parametrize(
    ("data", "cause", "remedy"),
    [
        ({"text": ["a", "b"], "label": [1]}, "differ in length: 'text' 2, 'label' 1", "one value"),
        (pd.DataFrame([("a", "b")], columns=["x", "x"]), "two columns .* called 'x'", "rename"),
        ([{0: "a", "0": "b"}], "two columns have the same name", "rename"),
        ({"text": "a", "label": 1}, "this is one row", "list"),
        (np.array([["a", "b"]]), "rows of ndarray", "dict"),
        (pd.Series(["a", "b"]), "rows of str", "dict"),
        (3, "cannot be made from int", "rows as dicts"),
        ({"trian": [{"text": "a"}]}, "unknown split 'trian'", "'train'"),
        ([("a", 1)], "rows of tuple", "dict"),
    ],
)
def test_what_is_not_understood(data: object, cause: str, remedy: str) -> None:
    with pytest.raises(UserError, match=cause) as caught:
        from_python(data)
    assert remedy in caught.value.remedy


def test_remedies_help() -> None:
    assert rows([{"text": "a", "label": 1}]) == [{"text": "a", "label": 1}]
    assert rows([{"first": "a", "second": "b"}]) == [{"first": "a", "second": "b"}]


@pytest.mark.parametrize(
    "build", [pd.DataFrame, pl.DataFrame, pa.table, dict, lambda columns: EXPECTED]
)
def test_rows_to_predict(build: Callable[[dict[str, list[Any]]], Any]) -> None:
    assert [row["text"] for row in rows_of(build(COLUMNS))] == TEXTS


def test_texts_to_predict() -> None:
    def lines() -> Iterator[str]:
        yield from TEXTS

    assert list(rows_of(lines())) == TEXTS
    assert list(rows_of([{0: np.str_("a")}])) == [{"0": "a"}]


@pytest.mark.parametrize("row", ["text", b"text", {"text": "a"}, 3])
def test_a_single_row_to_predict_is_refused(row: object) -> None:
    with pytest.raises(UserError, match="a list of texts or rows") as caught:
        list(rows_of(row))
    assert "into a list" in caught.value.remedy


@pytest.mark.parametrize("row", [1, ["a"], None, b"a", pd.NA])
def test_a_row_to_predict_that_is_neither_text_nor_dict_is_refused(row: object) -> None:
    with pytest.raises(UserError, match="a text or a dict") as caught:
        list(rows_of(["a", row]))
    assert caught.value.location == "row 2 to predict"
