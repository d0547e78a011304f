from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.config.run_config import assemble
from seqlab.data.reading.sources import from_python
from seqlab.plugin.manager import installed
from seqlab.plugin.resolve import resolve_data
from seqlab.prepare.commands.check import check_data
from seqlab.prepare.commands.show import show_data
from seqlab.prepare.encoded import cut, learn
from seqlab.prepare.prepare import prepare
from seqlab.prepare.splits import open_splits
from tests.prepare.related_rows import (
    column,
    days,
    labelled,
    long_form,
    notices,
    opened,
    refused,
    remedies,
    resolved,
    series,
    shuffled,
)


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
