"""Layouts in which times are written, and the time that their fields give."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

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
LAYOUTS: Mapping[str, re.Pattern[str]] = {
    **{name: re.compile(rf"{pattern}(?:[T, ]+{_CLOCK})?") for name, pattern in _DATES.items()},
    "time of day": re.compile(_CLOCK),
}
"""The name of each layout, and an expression with a group per field."""

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day first", "month first", "year, month, day"
CLOCK = "time of day"


def microseconds_of(fields: Mapping[str, str | None], base: int) -> int | None:
    """The time that the fields of a layout give, in microseconds since 1970; None if there is none.

    Args:
        fields: Name of a group of the layout → its text.
        base: The first of the hundred years that two digits can stand for.
    """
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
    zone = zone_of(fields["zone"])
    return ((hour * 60 + minute - zone) * 60 + second) * 1_000_000 + micros


def zone_of(zone: str | None) -> int:
    """The offset of a time zone in minutes.

    Raises:
        ValueError: The time zone is not known.
    """
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
