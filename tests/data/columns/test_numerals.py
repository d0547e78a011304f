"""Numbers written in the forms of different languages and programs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.data.columns.numerals import (
    PLAIN,
    AmbiguousNumbersError,
    Mark,
    NumberFormat,
    find_format,
)

MARKS: tuple[Mark, Mark] = (".", ",")
FORMATS = [
    PLAIN,
    NumberFormat(","),
    NumberFormat(".", ","),
    NumberFormat(",", "."),
    NumberFormat(",", " "),
    NumberFormat(".", " "),
    NumberFormat(".", "'"),
    NumberFormat(".", "_"),
]


def write(number: float, form: NumberFormat) -> str:
    """A number as a program with this locale writes it."""
    text = f"{number:,.2f}" if form.thousands else f"{number:.2f}"
    marks = {",": form.thousands, ".": form.decimal}
    return "".join(marks.get(character, character) for character in text)


@given(st.floats(-1e12, 1e12), st.sampled_from(FORMATS))
def test_a_number_written_in_a_format_is_read_back(number: float, form: NumberFormat) -> None:
    assert form.parse(write(number, form)) == float(f"{number:.2f}")


@given(st.lists(st.floats(-1e12, 1e12), min_size=1), st.sampled_from(FORMATS))
def test_the_format_of_a_column_is_found(numbers: list[float], form: NumberFormat) -> None:
    texts = [write(number, form) for number in numbers]
    found = find_format(texts)
    assert [found.parse(text) for text in texts] == [float(f"{n:.2f}") for n in numbers]


@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=1),
    st.sampled_from([form for form in FORMATS if form.thousands != "."]),
)
def test_integers_are_read_back_or_refused(numbers: list[int], form: NumberFormat) -> None:
    texts = [f"{n:,}".replace(",", form.thousands) for n in numbers]
    try:
        found = find_format(texts)
    except AmbiguousNumbersError:
        found = find_format(texts, form.decimal, form.thousands)
    assert [found.parse(text) for text in texts] == numbers


@given(st.text())
def test_any_text_is_a_finite_number_or_not_a_number(text: str) -> None:
    for form in FORMATS:
        number = form.parse(text)
        assert number is None or isinstance(number, int | float)


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1", "2.5", "-3e2"], [1, 2.5, -300]),
        (["1,5", "2"], [1.5, 2]),
        (["1.135.124,50", "793.667,00"], [1135124.5, 793667]),
        (["1,135,124.50", "999"], [1135124.5, 999]),
        (["12,34,567.5"], [1234567.5]),
        (["1 234,5", "7"], [1234.5, 7]),
        (["1\N{NARROW NO-BREAK SPACE}234", "7"], [1234, 7]),
        (["1\N{NO-BREAK SPACE}234,25"], [1234.25]),
        (["1'234.5"], [1234.5]),
        (["1\N{RIGHT SINGLE QUOTATION MARK}234"], [1234]),
        (["0,123", "1,234"], [0.123, 1.234]),
        (["1,234", "12,5"], [1.234, 12.5]),
        (["1,234", "1,234,567"], [1234, 1234567]),
        (["1.234", "1.234.567"], [1234, 1234567]),
        (["\N{MINUS SIGN}5", "3"], [-5, 3]),
        (["\N{MINUS SIGN}5,5", "3"], [-5.5, 3]),
        (["+5", " 7 "], [5, 7]),
        (["998.500", "1.002"], [998.5, 1.002]),
        (["1.125", "2", "1500"], [1.125, 2, 1500]),
        (["0.123", "1.234"], [0.123, 1.234]),
        (["1.", ".5"], [1, 0.5]),
        ([",5", "1,"], [0.5, 1]),
        (["٣", "٥"], [3, 5]),
    ],
)
def test_what_is_read(texts: list[str], numbers: list[float]) -> None:
    form = find_format(texts)
    assert [form.parse(text) for text in texts] == numbers


@pytest.mark.parametrize(
    "text", ["", "a", "1a", "1 2", "1,2,3", "12:30", "10.03.2004", "18.00.00", "1-2", "5 %", "--5"]
)
def test_what_is_not_a_number(text: str) -> None:
    assert find_format([text]).parse(text) is None


def test_words_for_what_is_not_finite() -> None:
    assert math.isnan(PLAIN.parse("nan") or 0)
    assert PLAIN.parse("inf") == math.inf
    assert NumberFormat(",").parse("inf") is None


@pytest.mark.parametrize(
    "texts",
    [
        ["1,234", "5,678"],
        ["1,234"],
        ["12", "1,234"],
        ["998", "1.002", "1.010"],
        ["-950", "1.020"],
    ],
)
def test_ambiguous_numbers_are_refused_until_the_mark_is_named(texts: list[str]) -> None:
    with pytest.raises(AmbiguousNumbersError, match="may be"):
        find_format(texts)
    values = {find_format(texts, mark).parse(texts[-1]) for mark in MARKS}
    assert len(values) == 2
    assert None not in values


def test_marks_that_are_named() -> None:
    assert find_format(["1,234"], thousands=",").parse("1,234") == 1234
    assert find_format(["1.234"], thousands=".").parse("1.234") == 1234
    assert find_format(["1.234"], ",", ".").parse("1.234,5") == 1234.5
    assert find_format(["1.5"], ",").parse("1.5") is None
