"""Times as cells of a table hold them: dates, months, times of day, and numbers of steps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import numpy as np

from seqlab.data.missing import is_blank
from seqlab.errors import UserError
from seqlab.types import Array, Booleans, Integers

DAY = 86_400_000_000
"""Microseconds."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OTHER_MONTHS = {"mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12}
_OTHER_MONTHS |= {"fév": 2, "fev": 2, "avr": 4, "juin": 6, "juil": 7, "aoû": 8, "aou": 8, "déc": 12}
_OTHER_MONTHS |= {"ene": 1, "abr": 4, "ago": 8, "set": 9, "out": 10, "dic": 12}
"""Beginnings of names in German, French, Spanish and Portuguese that are not as in English."""

_CLOCK = (
    r"(?P<hour>\d{1,2})(?P<colon>[:.])(?P<minute>\d{2})"
    r"(?:(?P=colon)(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)? ?(?P<zone>Z|[A-Z]{3,4}|[+-]\d{2}(?::?\d{2})?)?"
)
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2}
_ZONES |= {"EET": 2, "EEST": 3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6}
_ZONES |= {"PST": -8, "PDT": -7, "JST": 9}
"""Hours from UTC."""

_YEAR, _NAME = r"(?P<year>\d{4}|\d{2})", r"(?P<name>[^\W\d_]{3,10})\.?"
_WEEKDAY, _DAY = r"(?:[^\W\d_]{3,10}\.?,? +)?", r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES: Mapping[str, str] = {
    "year, month, day": r"(?P<year>\d{4})(?P<sep>[-/. ])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})",
    "digits": r"(?P<year>1[789]\d\d|2[01]\d\d)(?P<month>\d{2})(?P<day>\d{2})",
    "digits of a month": r"(?P<year>1[789]\d\d|2[01]\d\d)(?P<month>\d{2})",
    "day first": rf"(?P<day>\d{{1,2}})(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep){_YEAR}",
    "month first": rf"(?P<month>\d{{1,2}})(?P<sep>[-/.])(?P<day>\d{{1,2}})(?P=sep){_YEAR}",
    "year, month": r"(?P<year>\d{4})[-/Mm](?P<month>\d{1,2})",
    "month, year": r"(?P<month>\d{1,2})[-/](?P<year>\d{4})",
    "year, quarter": r"(?P<year>\d{4})[- ]?Q(?P<quarter>[1-4])",
    "quarter, year": rf"Q(?P<quarter>[1-4])[- /']*{_YEAR}",
    "number of a quarter, year": rf"(?P<quarter>[1-4])Q[- /']*{_YEAR}",
    "year, week": r"(?P<year>\d{4})[- ]?[Ww](?P<week>\d{1,2})",
    "week, year": r"[Ww](?P<week>\d{1,2})[- /](?P<year>\d{4})",
    "day, name, year": rf"{_WEEKDAY}{_DAY}[-. /]*{_NAME}[-, /]*{_YEAR}",
    "name, day, year": rf"{_WEEKDAY}{_NAME} {_DAY},? +(?P<year>\d{{4}})",
    "name, year": rf"{_NAME}[-., ]*{_YEAR}",
    "year, name": rf"(?P<year>\d{{4}})[-/. ]*{_NAME}",
    "year, name, day": rf"(?P<year>\d{{4}})[-/. ]+{_NAME}[-/. ]+(?P<day>\d{{1,2}})",
    "characters": r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日)?",
}
_LAYOUTS: Mapping[str, re.Pattern[str]] = {
    **{name: re.compile(rf"{pattern}(?:[T, ]+{_CLOCK})?") for name, pattern in _DATES.items()},
    "time of day": re.compile(_CLOCK),
}
_DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST = "day first", "month first", "year, month, day"
CLOCK = "time of day"

_LONGEST = 48
"""No time has so many characters."""

Cells: TypeAlias = Sequence[object]


@dataclass(frozen=True)
class Times:
    """The times of rows.

    Args:
        keys: (N,) microseconds since 1970, UTC where there is a time zone; or numbers.
        layout: How they are written: the name of a layout, "object" for values of Python or
            "number".
        readable: (N,) mask of the rows with a time.
    """

    keys: Array
    layout: str
    readable: Booleans

    @property
    def calendar(self) -> bool:
        """Whether they are dates, unlike numbers that count steps."""
        return self.layout not in ("number", CLOCK)


class AmbiguousDatesError(UserError):
    """Dates that can be read with the day or with the month first."""


