from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab import Scaler, UserError, read_numbers


@given(
    st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), min_size=1, max_size=30),
)
def test_a_scaler_agrees_with_sklearn(rows: list[list[float]]) -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    values = np.array(rows)
    scaler, expected = Scaler.of(values), preprocessing.StandardScaler().fit(values)
    np.testing.assert_allclose(scaler.mean, expected.mean_, atol=1e-9)
    np.testing.assert_allclose(scaler.std, expected.scale_, rtol=1e-6)
    scaled = scaler.scale(values)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, expected.transform(values), rtol=1e-4, atol=1e-4)
    restored = Scaler.from_json(json.loads(json.dumps(scaler.to_json())))
    np.testing.assert_array_equal(restored.scale(values), scaled)


def test_unscale_inverts_scale() -> None:
    values = np.random.default_rng(0).normal(50, 7, (100, 3))
    scaler = Scaler.of(values)
    np.testing.assert_allclose(scaler.unscale(scaler.scale(values)), values, rtol=1e-6)


def test_a_constant_column_is_not_scaled() -> None:
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
def test_sequences_are_concatenated(
    values: list[object], flat: list[list[float]], lengths: list[int]
) -> None:
    numbers = read_numbers(values, "here")
    assert numbers.values.tolist() == flat
    assert numbers.lengths.tolist() == lengths


@pytest.mark.parametrize(
    ("values", "message"),
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
        ([[1], [[1, 2]]], "2 numbers per step, not 1"),
    ],
)
def test_values_that_are_not_sequences_of_numbers(values: list[object], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        read_numbers(values, "data.jsonl, column 'x'")
    assert caught.value.location == "data.jsonl, column 'x'"


def test_the_number_of_features_may_be_known() -> None:
    with pytest.raises(UserError, match="1 numbers per step, not 2"):
        read_numbers([[1, 2]], "here", size=2)
    assert read_numbers([], "here", size=2).values.shape == (0, 2)


def test_commas_within_and_between_numbers_are_refused() -> None:
    with pytest.raises(UserError, match="not a sequence of numbers"):
        read_numbers(["1,5 2,5"], "here")
    for text in ("1, 5, 2, 5", "1,5,2,5", "[1, 5, 2, 5]", "1 5 2 5"):
        assert read_numbers([text], "here").values[:, 0].tolist() == [1, 5, 2, 5]
