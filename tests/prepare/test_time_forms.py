"""Times in the forms in which spreadsheets, statistics offices and devices write them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import seqlab
from seqlab.config.run_config import assemble
from seqlab.data.reading.sources import from_python
from seqlab.data.relations.times import looks_like_times, read_times
from seqlab.plugin.manager import installed
from seqlab.plugin.resolve import resolve_data
from seqlab.prepare.splits import OpenedSplits, open_splits

Row = dict[str, Any]


def opened(rows: list[Row]) -> OpenedSplits:
    flags = {"task.name": "regression", "data.source": "python"}
    config = resolve_data(assemble(None, flags, {}), installed())
    return open_splits(config, installed(), from_python(rows))


def week(at: int) -> tuple[int, int]:
    year, number, _ = (date(2018, 1, 1) + timedelta(weeks=at)).isocalendar()
    return year, number


FORMS: dict[str, Callable[[int], Row]] = {
    "year and week": lambda at: dict(zip(("year", "week"), week(at), strict=True)),
    "year and quarter": lambda at: {"Year": 1970 + at // 4, "Quarter": at % 4 + 1},
    "year, quarter and month": lambda at: {
        "year": 1990 + at // 12,
        "quarter": at % 12 // 3 + 1,
        "month": at % 12 + 1,
    },
    "week, one digit": lambda at: {"week": "{}-W{}".format(*week(at))},
    "week before year": lambda at: {"week": "W{1:02} {0}".format(*week(at))},
    "quarter before year": lambda at: {"period": f"{at % 4 + 1}Q{1990 + at // 4}"},
    "short quarter": lambda at: {"period": f"Q{at % 4 + 1}-{(80 + at // 4) % 100:02}"},
    "name after year": lambda at: {
        "period": date(1990 + at // 12, at % 12 + 1, 1).strftime("%Y %b")
    },
    "weekday": lambda at: {"day": (date(2024, 1, 1) + timedelta(at)).strftime("%a, %d %b %Y")},
    "no separator": lambda at: {"day": (date(2024, 1, 1) + timedelta(at)).strftime("%d%b%Y")},
    "milliseconds": lambda at: {"ts": 1_700_000_000_000 + 3_600_000 * at},
}


@pytest.mark.parametrize("form", FORMS)
def test_rows_are_sorted_whatever_the_form(form: str) -> None:
    rows = [{**FORMS[form](at), "sold": float(at % 9) + at} for at in range(100)]
    result = opened(random.Random(1).sample(rows, len(rows)))
    got = [
        v for split in ("train", "validation", "test") for v in result.splits[split].column("sold")
    ]
    assert got == [row["sold"] for row in rows]


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2023-10-29 02:00 CEST", 0),
        ("2023-10-29 02:00 CET", 1),
        ("2023-10-29 02:00 GMT", 2),
        ("2023-10-29 02:00:00-05", 7),
        ("29 Oct 2023 02:00 EST", 7),
    ],
)
def test_zones(text: str, hour: int) -> None:
    times = read_times([text, text])
    assert times.readable.all()
    moment = datetime(2023, 10, 29, hour, tzinfo=UTC)
    assert times.keys[0] == moment.timestamp() * 1e6


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["1. Mai 2020", "2. Mai 2020"], date(2020, 5, 1)),
        (["1 août 2020", "2 août 2020"], date(2020, 8, 1)),
        (["3 juin 2020", "4 juil 2020"], date(2020, 6, 3)),
        (["31 dic 2020", "1 ene 2021"], date(2020, 12, 31)),
        (["1st Jan 2020", "2nd Jan 2020"], date(2020, 1, 1)),
        (["2020年1月5日", "2020年1月6日"], date(2020, 1, 5)),
        (["2020-Jan-05", "2020-Jan-06"], date(2020, 1, 5)),
    ],
)
def test_names_of_months(texts: list[str], first: date) -> None:
    times = read_times(texts)
    assert times.calendar
    assert times.readable.all()
    assert datetime.fromtimestamp(times.keys[0] / 1e6, UTC).date() == first


@pytest.mark.parametrize("texts", [["v1 2", "v2 3"], ["ABC 20", "XYZ 21"], ["2020/21", "2021/22"]])
def test_other_texts_are_no_times(texts: list[str]) -> None:
    assert not looks_like_times(texts)


@pytest.mark.parametrize(
    ("form", "later"),
    [
        ("year and week", [{"year": 2019, "week": 49}, {"year": 2019, "week": 50}]),
        ("year and quarter", [{"Year": 1995, "Quarter": 1}, {"Year": 1995, "Quarter": 2}]),
    ],
)
def test_forecasts_have_the_parts_of_their_times(
    tmp_path: Any, form: str, later: list[Row]
) -> None:
    rows = [{**FORMS[form](at), "sold": float(at % 9)} for at in range(100)]
    seqlab.run(
        task="regression",
        model="rnn",
        data=rows,
        epochs=1,
        out=tmp_path,
        options={"task.window": 5},
    )
    ahead = seqlab.load(tmp_path).forecast(rows, 2)
    assert [{k: v for k, v in row.items() if k != "predicted"} for row in ahead] == later
