"""The text of labels, their order, and the ids of labels read at different times."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab import UNSEEN
from seqlab.data.encoding.labels import Labels, canonical, label_text, natural_order


class Mood(Enum):
    GOOD = "good"
    ONE = 1.0


class Tone(StrEnum):
    HIGH = "high "


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("good", "good"),
        (" good ", "good"),
        ("very\t good\n", "very good"),
        ("good\N{NO-BREAK SPACE}", "good"),
        ("\N{ZERO WIDTH NO-BREAK SPACE}good", "good"),
        ("go\N{ZERO WIDTH SPACE}od", "good"),
        ("cafe\N{COMBINING ACUTE ACCENT}", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"),
        ("2.10", "2.10"),
        ("1.0", "1.0"),
        ("007", "007"),
        ("NA", "NA"),
        ("null", "null"),
        ("2024-01-01", "2024-01-01"),
        (1, "1"),
        (1.0, "1"),
        (-0.5, "-0.5"),
        (1e300, "1e+300"),
        (True, "True"),
        (np.int8(1), "1"),
        (np.float32(0.1), "0.1"),
        (np.float64(2), "2"),
        (np.True_, "True"),
        (np.str_("a "), "a"),
        (Decimal("2.10"), "2.10"),
        (date(2024, 1, 1), "2024-01-01"),
        (datetime(2024, 1, 1), "2024-01-01 00:00:00"),
        (Mood.GOOD, "good"),
        (Mood.ONE, "1"),
        (Tone.HIGH, "high"),
        (None, None),
        (float("nan"), None),
        (pd.NA, None),
        (pd.NaT, None),
        (np.datetime64("NaT"), None),
        (np.ma.masked, None),
        (Decimal("nan"), None),
        ("", None),
        (" \N{ZERO WIDTH SPACE}\t", None),
    ],
)
def test_the_text_of_a_label(value: object, text: str | None) -> None:
    assert label_text(value) == text


@pytest.mark.parametrize("value", [["a"], ("a",), {"a": 1}, b"a", np.array([1]), {1}, object()])
def test_what_cannot_be_a_label(value: object) -> None:
    with pytest.raises(TypeError, match="a label cannot be"):
        label_text(value)


FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}"


def test_joined_emoji_stay_joined() -> None:
    assert label_text(FAMILY) == FAMILY
    assert label_text("a\N{ZERO WIDTH JOINER}") == "a"


@given(st.text())
def test_cleaning_is_stable_and_changes_nothing_visible(text: str) -> None:
    cleaned = label_text(text)
    assert cleaned is None or (cleaned == cleaned.strip() and label_text(cleaned) == cleaned)
    if text.isascii():
        assert "".join((cleaned or "").split()) == "".join(text.split())


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1))
def test_a_clean_label_is_its_own_text(text: str) -> None:
    assert label_text(text) == text


def test_numbers_are_ordered_by_value_and_before_words() -> None:
    labels = ["b", "10", "2.10", "9", "nan", "2.1", "a", "inf", "-1"]
    expected = ["-1", "2.1", "2.10", "9", "10", "a", "b", "inf", "nan"]
    assert sorted(labels, key=natural_order) == expected
    assert Labels.of(labels).names == expected


@pytest.mark.parametrize(
    ("label", "form"),
    [
        ("1.0", "1"), ("-3.0", "-3"), ("1", "1"), ("TRUE", "True"), ("false", "False"),
        ("2.10", "2.10"), ("1.00", "1.00"), ("01", "01"), ("yes", "yes"), ("1.0.0", "1.0.0"),
    ],
)  # fmt: skip
def test_the_canonical_form(label: str, form: str) -> None:
    assert canonical(label) == form


@pytest.mark.parametrize(
    ("known", "values", "ids"),
    [
        (["0", "1"], ["1.0", 0, 1.0, "1", " 1"], [1, 0, 1, 1, 1]),
        (["0.0", "1.0"], ["1", 0, "0.0"], [1, 0, 0]),
        (["False", "True"], ["true", True, "FALSE", np.False_], [1, 1, 0, 0]),
        (["1", "1.0"], ["1", "1.0", 1.0], [0, 1, 0]),
        (["2.1", "2.10"], ["2.10", "2.1"], [1, 0]),
        (["2.1", "3.0"], ["2.10", "3", "4"], [UNSEEN, 1, UNSEEN]),
        (["bad", "good"], ["good ", "Good", None, pd.NA], [1, UNSEEN, UNSEEN, UNSEEN]),
    ],
)
def test_labels_read_at_different_times(
    known: list[str], values: list[object], ids: list[int]
) -> None:
    assert Labels(known).encode(values).tolist() == ids


@given(st.lists(st.text(min_size=1).filter(label_text), min_size=1))
def test_every_known_label_is_found_again(texts: list[str]) -> None:
    cleaned = [label_text(text) or "" for text in texts]
    labels = Labels.of(cleaned)
    assert [labels.names[i] for i in labels.encode(texts)] == cleaned


@given(st.lists(st.integers(-1000, 1000), min_size=1))
def test_integers_are_the_same_labels_as_their_floats(numbers: list[int]) -> None:
    labels = Labels.of(map(str, numbers))
    ids = labels.encode(numbers).tolist()
    assert labels.encode(map(float, numbers)).tolist() == ids
    assert labels.encode(map(str, map(float, numbers))).tolist() == ids
