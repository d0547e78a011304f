from __future__ import annotations

from collections.abc import Sequence

import pytest

from seqlab.data.columns.assignment import find_columns
from seqlab.data.columns.kinds import kinds_of
from seqlab.data.contracts import Column
from seqlab.data.decisions import notices_of
from seqlab.data.split import Split
from seqlab.errors import UserError

TEXT = Column("text", ("text",), ("text", "sentence"))
LABEL = Column("label", ("label",), ("label", "class"))
VALUE = Column("value", ("number",), ("value",))
WORDS = Column("words", ("list",), ("tokens",))
SERIES = Column("series", ("numbers",), ("series",), instead_of="text")
SEQUENCE = Column("sequence", ("list",), ("sequence",), optional=True)
REVIEWS = [f"review {number}" for number in range(200)]


def split(**columns: Sequence[object]) -> Split:
    return Split("train", columns, "here.csv")


def test_names_are_matched_in_any_case() -> None:
    data = split(Sentence=["a"], TEXT=["b"], Class=[1], number=[2])
    columns, decisions = find_columns(data, [TEXT, LABEL], {})
    assert columns == {"text": "TEXT", "label": "Class"}
    assert notices_of(decisions) == ["text: column 'TEXT'", "label: column 'Class'"]


def test_expected_names_give_no_notices() -> None:
    _, decisions = find_columns(split(text=["a"], label=[1]), [TEXT, LABEL], {})
    assert [decision.option for decision in decisions] == [
        "data.columns.text",
        "data.columns.label",
    ]
    assert notices_of(decisions) == []


def test_a_choice_overrides_names() -> None:
    data = split(text=["a"], body=["b"], label=[1])
    columns, decisions = find_columns(data, [TEXT, LABEL], {"text": "body"})
    assert columns == {"text": "body", "label": "label"}
    assert notices_of(decisions) == ["text: column 'body'"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Résumé", "Re\u0301sume\u0301"), ("Re\u0301sume\u0301", "Résumé"), ("a", "\ufeffa")],
)
def test_a_chosen_column_is_found_however_its_name_is_typed(typed: str, name: str) -> None:
    data = split(**{name: ["a b", "c d"], "label": ["x", "y"]})
    columns, _ = find_columns(data, [TEXT, LABEL], {"text": typed})
    assert columns == {"text": name, "label": "label"}


def test_the_only_column_of_a_kind_is_used() -> None:
    data = split(number=[1.5], what=[["a", "b"]])
    assert find_columns(data, [WORDS, VALUE], {})[0] == {"words": "what", "value": "number"}
    assert find_columns(split(n=[None, 3]), [VALUE], {})[0] == {"value": "n"}


def test_an_assigned_column_is_not_used_again() -> None:
    data = split(review=REVIEWS, verdict=[0, 1] * 100)
    assert find_columns(data, [LABEL, TEXT], {})[0] == {"label": "verdict", "text": "review"}


def test_labels_are_told_from_texts_by_repetition() -> None:
    data = split(review=REVIEWS, verdict=["bad", "good"] * 100)
    assert find_columns(data, [TEXT, LABEL], {})[0] == {"text": "review", "label": "verdict"}


@pytest.mark.parametrize(
    ("wanted", "columns"),
    [
        (TEXT, {"a": ["x"], "b": ["y"]}),
        (TEXT, {"a": [1], "b": [2.5]}),
        (VALUE, {"a": [True], "b": ["y"]}),
        (LABEL, {"a": [1.5], "b": [["y"]]}),
        (LABEL, {"a": REVIEWS}),
        (WORDS, {"a": [None], "b": ["y"]}),
    ],
)
def test_unclear_columns_are_an_error(wanted: Column, columns: dict[str, Sequence[object]]) -> None:
    with pytest.raises(UserError) as caught:
        find_columns(split(**columns), [wanted], {})
    assert all(f"{name} (" in caught.value.cause for name in columns)
    assert f"-o data.columns.{wanted.role}=NAME" in caught.value.remedy


def test_the_error_lists_assigned_columns() -> None:
    with pytest.raises(
        UserError, match=r"which column is the label: there are text \(used as text\)"
    ):
        find_columns(split(text=["a"]), [TEXT, LABEL], {})


