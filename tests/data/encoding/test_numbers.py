from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab import Scaler, UserError, read_numbers


@given(
    st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), min_size=1, max_size=30),
)
def test_units_as_sklearn_has_them(rows: list[list[float]]) -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    values = np.array(rows)
    scaler, expected = Scaler.of(values), preprocessing.StandardScaler().fit(values)
    np.testing.assert_allclose(scaler.mean, expected.mean_, atol=1e-9)
    np.testing.assert_allclose(scaler.std, expected.scale_, rtol=1e-6)
    found = scaler.scale(values)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected.transform(values), rtol=1e-4, atol=1e-4)
    again = Scaler.from_json(json.loads(json.dumps(scaler.to_json())))
    np.testing.assert_array_equal(again.scale(values), found)


def test_there_and_back() -> None:
    values = np.random.default_rng(0).normal(50, 7, (100, 3))
    scaler = Scaler.of(values)
    np.testing.assert_allclose(scaler.unscale(scaler.scale(values)), values, rtol=1e-6)


def test_a_constant_column_keeps_its_unit() -> None:
    scaler = Scaler.of(np.full((10, 1), 0.1))
    assert scaler.std.tolist() == [1.0]
    assert scaler.scale(np.array([[0.1]])) == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("values", "flat", "lengths"),
    [
        ([[1, 2, 3], [4.5]], [[1], [2], [3], [4.5]], [3, 1]),
        ([[[1, 2], [3, 4]]], [[1, 2], [3, 4]], [2]),
        (["1 2 3", "4,5", "[6, 7]"], [[1], [2], [3], [4], [5], [6], [7]], [3, 2, 2]),
        (["[[1, 2]]"], [[1, 2]], [1]),
    ],
)
def test_sequences_end_to_end(values: list[Any], flat: list[Any], lengths: list[int]) -> None:
    found = read_numbers(values, "here")
    assert found.values.tolist() == flat
    assert found.lengths.tolist() == lengths


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([[]], r"not a sequence of numbers: \[\]"),
        ([[1, None]], "None"),
        ([[1, "a"]], "'a'"),
        (["1 a"], "1 a"),
        (["[1, "], "not a sequence"),
        ([[1, float("nan")]], "nan"),
        ([3], "3"),
        ([None], "None"),
        ([[[1, 2], [3]]], "not a sequence"),
        ([[1], [[1, 2]]], "2 numbers a step, not 1"),
    ],
)
def test_what_cannot_be_read(values: list[Any], said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        read_numbers(values, "data.jsonl, column 'x'")
    assert caught.value.location == "data.jsonl, column 'x'"


def test_the_size_may_be_known() -> None:
    with pytest.raises(UserError, match="1 numbers a step, not 2"):
        read_numbers([[1, 2]], "here", size=2)
    assert read_numbers([], "here", size=2).values.shape == (0, 2)
