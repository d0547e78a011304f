from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from seqlab.data.reading.sources import from_python
from seqlab.errors import UserError
from seqlab.plugin.manager import installed
from seqlab.prepare.encoded import cut, learn
from seqlab.prepare.splits import open_splits
from tests.prepare.related_rows import (
    column,
    days,
    labelled,
    long_form,
    notices,
    opened,
    parts,
    refused,
    remedies,
    resolved,
    series,
    shuffled,
)


def test_a_series_that_is_newest_first_is_sorted() -> None:
    result = opened(series(300)[::-1])
    assert column(result, "test", "value") == list(range(240, 300))
    assert column(result, "validation", "value") == list(range(210, 240))
    assert column(result, "train", "value") == list(range(210))
    assert "order: rows are sorted by 'date'" in notices(result)
    assert result.splits["test"].number(0) == 60  # as the file counts


@pytest.mark.parametrize(
    "form",
    [
        lambda day: day.strftime("%d/%m/%Y"),
        lambda day: day.strftime("%m/%d/%Y"),
        lambda day: day.strftime("%d.%m.%y"),
        lambda day: day.strftime("%d-%b-%Y"),
        lambda day: day.strftime("%B %d, %Y"),
        lambda day: day.strftime("%Y%m%d"),
        lambda day: f"{day.month}/{day.day}/{day.year} 11:35",
        lambda day: day.toordinal(),
        lambda day: datetime(day.year, day.month, day.day),
        lambda day: day,
    ],
)
def test_times_in_any_form_give_the_order(form: Callable[[date], object]) -> None:
    result = opened(shuffled(series(form=form)))
    assert [*column(result, "train", "value"), *column(result, "validation", "value")] == [
        *range(48)
    ]
    assert column(result, "test", "value") == list(range(48, 60))


def test_the_order_of_the_file_can_be_meant() -> None:
    result = opened(series()[::-1], data__columns={"time": "none"})
    assert column(result, "test", "value") == list(range(11, -1, -1))
    assert not any(notice.startswith("order") for notice in notices(result))


def test_rows_in_order_are_left_as_they_are() -> None:
    result = opened(series())
    assert not any(notice.startswith("order") for notice in notices(result))
    (order,) = (each for each in result.decisions if each.subject == "order")
    assert (order.choice, order.option) == ("by 'date', as in the file", "data.columns.time")


def test_a_date_and_a_time_of_day_are_one_time() -> None:
    start = datetime(2004, 3, 10, 18)
    rows = [
        {"when": f"{start + timedelta(hours=at):%d/%m/%Y}", "Time": f"{(18 + at) % 24:02}.00.00"}
        for at in range(100)
    ]
    table = [{**row, "value": float(at)} for at, row in enumerate(rows)]
    result = opened(shuffled(table))
    assert column(result, "train", "value") == list(range(70))
    assert "order: rows are sorted by 'when and Time'" in notices(result)
    assert not result.findings