def read_times(cells: Cells, *, day_first: bool | None = None, location: str = "") -> Times:
    """Read the cells of one column as times.

    Args:
        cells: Text, numbers, dates or None.
        day_first: Whether 03/04/2005 is 3 April; None: what all rows fit.
        location: Where they come from, for messages.

    Raises:
        AmbiguousDatesError: Both readings of such dates fit all rows.
    """
    present = [cell for cell in cells if not is_blank(cell)]
    if present and all(isinstance(cell, date | np.datetime64) for cell in present):
        return _of([_of_object(cell) for cell in cells], "object")
    texts = [None if is_blank(cell) else " ".join(str(cell).split()) for cell in cells]
    layout = _layout_of([text for text in texts if text is not None])
    if layout == "number":
        return _of([_number(text) for text in texts], layout)
    if layout != _DAY_FIRST:
        return _of(_parsed(texts, layout), layout)
    readings = {name: _of(_parsed(texts, name), name) for name in (_DAY_FIRST, _MONTH_FIRST)}
    if day_first is None:
        day_first = _is_day_first(readings[_DAY_FIRST], readings[_MONTH_FIRST], location)
    return readings[_DAY_FIRST if day_first else _MONTH_FIRST]


def next_written(cell: object, key: float, layout: str) -> object:
    """A later time, written as a cell of the same column is.

    Args:
        cell: A cell of the column.
        key: The time, as in `Times`.
        layout: As in `Times`.
    """
    if layout == "number":
        whole = float(key).is_integer()
        return int(key) if whole else float(key)
    moment = datetime(1970, 1, 1) + timedelta(microseconds=int(key))
    if layout == "object":
        is_day = not isinstance(cell, datetime | np.datetime64)
        return moment.date().isoformat() if is_day else moment.isoformat()
    text = " ".join(str(cell).split())
    match = _LAYOUTS[layout].fullmatch(text)
    if match is None:
        return moment.isoformat()
    return _rewritten(text, match, moment)


def looks_like_times(cells: Cells, share: float = 1.0) -> str:
    """The layout in which these cells are written, "" if there is none.

    Args:
        cells: Text, numbers, dates or None.
        share: How many of those that are not missing must be readable.
    """
    present = [cell for cell in cells if not is_blank(cell)]
    if not present:
        return ""
    if all(isinstance(cell, date | np.datetime64) for cell in present):
        return "object"
    if not all(isinstance(cell, str | int | float) for cell in present):
        return ""
    if any(isinstance(cell, bool) or len(str(cell)[:_LONGEST]) == _LONGEST for cell in present):
        return ""
    texts = [" ".join(str(cell).split()) for cell in present]
    layout = _layout_of(texts)
    for name in (layout, _MONTH_FIRST) if layout == _DAY_FIRST else (layout,):
        values = list(map(_number, texts)) if name == "number" else _parsed(texts, name)
        if _count(values) >= share * len(values):
            return name
    return ""


def _of(values: Sequence[float | int | None], layout: str) -> Times:
    readable = np.array([value is not None for value in values], np.bool_)
    kind = np.float64 if layout == "number" else np.int64
    return Times(np.array([value or 0 for value in values], kind), layout, readable)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _layout_of(texts: Sequence[str]) -> str:
    """The layout in which most of the first texts can be read."""
    sample = texts[:100]
    counts = {name: _count(_parsed(sample, name)) for name in _LAYOUTS}
    for name in ("digits", "digits of a month"):
        if counts[name] == len(sample):  # a few numbers of eight digits are numbers
            return name
        del counts[name]
    best = max(counts, key=lambda name: counts[name])
    numbers = _count([_number(text) for text in sample])
    return "number" if numbers >= counts[best] else best


def _count(values: Sequence[float | None]) -> int:
    return len(values) - list(values).count(None)


def _parsed(texts: Sequence[str | None], layout: str) -> list[int | None]:
    if layout == _YEAR_FIRST and (moments := _iso(texts)) is not None:
        return moments
    pattern = _LAYOUTS[layout]
    matches = [None if text is None else pattern.fullmatch(text) for text in texts]
    base = _base_year(matches) if "{2}" in pattern.pattern else 0
    return [None if match is None else _microseconds(match.groupdict(), base) for match in matches]


def _iso(texts: Sequence[str | None]) -> list[int | None] | None:
    """The times of texts that all are ISO 8601, fast; None if one is not."""
    if any(text is not None and text[4:5] != "-" for text in texts):
        return None
    try:
        return [None if t is None else _of_object(datetime.fromisoformat(t)) for t in texts]
    except ValueError:
        return None


def _base_year(matches: Sequence[re.Match[str] | None]) -> int:
    """The first of the years that are written with two digits; they begin after the widest gap."""
    years = {match["year"] for match in matches if match and "year" in match.groupdict()}
    short = sorted(int(year) for year in years if year is not None and len(year) == 2)
    if not short:
        return 0
    gaps = np.diff([*short, short[0] + 100])
    first = short[(int(np.argmax(gaps)) + 1) % len(short)]
    last = 2000 + first + max((year - first) % 100 for year in short)
    return first + (1900 if last > datetime.now(UTC).year + 10 else 2000)


def _microseconds(fields: Mapping[str, str | None], base: int) -> int | None:
    try:
        return _date_of(fields, base) + _clock_of(fields)
    except (ValueError, OverflowError):
        return None


