"""Times as people and programs write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seqlab.data.relations.later_times import next_written
from seqlab.data.relations.time_layouts import DAY
from seqlab.data.relations.times import AmbiguousDatesError, Cells, looks_like_times, read_times

EPOCH = datetime(1970, 1, 1)
DATES = st.datetimes(datetime(1951, 1, 1), datetime(2049, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)


def moments(cells: Cells) -> list[str]:
    times = read_times(cells)
    assert times.readable.all()
    return [(EPOCH + timedelta(microseconds=int(key))).isoformat() for key in times.keys]


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2024-12-28", "2024-12-28T00:00:00"),
        ("2016-07-01 01:00:00", "2016-07-01T01:00:00"),
        ("2024-03-01T00:00:00Z", "2024-03-01T00:00:00"),
        ("2024-03-01T00:00:00+02:00", "2024-02-29T22:00:00"),
        ("2024/3/1", "2024-03-01T00:00:00"),
        ("2024.03.01 7:05", "2024-03-01T07:05:00"),
        ("20240301", "2024-03-01T00:00:00"),
        ("31.01.2017", "2017-01-31T00:00:00"),
        ("31/01/2017 18.00.00", "2017-01-31T18:00:00"),
        ("2/24/2015 11:35", "2015-02-24T11:35:00"),
        ("2/24/2015 12:05 AM", "2015-02-24T00:05:00"),
        ("2/24/2015 1:05 p.m.", "2015-02-24T13:05:00"),
        ("31.12.17", "2017-12-31T00:00:00"),
        ("1949-01", "1949-01-01T00:00:00"),
        ("194901", "1949-01-01T00:00:00"),
        ("1949M2", "1949-02-01T00:00:00"),
        ("02/1949", "1949-02-01T00:00:00"),
        ("1949Q2", "1949-04-01T00:00:00"),
        ("Q2 1949", "1949-04-01T00:00:00"),
        ("2024-W05", "2024-01-29T00:00:00"),
        ("5 Mar 2004", "2004-03-05T00:00:00"),
        ("05-MAR-2004", "2004-03-05T00:00:00"),
        ("March 5, 2004", "2004-03-05T00:00:00"),
        ("Mar 2004", "2004-03-01T00:00:00"),
        ("Jan-49", "1949-01-01T00:00:00"),
        (date(2004, 3, 5), "2004-03-05T00:00:00"),
        (datetime(2004, 3, 5, 7), "2004-03-05T07:00:00"),
        (np.datetime64("2004-03-05T07"), "2004-03-05T07:00:00"),
    ],
)
def test_ways_to_write_a_time(cell: object, moment: str) -> None:
    assert moments([cell]) == [moment]
    assert looks_like_times([cell, None, ""])


@pytest.mark.parametrize(
    "cell", ["Monday", "a text", "", "3/4", "2024-13-01", "31.02.2020", "1, 2", True, "x" * 10_000]
)
def test_what_is_not_a_time(cell: object) -> None:
    assert not looks_like_times([cell, "so"])


@pytest.mark.parametrize("cells", [["1", "2", "30"], [1949, 1950], ["0.5", "1.5"], ["1467331200"]])
def test_numbers_count_steps(cells: Cells) -> None:
    times = read_times(cells)
    assert times.layout == "number"
    assert times.keys.tolist() == [float(str(cell)) for cell in cells]


def test_what_cannot_be_read_is_marked() -> None:
    cells = ["2020-01-01", None, "n/a", "2020-02-30", float("nan")]
    assert read_times(cells).readable.tolist() == [True, False, False, False, False]


def test_all_rows_decide_whether_the_day_is_first() -> None:
    assert moments(["10/03/2004", "31/03/2004"])[0] == "2004-03-10T00:00:00"
    assert moments(["10/03/2004", "10/31/2004"])[0] == "2004-10-03T00:00:00"


def test_equal_steps_decide_whether_the_day_is_first() -> None:
    months = [f"01/{month:02}/{year}" for year in (2020, 2021) for month in range(1, 13)]
    assert moments(months)[1] == "2020-02-01T00:00:00"
    assert moments(months[::-1])[-2] == "2020-02-01T00:00:00"
    days = [f"01/{day:02}/2020" for day in range(1, 13)]
    with pytest.raises(AmbiguousDatesError):  # twelve days of January, or a day of each month
        read_times(days[:2])


def test_the_option_decides_what_is_ambiguous() -> None:
    cells = ["03/04/2005", "05/06/2005", "02/01/2006"]
    with pytest.raises(AmbiguousDatesError, match=r"day_first=true"):
        read_times(cells)
    keys = [read_times(cells, day_first=first).keys[0] // DAY for first in (True, False)]
    assert keys[1] - keys[0] == (date(2005, 3, 4) - date(2005, 4, 3)).days


def test_years_of_two_digits_stay_in_order() -> None:
    cells = [f"01.01.{year:02}" for year in (60, 68, 69, 75)]
    assert [moment[:4] for moment in moments(cells)] == ["1960", "1968", "1969", "1975"]
    cells = [f"01.01.{year:02}" for year in (98, 99, 0, 1)]
    assert [moment[:4] for moment in moments(cells)] == ["1998", "1999", "2000", "2001"]


WRITTEN = ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H.%M.%S", "%d-%b-%Y %H:%M:%S"]
WRITTEN += ["%m/%d/%Y %I:%M:%S %p", "%Y%m%d %H:%M:%S", "%B %d, %Y %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]


@given(st.lists(DATES, min_size=1, max_size=20), st.sampled_from(WRITTEN))
def test_what_strftime_writes_is_read(values: list[datetime], form: str) -> None:
    cells = [value.strftime(form) for value in values]
    times = read_times(cells, day_first=form.startswith("%d."))
    expected = [(value - EPOCH) // timedelta(microseconds=1) for value in values]
    assert times.keys.tolist() == expected


@given(DATES, DATES, st.sampled_from(WRITTEN))
def test_a_later_time_is_written_alike(first: datetime, later: datetime, form: str) -> None:
    assume(first.month != 5 or "%b" in form or "%B" not in form)  # "May" is long and short
    cell = first.strftime(form)
    times = read_times([cell], day_first=form.startswith("%d."))
    key = (later - EPOCH) // timedelta(microseconds=1)
    assert next_written(cell, key, times.layout) == later.strftime(form)