def test_year_and_month_are_one_time() -> None:
    table = [{"year": 1949 + at // 12, "month": at % 12 + 1, "sold": at * 1.5} for at in range(60)]
    result = opened(shuffled(table))
    assert result.columns == {"target": "sold"}
    assert column(result, "test", "sold") == [at * 1.5 for at in range(48, 60)]


def test_a_season_is_not_a_time() -> None:
    table = [{"month": at % 12, "value": float(at)} for at in range(60)]
    result = opened(table)
    assert column(result, "test", "value") == list(range(48, 60))
    assert not result.findings


@pytest.mark.parametrize("name", ["unique_id", "series", "item_id", "id", "Store"])
def test_equal_times_are_several_series(name: str) -> None:
    result = opened(shuffled(long_form(name=name)))
    assert column(result, "test", "value") == [*range(32, 40), *range(1024, 1030)]
    assert f"group: column '{name}': 2 series" in notices(result)


def test_series_may_need_two_columns() -> None:
    rows = [
        {"store": number % 2, "item": number // 2, "date": day, "value": 100.0 * number + at}
        for at, day in enumerate(days(30))
        for number in range(4)
    ]
    result = opened(rows)
    assert result.columns == {"target": "value"}
    assert "group: columns 'store' and 'item': 4 series" in notices(result)
    assert len(column(result, "test", "value")) == 4 * 6


def test_no_window_spans_two_series() -> None:
    options = {"task.window": 5, "task.relative": False}
    data = from_python(shuffled(long_form()))
    config = resolved("regression", options)
    encoded = learn(config, open_splits(config, installed(), data))
    fitted = encoded.fitted
    for name, examples in cut(fitted, encoded.examples).items():
        for start, length, row in zip(
            examples.starts, examples.lengths, examples.rows, strict=True
        ):
            steps = examples.inputs["series"][start : start + length]  # type: ignore[index]
            window = fitted.inputs.unscale(steps)[:, 0].round()  # type: ignore[attr-defined]
            assert encoded.splits is not None
            target = encoded.splits[name][int(row)]["value"]
            assert [*window, target] == [*range(int(target) - 5, int(target) + 1)]


def test_dropped_rows_leave_a_gap() -> None:
    rows = series(100)
    rows[20]["value"] = None
    with pytest.raises(UserError, match="row 21 lacks a target") as raised:
        opened(rows)
    assert "-o data.faulty=drop" in raised.value.remedy
    config = resolved("regression", {"data.faulty": "drop", "task.window": 5})
    encoded = learn(config, open_splits(config, installed(), from_python(rows)))
    examples = cut(encoded.fitted, encoded.examples)["train"]
    assert encoded.splits is not None
    targets = [encoded.splits["train"][int(row)]["value"] for row in examples.rows]
    assert targets == [*range(5, 20), *range(26, 70)]


def test_series_without_a_known_name_are_asked_for() -> None:
    rows = long_form(name="plant")
    error = refused(rows)
    assert error.cause.startswith("30 rows have the time of an earlier row: rows 41, 42")
    options = remedies(error)
    assert options == {"data.columns.group": "plant", "data.columns.time": "none"}
    result = opened(rows, data__columns={"group": "plant"})
    assert column(result, "test", "value") == [*range(32, 40), *range(1024, 1030)]
    assert opened(rows, data__columns={"time": "none"})


def test_a_few_equal_times_are_a_finding() -> None:
    rows = series(300)
    rows[100]["date"] = rows[99]["date"]  # as when clocks are set back
    (repeated, unequal) = opened(rows).findings
    assert (repeated.kind, repeated.rows) == ("repeated time", (101,))
    assert unequal.kind == "unequal steps"


def test_unequal_steps_are_a_finding() -> None:
    rows = series(300)
    del rows[100:103]
    (finding,) = opened(rows).findings
    assert (finding.kind, finding.rows) == ("unequal steps", (101,))
    assert "usual 1 day" in finding.cause


@pytest.mark.parametrize(
    "times",
    [
        [f"{1949 + at // 12}-{at % 12 + 1:02}" for at in range(60)],
        [f"{1949 + at // 12}-{at % 12 + 1:02}-15" for at in range(60)],
        [f"{1949 + at // 4}Q{at % 4 + 1}" for at in range(60)],
        [
            (date(2000 + (at + 1) // 12, (at + 1) % 12 + 1, 1) - timedelta(days=1)).isoformat()
            for at in range(60)
        ],
        [str(1949 + at) for at in range(60)],
        [f"{1949 + at}-01-01" for at in range(60)],
    ],
)
def test_months_and_quarters_are_equal_steps(times: list[str]) -> None:
    result = opened([{"ds": time, "value": float(at)} for at, time in enumerate(times)])
    assert not result.findings


def test_a_row_without_a_time() -> None:
    rows = series()
    rows[7]["date"] = "soon"
    error = refused(rows)
    assert error.cause == "row 8 holds no time that can be read"
    assert remedies(error) == {"data.faulty": "drop", "data.columns.time": "none"}
    result = opened(rows, data__faulty="drop")
    assert len(result.splits["train"]) + len(result.splits["test"]) == 59 - 6
    assert opened(rows, data__columns={"time": "none"})


def test_a_column_named_like_a_time_without_times_is_said() -> None:
    rows = [{"date": ["Mon", "Tue", "Wed"][at % 3], "value": float(at)} for at in range(60)]
    assert "column 'date': not obeyed as the time: its values cannot be read as times" in notices(
        opened(rows)
    )


def test_ambiguous_dates_are_asked_for() -> None:
    rows = series(60)
    generator = random.Random(1)
    for at, row in enumerate(rows):
        day, month = generator.randint(1, 12), generator.randint(1, 12)
        row["date"] = f"{day:02}/{month:02}/{1950 + at}"
    error = refused(shuffled(rows))
    assert "day or with the month first" in error.cause
    for first in (True, False):
        assert opened(shuffled(rows), data__day_first=first)


@pytest.mark.parametrize("name", ["split", "part", "Subset", "partition", "set"])
def test_a_column_names_the_splits(name: str) -> None:
    result = opened(labelled(**{name: parts}), "classify")
    assert {key: len(split) for key, split in result.splits.items()} == {
        "train": 30,
        "validation": 15,
        "test": 15,
    }
    assert column(result, "test", "text") == [f"text {at}" for at in range(3, 60, 4)]
    assert f"split: column '{name}': train 30, validation 15, test 15 rows" in notices(result)


def test_a_column_of_splits_is_no_label() -> None:
    rows = [{"review": f"so {at}", "stars": at % 2, "split": parts(at)} for at in range(60)]
    assert opened(rows, "classify").columns == {"text": "review", "label": "stars"}


@pytest.mark.parametrize(("yes", "no"), [(True, False), ("True", "False"), (1, 0), ("1", "0")])
def test_a_flag_names_the_validation_split(yes: object, no: object) -> None:
    result = opened(labelled(is_valid=lambda at: yes if at < 20 else no), "classify")
    assert {name: len(split) for name, split in result.splits.items()} == {
        "train": 36,
        "validation": 20,
        "test": 4,
    }


def test_a_column_of_splits_can_be_left_out() -> None:
    result = opened(labelled(split=parts), "classify", data__columns={"split": "none"})
    assert len(result.splits["train"]) == 48


def test_a_column_that_is_not_of_splits_is_said() -> None:
    rows = labelled(split=lambda at: ("train", "unused", "test")[at % 3])
    result = opened(rows, "classify")
    assert len(result.splits["train"]) == 48
    assert "column 'split': not obeyed as the splits: it holds 'unused'" in notices(result)
    error = refused(rows, task="classify", data__columns={"split": "split"})
    assert error.cause == "column 'split' does not give the splits: it holds 'unused'"
    assert opened(rows, "classify", data__columns={"split": "none"})


def test_copies_are_found_across_splits_of_a_column() -> None:
    rows = labelled(split=parts)
    rows[3]["text"] = rows[0]["text"]
    kinds = {finding.kind for finding in opened(rows, "classify").findings}
    assert "in two splits" in kinds
