"""Values as cells of text, and as values of JSON."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from decimal import Decimal

from seqlab.data.text_files.long_text import LongText
from seqlab.errors import UserError, shorten


def plain(value: object) -> object:
    """A value as one of JSON: dates become texts, and NaN is missing.

    Raises:
        TypeError: JSON has no such value.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, list | tuple):
        return [item if isinstance(item, float) else plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, datetime.datetime):
        is_day = value.time() == datetime.time() and value.tzinfo is None
        return value.date().isoformat() if is_day else value.isoformat(sep=" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, Decimal | datetime.timedelta):
        return str(value)
    if isinstance(value, LongText):
        return value.read()
    if hasattr(value, "tolist"):  # numbers and arrays of NumPy
        return plain(value.tolist())
    raise TypeError(f"{type(value).__name__} {shorten(value)}")


def cell(value: object, column: str, location: str) -> str | None:
    """A value as the text of a cell; None where it is missing.

    Raises:
        UserError: A cell cannot hold the value.
    """
    try:
        simple = plain(value)
    except TypeError as error:
        raise unsuitable(f"column '{column}' holds {error}", location) from None
    if isinstance(simple, list | dict):
        kind = "lists" if isinstance(simple, list) else "objects"
        raise unsuitable(f"column '{column}' holds {kind}, which a cell cannot", location)
    return None if simple is None else str(simple)


def unsuitable(cause: str, location: str) -> UserError:
    """The error for values that a format cannot hold."""
    return UserError(
        cause, location=location, remedy="write a .jsonl file, which can hold texts and lists"
    )
