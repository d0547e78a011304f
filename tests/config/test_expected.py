import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.config.expected import Expected, judge, value_of
from seqlab.errors import UserError

RESULT: dict[str, Any] = {
    "metrics": {"test": {"accuracy": {"value": 0.87, "low": 0.8, "high": 0.9}}},
    "baseline": {"kind": "most frequent class", "metrics": {"accuracy": 0.5}},
    "parameters": {"total": 12},
    "smoke": True,
}


@pytest.mark.parametrize(
    ("condition", "reached"),
    [(">= 0.87", True), ("> 0.87", False), ("<= 0.87", True), ("<0.87", False), ("== 0.87", True),
     (">= 8.8e-1", False), ("> -1", True)],
)  # fmt: skip
def test_comparisons(condition: str, reached: bool) -> None:
    assert Expected("test.accuracy", condition).holds(0.87) is reached


@pytest.mark.parametrize(
    ("condition", "reached"),
    [("> baseline", True), (">= 1.74 * baseline", True), ("> 1.74*baseline", False),
     ("<= 0.9 * baseline", False), ("< 2 * baseline", True)],
)  # fmt: skip
def test_comparisons_with_the_baseline(condition: str, reached: bool) -> None:
    (verdict,) = judge([{"name": "test.accuracy", "condition": condition}], RESULT)
    assert (verdict["value"], verdict["reached"]) == (0.87, reached)


def test_without_a_baseline_nothing_is_better_or_worse_than_it() -> None:
    expected = [
        {"name": "parameters.total", "condition": f"{s} baseline"} for s in ("<", ">", "==")
    ]
    assert not any(each["reached"] for each in judge(expected, RESULT))


@pytest.mark.parametrize(
    "condition", ["baseline", "> * baseline", "> 2 baseline", "> baseline * 2"]
)
def test_no_comparison_with_the_baseline(condition: str) -> None:
    with pytest.raises(UserError, match="not a comparison"):
        Expected("test.accuracy", condition)


@pytest.mark.parametrize("condition", ["0.87", ">= much", "=> 1", "", ">= 1 or so", "!= 1"])
def test_no_comparison(condition: str) -> None:
    with pytest.raises(UserError, match="not a comparison") as error:
        Expected("test.accuracy", condition)
    assert error.value.location == "expected, test.accuracy"


@pytest.mark.parametrize(
    ("name", "value"),
    [("test.accuracy", 0.87), ("parameters.total", 12), ("test.f1", None), ("train.accuracy", None),
     ("parameters", None), ("smoke", None), ("nothing.at.all", None)],
)  # fmt: skip
def test_where_a_number_stands(name: str, value: float | None) -> None:
    assert value_of(RESULT, name) == value


def test_a_number_that_is_missing_is_not_reached() -> None:
    expected = [
        {"name": "test.f1", "condition": ">= 0"},
        {"name": "test.accuracy", "condition": "> 0"},
    ]
    assert judge(expected, RESULT) == [
        {"name": "test.f1", "condition": ">= 0", "value": None, "reached": False},
        {"name": "test.accuracy", "condition": "> 0", "value": 0.87, "reached": True},
    ]


def test_what_has_diverged_reaches_nothing() -> None:
    for sign in (">=", "<=", "==", ">", "<"):
        assert not Expected("x", f"{sign} 0").holds(math.nan)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-1000, 1000))
def test_opposite_comparisons(value: float, number: int) -> None:
    assert Expected("x", f">= {number}").holds(value) != Expected("x", f"< {number}").holds(value)
    assert Expected("x", f"<= {number}").holds(value) != Expected("x", f"> {number}").holds(value)
