from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqlab.prepare.commands.summary import ColumnSummary, Lengths, summarise

lengths = st.lists(st.integers(0, 300), min_size=1, max_size=60)


@given(values=lengths, share=st.sampled_from([0.5, 0.95, 1.0]))
def test_quantiles_are_those_of_numpy(values: list[int], share: float) -> None:
    distribution = Lengths()
    distribution.add(values)
    assert distribution.quantile(share) == np.quantile(values, share, method="inverted_cdf")


@given(values=lengths)
def test_a_histogram_holds_each_value_once(values: list[int]) -> None:
    distribution = Lengths()
    distribution.add(values[:7])
    distribution.add(values[7:])
    bins = distribution.to_json()["histogram"]
    for interval in bins:
        inside = [value for value in values if interval["from"] <= value <= interval["to"]]
        assert len(inside) == interval["count"]
    assert sum(interval["count"] for interval in bins) == len(values)
    assert bins[0]["from"] <= min(values) <= max(values) <= bins[-1]["to"]
    assert bins[0]["count"] and bins[-1]["count"]


def test_text() -> None:
    column = ColumnSummary(["text"])
    column.add(["so far", None, "", 3])
    record = column.to_json()
    assert record["missing"] == 1
    assert record["lengths"]["characters"]["max"] == 6
    assert record["lengths"]["words"]["min"] == 0
    assert record["lengths"]["words"]["histogram"] == [
        {"from": 0, "to": 0, "count": 1},
        {"from": 1, "to": 1, "count": 0},
        {"from": 2, "to": 3, "count": 1},
    ]
    assert "labels" not in record


def test_words_of_a_script_without_spaces() -> None:
    column = ColumnSummary(["text"])
    column.add(["我爱你。", "हिन्दी में"])
    assert column.to_json()["lengths"]["words"]["max"] == 3
    assert column.to_json()["lengths"]["words"]["min"] == 2


def test_numbers() -> None:
    column = ColumnSummary(["number"])
    column.add([1, 2.5, float("nan")])
    column.add([-4, None])
    record = column.to_json()
    assert record["numbers"] == {"min": -4.0, "mean": -0.5 / 3, "max": 2.5}
    assert record["missing"] == 1


def test_labels_and_lists_of_them() -> None:
    labels = ColumnSummary(["label"])
    labels.add(["b", "a"])
    labels.add(["a", None])
    assert labels.to_json()["labels"] == {"a": 2, "b": 1}
    tags = ColumnSummary(["list"])
    tags.add([["x", "y", "x"], []])
    assert tags.to_json()["labels"] == {"x": 2, "y": 1}
    assert tags.to_json()["lengths"]["items"]["max"] == 3


def test_many_or_long_values_are_not_labels() -> None:
    for values in (list(range(101)), ["a" * 101]):
        column = ColumnSummary(["label"])
        column.add(values)
        column.add(["a"])
        assert "labels" not in column.to_json()


def test_nothing() -> None:
    assert ColumnSummary([]).to_json() == {"missing": 0, "lengths": {}}
    assert ColumnSummary(["text"]).to_json()["lengths"] == {"characters": {}, "words": {}}


def test_all_columns() -> None:
    summaries = summarise(
        [{"a": [1], "b": ["x"]}, {"a": [2], "b": [None]}], {"a": ["number"], "b": []}
    )
    assert summaries["a"]["numbers"]["max"] == 2
    assert summaries["b"]["missing"] == 1
