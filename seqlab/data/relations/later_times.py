"""Later times, written like the cells of a column."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import numpy as np

from seqlab.data.relations.time_layouts import LAYOUTS, zone_of


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
    match = LAYOUTS[layout].fullmatch(text)
    if match is None:
        return moment.isoformat()
    return _rewritten(text, match, moment)


def _rewritten(text: str, match: re.Match[str], moment: datetime) -> str:
    """The text of a match with the fields of another moment."""
    fields = match.groupdict()
    if zone := fields.get("zone"):
        moment += timedelta(minutes=zone_of(zone))
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