def test_an_unknown_column_or_role_is_an_error() -> None:
    data = split(text=["a"], label=[1])
    with pytest.raises(UserError, match="did you mean 'text'") as caught:
        find_columns(data, [TEXT], {"text": "txet"})
    assert caught.value.location == "data.columns.text"
    with pytest.raises(UserError, match=r"unknown role 'lable'.*\n.*\n.*'label'"):
        find_columns(data, [TEXT, LABEL], {"lable": "label"})


def test_columns_of_a_table_on_disk() -> None:
    import datasets

    table = datasets.Dataset.from_dict({"review": REVIEWS, "verdict": [0, 1] * 100})
    data = Split("train", table, "hub")
    assert find_columns(data, [TEXT, LABEL], {})[0] == {"text": "review", "label": "verdict"}


def test_wide_tables_are_listed_in_part() -> None:
    wide = {f"c{number}": [f"text {number}"] for number in range(224)}
    with pytest.raises(UserError, match=r"c9 \(text or label\) … and 214 more"):
        find_columns(split(**wide), [TEXT], {})
    with pytest.raises(UserError, match="did you mean 'c222'") as caught:
        find_columns(split(**wide), [TEXT], {"text": "cc222"})
    assert caught.value.remedy.endswith("c9 … and 214 more")
    assert find_columns(split(**wide), [TEXT], {"text": "c222"})[0] == {"text": "c222"}


SOLD = [str(10 + (7 * number) % 23) for number in range(40)]
GAPS = [*SOLD[:20], "NA", "n/a", "-", *SOLD[23:]]
COUNTERS: dict[str, Sequence[object]] = {
    "month": [str(number) for number in range(40)],
    "n": list(range(40)),
    "x": [0.5 * number for number in range(40)],
    "back": list(range(40, 0, -1)),
    "moy": [str(1 + number % 12) for number in range(40)],
    "year": [1900 + number // 2 for number in range(40)],
    "when": [f"{1960 + number // 12}{1 + number % 12:02}" for number in range(40)],
    "stamp": [20240101 + number for number in range(28)] + [20240201 + n for n in range(12)],
    "date": [f"2024-01-{1 + number % 28:02}" for number in range(40)],
    "time": [f"{number % 24}:00" for number in range(40)],
    "user_id": [(31 * number) % 97 for number in range(40)],
    "gaps": ["NA" if number % 7 == 3 else str(number) for number in range(40)],
}


@pytest.mark.parametrize("name", [name for name in COUNTERS if name != "gaps"])
@pytest.mark.parametrize("values", [SOLD, GAPS, list(map(float, SOLD))])
def test_a_column_that_counts_is_not_the_target(name: str, values: list[object]) -> None:
    data = split(**{name: COUNTERS[name], "sold": values})
    assert find_columns(data, [VALUE], {})[0] == {"value": "sold"}


@pytest.mark.parametrize("name", ["month", "n", "x", "back", "year", "when", "stamp", "date"])
def test_a_column_that_counts_is_not_even_the_target_if_it_is_the_only_one(name: str) -> None:
    with pytest.raises(UserError, match="cannot tell") as caught:
        find_columns(split(**{name: COUNTERS[name]}), [VALUE], {})
    if name != "date":
        assert "counts up" in caught.value.cause
    option = caught.value.remedy.split("-o data.columns.value=")[1]
    assert option == "NAME"
    assert find_columns(split(**{name: COUNTERS[name]}), [VALUE], {"value": name})[0]


def test_a_saw_is_the_target_if_nothing_else_is() -> None:
    assert find_columns(split(moy=COUNTERS["moy"]), [VALUE], {})[0] == {"value": "moy"}


def test_many_odd_cells_are_not_numbers() -> None:
    odd = ["a" if number % 3 == 0 else str(number * number) for number in range(30)]
    with pytest.raises(UserError, match="cannot tell"):
        find_columns(split(odd=odd), [VALUE], {})


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"digits": [f"{n:04}" for n in range(40)], "parity": ["even", "odd"] * 20},
         {"text": "digits", "label": "parity"}),
        ({"review": REVIEWS[:40], "liked": ["True", "False"] * 20},
         {"text": "review", "label": "liked"}),
        ({"review": REVIEWS[:40], "score": ["3.5", "4.0"] * 20, "liked": ["0", "1"] * 20},
         {"text": "review", "label": "liked"}),
        ({"review": REVIEWS[:40], "section": ["2.1", "2.10"] * 20},
         {"text": "review", "label": "section"}),
        ({"date": COUNTERS["date"], "review": REVIEWS[:40], "mood": ["a", "b"] * 20},
         {"text": "review", "label": "mood"}),
        ({"review": REVIEWS[:40], "liked": [0.0, 1.0] * 20}, {"text": "review", "label": "liked"}),
        ({"wave": ["[1, 2, 3]", "[0.5, 2]"] * 20, "kind": ["a", "b"] * 20},
         {"series": "wave", "label": "kind"}),
    ],
)  # fmt: skip
def test_columns_of_text_by_what_they_hold(
    columns: dict[str, Sequence[object]], expected: dict[str, str]
) -> None:
    assert find_columns(split(**columns), [TEXT, SERIES, LABEL], {})[0] == expected


