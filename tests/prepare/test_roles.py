"""What columns are used for, whatever they hold: types, fitness, labels and numbers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab import load, run
from seqlab.config.data_settings import DataSettings
from seqlab.data.columns.roles import LabelReader, NumberReader, conversions_of
from seqlab.data.contracts import Column
from seqlab.data.split import Split
from seqlab.errors import UserError
from seqlab.prepare.commands.check import check_data
from seqlab.prepare.commands.show import show_data
from seqlab.types import JsonObject

LABEL = Column("label", ("label",), ("label",))
VALUE = Column("value", ("number",), ("value",))


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([header, *rows])
    path.write_text(buffer.getvalue(), encoding="utf-8")
    return str(path)


def texts(labels: Sequence[object]) -> list[list[object]]:
    return [[f"row {number}", label] for number, label in enumerate(labels)]


def labels_of(path: str, *options: str) -> dict[str, int]:
    columns = show_data(path, task="classify", options=options)["splits"]["train"]["columns"]
    return dict(columns["label"]["labels"])


def found(data: object, task: str, *options: str) -> dict[str, JsonObject]:
    few = ("few rows", "duplicate", "labels that do not repeat")
    findings = check_data(data, task=task, options=options)["findings"]
    return {each["kind"]: each for each in findings if each["kind"] not in few}


@pytest.mark.parametrize(
    "pair",
    [
        ("2.1", "2.10"), ("1", "1.0"), ("007", "7"), ("1e3", "1000"), ("+1", "1"),
        ("0x10", "16"), ("1_0", "10"), ("TRUE", "True"), ("2024-01-01", "2024-02-01"),
        ("1.0.0", "1.0"), ("NA", "null"), ("12:00", "12.00"),
    ],
)  # fmt: skip
def test_labels_stay_what_the_file_says(tmp_path: Path, pair: tuple[str, str]) -> None:
    path = write(tmp_path / "a.csv", ["text", "label"], texts(pair * 20))
    assert labels_of(path) == dict.fromkeys(pair, 20)


@pytest.mark.parametrize("gap", ["", "nan", "NaN", "<NA>", "#N/A", "NaT"])
def test_a_gap_changes_no_other_label(tmp_path: Path, gap: str) -> None:
    path = write(tmp_path / "a.csv", ["text", "label"], texts([*"01" * 20, gap]))
    assert labels_of(path) == {"0": 20, "1": 20}
    assert found(path, "classify")["missing value"]["rows"] == [41]
    assert "missing value" in found(path, "classify", "data.faulty=drop")


@pytest.mark.parametrize(
    "texts_of_digits",
    [
        [f"{number:04}" for number in range(40)],
        [f"+49 30 {number:06}" for number in range(40)],
        [f"{number}.50" for number in range(40)],
        [f"2024-01-{1 + number % 28:02}" for number in range(40)],
        ["True", "False"] * 20,
        ["nan of all", "None"] * 20,
    ],
)
def test_texts_stay_what_the_file_says(tmp_path: Path, texts_of_digits: list[str]) -> None:
    rows = list(zip(texts_of_digits, ["even", "odd"] * 20, strict=True))
    path = write(tmp_path / "a.csv", ["text", "label"], rows)
    summary = show_data(path, task="classify")
    assert summary["columns"]["text"]["role"] == "text"
    assert summary["columns"]["text"]["example"] == texts_of_digits[0]
    assert not {"not text", "missing value"} & found(path, "classify").keys()


PRINTED = [
    "['good', 'new']",
    '["good", "new"]',
    "('good', 'new')",
    "['good' 'new']",
    "array(['good', 'new'], dtype=object)",
    "{'good': 1}",
]


@pytest.mark.parametrize("value", PRINTED)
def test_printed_lists(tmp_path: Path, value: str) -> None:
    path = write(tmp_path / "a.csv", ["text", "label"], texts([value, "bad"] * 20))
    finding = found(path, "classify")["printed list"]
    assert (finding["action"], finding["count"]) == ("refused", 20)
    tagged = write(tmp_path / "b.csv", ["words", "tags"], [["it is", value]] * 20)
    finding = found(tagged, "tag")["printed list"]
    assert finding["action"] == "refused"
    assert "column 'tags'" in finding["location"]
    remedied = [{"words": ["it", "is"], "tags": ["A", "B"]}] * 20
    assert "printed list" not in found(remedied, "tag")
    rows = [[value, "ab"[number % 2]] for number in range(40)]
    finding = found(write(tmp_path / "c.csv", ["text", "label"], rows), "classify")["printed list"]
    assert (finding["action"], finding["count"]) == ("kept", 40)


@pytest.mark.parametrize("text", ["[ 1 , 2 ]", "( 3 , 4 )", '[ " yes " ]'])
def test_a_sentence_in_brackets_is_not_refused(tmp_path: Path, text: str) -> None:
    rows = [[f"word {number}", "A B"] for number in range(40)]
    rows.append([text, " ".join("A" * len(text.split()))])
    path = write(tmp_path / "a.csv", ["words", "tags"], rows)
    assert found(path, "tag")["printed list"]["action"] == "kept"


@pytest.mark.parametrize(
    "value", [["a", "b"], [], ("a",), np.array(["a"]), {"a": 1}, b"a", {"a"}, object()]
)
def test_what_cannot_be_a_label(value: object) -> None:
    rows = [{"text": f"row {n}", "label": value if n % 4 == 1 else "x"} for n in range(40)]
    (finding,) = (each for each in found(rows, "classify").values() if each["action"] == "refused")
    assert (finding["count"], finding["rows"]) == (10, [2, 6, 10, 14, 18])
    assert "give each row one label" in finding["remedy"]
    rows = [{**row, "label": "y" if row["label"] == value else "x"} for row in rows]
    assert not any(each["action"] == "refused" for each in found(rows, "classify").values())


@pytest.mark.parametrize("value", [3, 2.5, {"a": "b"}, b"ab", date(2024, 1, 1), True])
@pytest.mark.parametrize("column", ["words", "tags"])
def test_what_cannot_be_a_list(value: object, column: str) -> None:
    row = {"words": ["it", "is"], "tags": ["A", "B"]}
    rows = [row] * 39 + [{**row, column: value}]
    finding = found(rows, "tag")["not a list"]
    assert (finding["action"], finding["rows"]) == ("refused", [40])


@pytest.mark.parametrize("entry", [["a"], {"a": 1}, b"a"])
def test_lists_within_lists_of_words(entry: object) -> None:
    row: dict[str, Any] = {"words": ["it", "is"], "tags": ["A", "B"]}
    finding = found([row] * 39 + [{**row, "words": [entry, entry]}], "tag")["nested lists"]
    assert (finding["action"], finding["rows"]) == ("refused", [40])


@pytest.mark.parametrize(
    "twin",
    ["good ", " good", "good\t", "go\N{ZERO WIDTH SPACE}od", "good\N{NO-BREAK SPACE}"],
)
def test_white_space_is_no_part_of_a_label(tmp_path: Path, twin: str) -> None:
    path = write(tmp_path / "a.csv", ["text", "label"], texts(["good", "bad", twin, "bad"] * 10))
    assert labels_of(path) == {"bad": 20, "good": 20}
    finding = found(path, "classify")["white space"]
    assert (finding["action"], finding["count"]) == ("kept", 10)
    assert finding["rows"] == [3, 7, 11, 15, 19]


@pytest.mark.parametrize(
    "twin", ["Good one", "GOOD ONE", "good_one", "good-one", "goodOne", "ｇood one"]
)
def test_labels_that_look_alike(tmp_path: Path, twin: str) -> None:
    labels = ["good one", "bad", "good one", twin] * 10
    path = write(tmp_path / "a.csv", ["text", "label"], texts(labels))
    finding = found(path, "classify")["labels that look alike"]
    assert (finding["action"], finding["count"]) == ("kept", 10)
    assert repr(twin) in finding["cause"]
    labels = ["good one" if label == twin else label for label in labels]
    path = write(tmp_path / "a.csv", ["text", "label"], texts(labels))
    assert "labels that look alike" not in found(path, "classify")


@pytest.mark.parametrize("pair", [("+", "-"), ("1", "-1"), ("2.1", "21"), ("a", "b")])
def test_labels_that_do_not_look_alike(tmp_path: Path, pair: tuple[str, str]) -> None:
    path = write(tmp_path / "a.csv", ["text", "label"], texts(pair * 20))
    assert found(path, "classify") == {}


@pytest.mark.parametrize("several", ["a,b", "a;b", "a | b", "b/c", "a & c", "a+b"])
def test_several_labels_in_one(tmp_path: Path, several: str) -> None:
    path = write(tmp_path / "a.csv", ["text", "label"], texts(["a", "b", "c", several] * 10))
    finding = found(path, "classify")["several labels"]
    assert (finding["action"], finding["count"]) == ("kept", 10)


def test_labels_that_do_not_repeat(tmp_path: Path) -> None:
    labels = [f"why {number // 2 if number < 20 else number}" for number in range(60)]
    path = write(tmp_path / "a.csv", ["text", "label"], texts(labels))
    kinds = {each["kind"] for each in check_data(path, task="classify")["findings"]}
    assert "labels that do not repeat" in kinds


NUMBERS = [f"{(7 * n) % 23 + 0.25:.2f}" for n in range(120)]


@pytest.mark.parametrize(
    "odd", ["NA", "n/a", "-", "?", "missing", "12 apples", "2024-01-01", "1,5"]
)
def test_odd_cells_in_a_column_of_numbers(tmp_path: Path, odd: str) -> None:
    sold = [odd if n % 20 == 3 else number for n, number in enumerate(NUMBERS)]
    path = write(tmp_path / "a.csv", ["month", "sold"], list(enumerate(sold)))
    summary = show_data(path, task="regression")
    assert summary["columns"]["sold"]["role"] == "target"
    finding = found(path, "regression")["not a number"]
    assert (finding["action"], finding["count"]) == ("refused", 6)
    assert finding["rows"] == [4, 24, 44, 64, 84]
    assert repr(odd) in finding["cause"]
    dropped = found(path, "regression", "data.faulty=drop", "task.window=4")
    assert dropped["not a number"]["action"] == "dropped"
    assert not any(each["action"] == "refused" for each in dropped.values())
    if "," not in odd:
        cells = found(path, "regression", f"data.missing={odd}", "data.faulty=drop")
        assert "not a number" not in cells


@pytest.mark.parametrize(
    ("decimal", "thousands"), [(",", ""), (",", "."), (".", ","), (".", " "), (".", "'")]
)
@pytest.mark.parametrize("role", ["value", "feature"])
def test_numbers_of_other_languages(
    tmp_path: Path, decimal: str, thousands: str, role: str
) -> None:
    def spelled(number: float) -> str:
        text = f"{number:,.2f}" if thousands else f"{number:.2f}"
        return "".join({",": thousands, ".": decimal}.get(c, c) for c in text)

    numbers = [(7919 * n) % 100_003 / 4 for n in range(120)]
    rows = [[spelled(number), n % 7] for n, number in enumerate(numbers)]
    header = ["value", "x"] if role == "value" else ["x", "value"]
    path = write(tmp_path / "a.csv", header, rows)
    options = [] if role == "value" else ["task.features=x"]
    report = check_data(path, task="regression", options=options)
    assert not report["refused"], report["findings"]
    choices = {each["subject"]: each["choice"] for each in report["decisions"]}
    assert choices[f"numbers of '{header[0]}'"].startswith(f"'{decimal}' before decimals")
    if role == "value":
        shown = show_data(path, task="regression")["splits"]["train"]["columns"]["value"]["numbers"]
        assert shown["max"] == max(numbers)


def test_ambiguous_numbers_are_refused_with_both_readings(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["value"], [[f"1,{n:03}"] for n in range(120)])
    (finding,) = check_data(path, task="regression")["findings"]
    assert "'1,000' may be 1 or 1000" in finding["cause"]
    for option in ("data.decimal=,", "data.decimal=."):
        assert f"-o {option}" in finding["remedy"]
        assert not check_data(path, task="regression", options=[option])["refused"]


def test_listed_missing_numbers_count_by_value(tmp_path: Path) -> None:
    rows = [["-200,0" if n % 10 == 0 else f"{n % 7},5"] for n in range(120)]
    path = write(tmp_path / "a.csv", ["value"], rows)
    assert "missing value" not in found(path, "regression")
    assert found(path, "regression", "data.missing=-200")["missing value"]["count"] == 12


def test_columns_are_shown_where_no_role_can_be_found(tmp_path: Path) -> None:
    header = [f"c{number}" for number in range(30)]
    path = write(
        tmp_path / "a.csv", header, [[n * n % 17 + i for i in range(30)] for n in range(40)]
    )
    summary = show_data(path, task="regression")
    assert list(summary["columns"]) == header
    assert "c9 (label or number) … and 20 more" in summary["unclear"]["cause"]
    option = summary["unclear"]["remedy"].rpartition("-o ")[2]
    assert option == "data.columns.target=c0"
    assert show_data(path, task="regression", options=[option])["unclear"] is None


@pytest.mark.parametrize(
    ("trained", "new", "known"),
    [
        (["0", "1"], ["0.0", "1.0"], True),
        (["0", "1"], [0.0, 1.0], True),
        (["True", "False"], ["true", "false"], True),
        ([1, 0], ["1", "0"], True),
        (["good", "bad"], [" good", "bad "], True),
        (["2.1", "3.0"], ["2.10", "x"], False),
        (["a", "b"], ["A", "B"], False),
    ],
)
def test_labels_read_at_different_times(
    tmp_path: Path, trained: list[object], new: list[object], known: bool
) -> None:
    small = {"model.hidden_size": 4, "model.embedding_size": 4, "evaluate.resamples": 100}

    def rows(labels: list[object]) -> list[dict[str, object]]:
        return [{"text": f"row {n}", "label": labels[n % 2]} for n in range(40)]

    run(task="classify", model="rnn", data=rows(trained), smoke=True, out=tmp_path / "run",
        options=small)  # fmt: skip
    path = write(tmp_path / "new.csv", ["text", "label"], [[*row.values()] for row in rows(new)])
    predictor = load(tmp_path / "run")
    if known:
        accuracy = predictor.evaluate(data=path)["accuracy"]
        assert accuracy == predictor.evaluate(data=rows(trained))["accuracy"]
    else:
        with pytest.raises(UserError, match=r"40 rows hold 40 labels that .*; it has") as caught:
            predictor.evaluate(data=path)
        assert "column 'label'" in caught.value.location


def test_values_by_role() -> None:
    split = Split("train", {"label": [" a ", 1.0, None], "value": ["1", "2.5", "x"]}, "here")
    conversions = conversions_of(
        [LABEL, VALUE], {"label": "label", "value": "value"}, DataSettings(), split
    )
    converted = split.converted(conversions)
    assert converted[0] == {"label": "a", "value": 1}
    assert list(converted.column("value")) == [1, 2.5, "x"]
    assert list(converted.column("label")) == ["a", "1", None]


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none()))
@settings(max_examples=50)
def test_any_value_is_read(value: object) -> None:
    label = LabelReader()(value)
    assert label is None or isinstance(label, str)
    assert LabelReader()(label) == label
    number = NumberReader()(value)
    assert number is value or isinstance(number, int | float)


@pytest.mark.parametrize(
    "records",
    [
        [{"text": f"row {n}", "label": n % 2} for n in range(40)],
        [{"text": f"row {n}", "label": bool(n % 2)} for n in range(40)],
        [{"text": f"row {n}", "label": float(n % 2)} for n in range(40)],
    ],
)
def test_labels_of_json_and_python_are_the_same(
    tmp_path: Path, records: list[Mapping[str, object]]
) -> None:
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in records))
    shown = [
        show_data(data, task="classify")["splits"]["train"]["columns"]["label"]["labels"]
        for data in (str(tmp_path / "a.jsonl"), records)
    ]
    assert shown[0] == shown[1]
    assert all("." not in label for label in shown[0])


def test_an_error_names_both_readings() -> None:
    split = Split("train", {"value": ["1,234", "5,678"]}, "here")
    with pytest.raises(UserError, match=r"1\.234 or 1234") as caught:
        conversions_of([VALUE], {"value": "value"}, DataSettings(), split)
    assert caught.value.location == "here, train, column 'value'"


def test_lines_of_a_label_and_a_text_are_read_under_the_name_of_the_remedy(tmp_path: Path) -> None:
    lines = "".join(f"{('ham', 'spam')[n % 2]}\thello there {n}\n" for n in range(40))
    (tmp_path / "sms.txt").write_text(lines)
    with_text = check_data(tmp_path / "sms.txt", task="classify")
    assert "a tab between text and label is named .tsv" in with_text["findings"][0]["remedy"]
    (tmp_path / "sms.tsv").write_text(lines)
    shown = show_data(tmp_path / "sms.tsv", task="classify", options=["data.header=false"])
    assert shown["columns"]["column1"]["role"] == "label"
    labels = shown["splits"]["train"]["columns"]["column1"]["labels"]
    assert labels == {"ham": 20, "spam": 20}