def _date_of(fields: Mapping[str, str | None], base: int) -> int:
    text = fields.get("year")
    if text is None:
        return 0
    year = int(text)
    if len(text) == 2:
        year = base + (year - base) % 100
    if week := fields.get("week"):
        first = date.fromisocalendar(year, int(week), 1)
    else:
        first = date(year, _month_of(fields), int(fields.get("day") or 1))
    return (first - date(1970, 1, 1)).days * DAY


def _month_of(fields: Mapping[str, str | None]) -> int:
    if name := fields.get("name"):
        return _month_named(name)
    if quarter := fields.get("quarter"):
        return 3 * int(quarter) - 2
    return int(fields.get("month") or 1)


def _clock_of(fields: Mapping[str, str | None]) -> int:
    if fields.get("hour") is None:
        return 0
    hour, minute, second = (int(fields[name] or 0) for name in ("hour", "minute", "second"))
    if half := fields["half"]:
        hour = hour % 12 + 12 * (half in "pP")
    if hour > 24 or minute > 59 or second > 60:
        raise ValueError
    micros = int((fields["fraction"] or "0").ljust(6, "0")[:6])
    zone = _zone_of(fields["zone"])
    return ((hour * 60 + minute - zone) * 60 + second) * 1_000_000 + micros


def _zone_of(zone: str | None) -> int:
    """The offset of a time zone in minutes."""
    if zone is None:
        return 0
    if zone[0] not in "+-":
        if zone not in _ZONES:
            raise ValueError
        return 60 * _ZONES[zone]
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if zone[0] == "-" else minutes


def _month_named(name: str) -> int:
    key = name.lower()
    if key[:3] in _MONTHS:
        return _MONTHS.index(key[:3]) + 1
    month = _OTHER_MONTHS.get(key[:4]) or _OTHER_MONTHS.get(key[:3])
    if month is None:
        raise ValueError
    return month


def _of_object(cell: object) -> int | None:
    if is_blank(cell):
        return None
    if isinstance(cell, np.datetime64):
        return int(cell.astype("datetime64[us]").astype(np.int64))
    assert isinstance(cell, date)
    moment = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)


def _is_day_first(day_first: Times, month_first: Times, location: str) -> bool:
    """Which of two readings is meant: the one that all rows fit, or that has equal steps.

    Raises:
        AmbiguousDatesError: Both fit as well.
    """
    fits = [int(times.readable.sum()) for times in (day_first, month_first)]
    if fits[0] != fits[1]:
        return fits[0] > fits[1]
    if (day_first.keys == month_first.keys).all():
        return True
    uneven = [_unevenness(times.keys[times.readable]) for times in (day_first, month_first)]
    if max(uneven) > 3 * min(uneven):
        return uneven[0] < uneven[1]
    sorted_ = [_is_sorted(times.keys[times.readable]) for times in (day_first, month_first)]
    if sorted_[0] != sorted_[1]:
        return sorted_[0]
    raise AmbiguousDatesError(
        "the dates can be read with the day or with the month first",
        location=location,
        remedy="say which one with -o data.day_first=true or -o data.day_first=false",
    )


def _unevenness(keys: Integers) -> float:
    """How many times as long as the median the longest step between distinct times is."""
    steps = np.diff(np.unique(keys))
    return float(steps.max() / np.median(steps)) if len(steps) else 1.0


def month_numbers(keys: Integers) -> Integers:
    """(N,) months since January 1970."""
    return keys.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)


def _is_sorted(keys: Integers) -> bool:
    steps = np.diff(keys)
    return bool((steps >= 0).all() or (steps <= 0).all())


def _rewritten(text: str, match: re.Match[str], moment: datetime) -> str:
    """The text of a match with the fields of another moment."""
    fields = match.groupdict()
    if zone := fields.get("zone"):
        moment += timedelta(minutes=_zone_of(zone))
    values: dict[str, int] = {
        "year": moment.year,
        "month": moment.month,
        "day": moment.day,
        "quarter": (moment.month + 2) // 3,
        "week": moment.isocalendar()[1],
        "hour": moment.hour,
        "minute": moment.minute,
        "second": moment.second,
    }
    if fields.get("week"):
        values["year"] = moment.isocalendar()[0]
    if fields.get("half"):
        values["hour"] = (moment.hour - 1) % 12 + 1
    for name in sorted((n for n in fields if fields[n]), key=match.start, reverse=True):
        start, end = match.span(name)
        if name in values:
            width = end - start
            number = values[name] % 100 if name == "year" and width == 2 else values[name]
            written = str(number).zfill(width)
        elif name == "name":
            written = _month_name(match[name], moment.month)
        elif name == "half":
            written = _like(match[name], "AP"[moment.hour >= 12])
        else:
            continue
        text = text[:start] + written + text[end:]
    return text


def _month_name(like: str, month: int) -> str:
    names = date(2000, month, 1).strftime("%B")
    return _like(like, names if len(like) > 3 else names[:3])


def _like(like: str, text: str) -> str:
    return text.upper() if like.isupper() else text.lower() if like.islower() else text