def test_a_role_without_any_column_asks_for_one() -> None:
    with pytest.raises(UserError, match="cannot tell") as caught:
        find_columns(split(text=["a"]), [TEXT, LABEL], {})
    assert "a further column, such as 'label'" in caught.value.remedy
    assert find_columns(split(text=["a"], label=["x"]), [TEXT, LABEL], {})[0]


def test_an_optional_role_may_be_missing() -> None:
    assert find_columns(split(n=[1.5]), [SEQUENCE, VALUE], {})[0] == {"value": "n"}
    data = split(n=[1.5], what=[[1, 2]])
    assert find_columns(data, [SEQUENCE, VALUE], {})[0] == {"sequence": "what", "value": "n"}
    with pytest.raises(UserError, match=r"which column is the sequence: there are a \(list"):
        find_columns(split(a=[[1]], b=[[2]], value=[1]), [SEQUENCE, VALUE], {})


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"text": ["a"]}, {"text": "text"}),
        ({"series": [[1, 2]]}, {"series": "series"}),
        ({"signal": [[0.5, 1]]}, {"series": "signal"}),
        ({"signal": [[[0.5, 1], [2, 3]]]}, {"series": "signal"}),
        ({"text": ["a"], "embedding": [[0.5, 1]]}, {"text": "text"}),
        ({"id": REVIEWS[:1], "series": [[1, 2]]}, {"series": "series"}),
        ({"body": ["a"], "tokens": [["a", "b"]]}, {"text": "body"}),
    ],
)
def test_one_of_two_alternative_roles(
    columns: dict[str, Sequence[object]], expected: dict[str, str]
) -> None:
    data = split(**columns, label=["x"])
    assert find_columns(data, [TEXT, SERIES, LABEL], {})[0] == {**expected, "label": "label"}


@pytest.mark.parametrize("columns", [{}, {"body": ["a"], "signal": [[1, 2]]}])
def test_one_of_two_alternative_roles_is_required(columns: dict[str, Sequence[object]]) -> None:
    with pytest.raises(UserError, match="cannot tell which column is the text"):
        find_columns(split(**columns, label=[1.5]), [TEXT, SERIES, VALUE], {"value": "label"})
    if columns:
        chosen = {"value": "label", "series": "signal"}
        data = split(**columns, label=[1.5])
        assert find_columns(data, [TEXT, SERIES, VALUE], chosen)[0] == chosen


def test_kinds_of_values() -> None:
    assert kinds_of(["a", None]) == ["text", "label"]
    assert kinds_of([1.5, 2]) == ["number"]
    assert kinds_of([[1, 2], [3]]) == ["list", "numbers"]
    assert kinds_of([None]) == []


def test_a_column_that_is_mostly_empty_is_not_preferred() -> None:
    texts = [f"so {row} it goes" for row in range(40)]
    rest = [None if row % 10 else " and so on" for row in range(40)]
    data = split(v1=["ham", "spam"] * 20, v2=texts, column3=rest)
    assert find_columns(data, [TEXT, LABEL], {})[0] == {"text": "v2", "label": "v1"}


def test_the_suggestion_is_the_column_that_fits_best() -> None:
    rows = range(40)
    data = split(
        id=[str(1000 + row) for row in rows],
        title=[f"re {row}" for row in rows],
        comment=[f"what I meant, {row}, is this" for row in rows],
        label=["a", "b"] * 20,
    )
    with pytest.raises(UserError, match="which column is the text") as caught:
        find_columns(data, [TEXT, LABEL], {})
    assert "such as -o data.columns.text=comment" in caught.value.remedy
    assert find_columns(data, [TEXT, LABEL], {"text": "comment"})[0]["text"] == "comment"
