"""Columns that say how rows relate: order, groups and splits."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.config.run_config import assemble
from seqlab.data.reading.sources import from_python
from seqlab.errors import UserError
from seqlab.plugin.manager import installed
from seqlab.plugin.resolve import ResolvedData, resolve_data
from seqlab.prepare.commands.check import check_data
from seqlab.prepare.commands.show import show_data
from seqlab.prepare.encoded import cut, learn
from seqlab.prepare.prepare import prepare
from seqlab.prepare.splits import OpenedSplits, open_splits

Rows = list[dict[str, Any]]


def resolved(task: str, options: Mapping[str, object]) -> ResolvedData:
    flags = {"task.name": task, "data.source": "python"}
    return resolve_data(assemble(None, flags, options), installed())


def opened(rows: object, task: str = "regression", **options: object) -> OpenedSplits:
    names = {name.replace("__", "."): value for name, value in options.items()}
    return open_splits(resolved(task, names), installed(), from_python(rows))


def column(result: OpenedSplits, split: str, name: str) -> list[Any]:
    return list(result.splits[split].column(name))


def notices(result: OpenedSplits) -> list[str]:
    return [str(decision) for decision in result.decisions if decision.notable]


def days(count: int, form: Callable[[date], object] = date.isoformat) -> list[Any]:
    return [form(date(2024, 1, 5) + timedelta(days=day)) for day in range(count)]


def series(count: int = 60, form: Callable[[date], object] = date.isoformat) -> Rows:
    return [{"date": day, "value": float(at)} for at, day in enumerate(days(count, form))]


def shuffled(rows: Sequence[dict[str, Any]], seed: int = 0) -> Rows:
    return random.Random(seed).sample(rows, len(rows))


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


def long_form(lengths: Sequence[int] = (40, 30), name: str = "series") -> Rows:
    return [
        {name: f"s{number}", "date": day, "value": 1000.0 * number + at}
        for number, length in enumerate(lengths)
        for at, day in enumerate(days(length))
    ]


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


def refused(rows: object, **options: Any) -> UserError:
    with pytest.raises(UserError) as raised:
        opened(rows, **options)
    return raised.value


def remedies(error: UserError) -> dict[str, str]:
    """Each option `-o NAME=VALUE` of a remedy."""
    words = error.remedy.replace(";", " ").replace(",", " ").split()
    options = [word for before, word in pairwise(words) if before == "-o"]
    return dict(option.split("=", 1) for option in options)


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


def labelled(**more: Callable[[int], object]) -> Rows:
    return [
        {"text": f"text {at}", "label": "ab"[at % 2]} | {name: of(at) for name, of in more.items()}
        for at in range(60)
    ]


def parts(at: int) -> str:
    return ("Train", "train", "dev", "test")[at % 4]


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


def test_series_with_a_column_of_splits() -> None:
    rows = [
        {**row, "part": "test" if row["value"] % 1000 >= 25 else "train"} for row in long_form()
    ]
    config = resolved("regression", {"task.window": 20, "task.relative": False})
    encoded = learn(config, open_splits(config, installed(), from_python(shuffled(rows))))
    assert encoded.splits is not None
    assert encoded.splits["validation"].before is encoded.splits["train"]
    assert encoded.splits["test"].before is encoded.splits["validation"]
    # each test row has a window, which begins in the splits before
    assert len(cut(encoded.fitted, encoded.examples)["test"]) == 15 + 5


def test_rows_of_a_group_stay_together() -> None:
    rows = labelled(user=lambda at: f"u{at // 5}")
    result = opened(rows, "classify", data__columns={"group": "user"})
    users = [set(column(result, name, "user")) for name in ("train", "validation", "test")]
    assert sum(map(len, users)) == 12
    assert not (users[0] & users[1] or users[0] & users[2] or users[1] & users[2])
    assert opened(rows, "classify", seed=1, data__columns={"group": "user"})


@pytest.mark.parametrize("name", ["user", "author_id", "document", "session_id", "patient"])
def test_a_group_that_is_not_obeyed_is_said(name: str) -> None:
    rows = labelled(**{name: lambda at: f"u{at // 5}"})
    (notice,) = (line for line in notices(opened(rows, "classify")) if line.startswith("splits"))
    assert f"-o data.columns.group={name}" in notice
    obeyed = opened(rows, "classify", data__columns={"group": name})
    assert not any(line.startswith("splits") for line in notices(obeyed))


def test_dates_that_are_not_obeyed_are_said() -> None:
    rows = labelled(posted=lambda at: days(60)[-at - 1])
    (notice,) = (line for line in notices(opened(rows, "classify")) if line.startswith("splits"))
    assert "-o data.columns.time=posted" in notice
    obeyed = opened(rows, "classify", data__columns={"time": "posted"})
    assert column(obeyed, "test", "text") == [f"text {at}" for at in range(5, -1, -1)]


def test_an_identifier_of_each_row_is_no_group() -> None:
    rows = labelled(user=lambda at: f"u{at}")
    assert not any(line.startswith("splits") for line in notices(opened(rows, "classify")))


def test_too_few_groups() -> None:
    rows = labelled(user=lambda at: f"u{at % 2}")
    error = refused(rows, task="classify", data__columns={"group": "user"})
    assert "because they are only 2 groups" in error.cause


@pytest.mark.parametrize("role", ["time", "group", "split"])
def test_a_column_that_does_not_exist(role: str) -> None:
    error = refused(series(), data__columns={role: "dat"})
    assert error.cause == "no column 'dat' in python"
    assert "did you mean 'date'?" in error.remedy


def test_a_table_shows_the_roles() -> None:
    rows = [{**row, "part": "train" if row["value"] < 50 else "test"} for row in series()]
    columns = show_data(rows, task="regression")["columns"]
    assert {name: record["role"] for name, record in columns.items()} == {
        "date": "time",
        "value": "target",
        "part": "split",
    }


def test_a_check_says_what_a_run_says() -> None:
    rows = series(300)[::-1]
    record = check_data(rows, task="regression")
    decisions = {each["subject"]: each["choice"] for each in record["decisions"]}
    assert decisions["order"] == "rows are sorted by 'date'"
    assert "2024" in decisions["test"]


@settings(max_examples=25)
@given(
    lengths=st.lists(st.integers(12, 25), min_size=1, max_size=3),
    seed=st.integers(0, 1000),
    relative=st.booleans(),
)
def test_the_order_of_the_rows_does_not_matter(
    lengths: list[int], seed: int, relative: bool
) -> None:
    config = resolved("regression", {"task.window": 3, "task.relative": relative})
    hashes = []
    for rows in (long_form(lengths), shuffled(long_form(lengths), seed)):
        encoded = learn(config, open_splits(config, installed(), from_python(rows)))
        examples = cut(encoded.fitted, encoded.examples)
        hashes.append([examples[name].fingerprint() for name in sorted(examples)])
    assert hashes[0] == hashes[1]


def test_real_series_of_several_lengths(shared_data: Path) -> None:
    options = {"task.window": 8, "task.horizon": 4, "data.validation_fraction": 0.4}
    source = str(shared_data / "tourism" / "yearly.csv.gz")
    record = check_data(source, task="regression", options=options)
    assert not record["refused"]
    assert record["rows"]["test"] == 518 * 4
    decisions = {each["subject"]: each["choice"] for each in record["decisions"]}
    assert decisions["group"] == "column 'series': 518 series"
    assert record["examples"]["test"]["examples"] <= 518
    assert np.isclose(record["examples"]["test"]["examples"], 518, rtol=0.1)


def test_a_group_in_two_given_splits_is_a_finding() -> None:
    rows = labelled(user=lambda at: f"u{at // 5}")
    splits = {"train": rows[:42], "validation": rows[42:50], "test": rows[50:]}
    result = opened(splits, "classify", data__columns={"group": "user"})
    (finding,) = (each for each in result.findings if each.kind == "group in two splits")
    assert (finding.split, finding.count) == ("validation", 3)


def test_a_test_split_that_is_not_later_is_a_finding() -> None:
    rows = series(120)
    late = {"train": rows[:80], "validation": rows[80:100], "test": rows[100:]}
    assert not opened(late).findings
    early = {"train": rows[40:], "test": rows[:60]}
    (finding,) = opened(early).findings
    assert (finding.kind, finding.split, finding.count) == ("not later", "test", 60)


def test_an_unknown_role_names_those_that_exist() -> None:
    error = refused(series(), data__columns={"tme": "date"})
    assert error.cause == "unknown role 'tme'"
    assert "did you mean 'time'?" in error.remedy


def test_series_that_are_too_short_are_a_finding() -> None:
    record = check_data(long_form((60, 12)), task="regression", options={"task.window": 10})
    short = [each for each in record["findings"] if each["kind"] == "series too short"]
    assert [(each["split"], each["count"]) for each in short] == [
        ("train", 9),
        ("validation", 1),
    ]
    assert "1 of 2 series" in short[0]["cause"]


def test_cached_rows_are_in_the_same_order(tmp_path: Path) -> None:
    file = tmp_path / "series.csv"
    lines = [f"{row['series']},{row['date']},{row['value']}" for row in shuffled(long_form())]
    file.write_text("\n".join(["series,date,value", *lines]) + "\n")
    flags = {"task.name": "regression", "data.source": str(file)}
    config = resolve_data(assemble(None, flags, {"task.window": 5}), installed())
    fresh, again = (prepare(config, installed()) for _ in range(2))
    assert any("read from the cache" in decision.choice for decision in again.decisions)
    for name, split in again.splits.items():
        assert list(split.column("value")) == list(fresh.splits[name].column("value"))
        assert again.examples[name].fingerprint() == fresh.examples[name].fingerprint()


def test_series_one_after_the_other_are_several() -> None:
    rows = [{"series": name, "value": float(at)} for name in "ab" for at in range(40)]
    result = opened(rows)
    assert "group: column 'series': 2 series" in notices(result)
    assert column(result, "test", "value") == [*range(32, 40)] * 2
    dated = [{**row, "date": day} for row, day in zip(rows, days(80), strict=True)]
    assert column(opened(dated), "test", "value") == [*range(32, 40)] * 2


def test_a_few_equal_times_in_each_of_several_series() -> None:
    rows = long_form((200, 200))
    for at in (50, 250):
        rows[at]["date"] = rows[at - 1]["date"]
    result = opened(rows)
    assert "group: column 'series': 2 series" in notices(result)
    assert {finding.kind for finding in result.findings} == {"repeated time", "unequal steps"}


def test_posts_of_the_same_day_are_no_series() -> None:
    rows = labelled(posted=lambda at: days(60)[at // 10])
    result = opened(shuffled(rows), "classify", data__columns={"time": "posted"})
    assert {row["posted"] for row in map(result.splits["test"].__getitem__, range(6))} == {
        days(60)[5]
    }
    assert not [each for each in result.findings if each.kind in ("repeated time", "not later")]


def test_a_column_split_that_names_none_is_said() -> None:
    result = opened(labelled(split=lambda at: at % 3), "classify")
    assert "column 'split': not obeyed as the splits: it holds 0" in notices(result)


def test_the_index_of_a_table_of_pandas_gives_the_times() -> None:
    pandas = pytest.importorskip("pandas")
    values = [float(at) for at in range(60)]
    times = pandas.date_range("2020-01-31", periods=60, freq="ME")
    for index in (times, times.to_period("M"), times.rename("when")):
        table = pandas.DataFrame({"value": values}, index=index)[::-1]
        result = opened(table)
        assert column(result, "test", "value") == values[48:]
        assert not result.findings
    levels = pandas.MultiIndex.from_product([["a", "b"], times[:30]], names=["series", "ds"])
    result = opened(pandas.DataFrame({"value": values}, index=levels).sample(frac=1))
    assert column(result, "test", "value") == [*values[24:30], *values[54:]]
    plain = pandas.DataFrame({"text": list("abcdefghij") * 2, "label": [0, 1] * 10})
    assert "index" not in opened(plain, "classify").splits["train"].column_names


def test_a_gap_in_a_feature_is_a_gap_of_the_series() -> None:
    rows = [{**row, "load": row["value"] * 2} for row in series(100)]
    rows[20]["load"] = None
    options: dict[str, Any] = {"task__features": ["load"], "task__window": 5}
    error = refused(rows, **options)
    assert error.cause == "row 21 lacks a number"
    assert remedies(error) == {"data.faulty": "drop"}
    result = opened(rows, data__faulty="drop", **options)
    assert 20 not in column(result, "train", "value")
    assert np.diff(result.splits["train"].positions).max() == 2


@pytest.mark.parametrize("name", ["hour", "hr"])
def test_a_date_and_an_hour_are_one_time(name: str) -> None:
    rows = [
        {"date": (date(2024, 1, 1) + timedelta(days=at // 24)).isoformat(), name: at % 24}
        for at in range(200)
    ]
    result = opened(shuffled([{**row, "value": float(at)} for at, row in enumerate(rows)]))
    assert column(result, "test", "value") == list(range(160, 200))
    assert not result.findings


def test_no_part_of_a_time_is_advised_as_a_group() -> None:
    rows = [{"date": day, "minute": at, "value": float(at)} for day in days(30) for at in range(4)]
    error = refused(rows)
    assert "data.columns.time" in remedies(error)


@pytest.mark.parametrize("name", ["userId", "User ID", "reviewerID", "Author_ID", "userName"])
def test_columns_of_people_are_named_however_they_are_typed(name: str) -> None:
    rows = labelled(**{name: lambda at: f"u{at % 10}"})
    assert any(
        f"data.columns.group={name}" in notice for notice in notices(opened(rows, "classify"))
    )


def test_a_constant_column_is_no_target_where_another_fits() -> None:
    rows = [{**row, "scale": 1.0, "amount": row["value"] ** 2} for row in series()]
    for row in rows:
        del row["value"]
    assert opened(rows).columns == {"target": "amount"}
