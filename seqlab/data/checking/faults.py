"""Faults of single values: what a value is that its role cannot use, and what to do about it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import numpy as np

from seqlab.data.checking.findings import Action
from seqlab.data.checking.printed import is_printed
from seqlab.data.contracts import Column
from seqlab.data.missing import is_missing
from seqlab.data.text_files.long_text import LongText
from seqlab.data.words import is_invisible
from seqlab.types import Array

CONTROLS = ("\0", "\x1b")
"""Characters that no text has, but exports of databases and terminals."""

MANGLED = ("\N{REPLACEMENT CHARACTER}", "Ã©", "Ã¼", "â€")
"""What UTF-8 looks like after it was read as another encoding, or could not be decoded."""

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBERS = re.compile(rf"\s*(?:\[.*\]|{_NUMBER}(?:[,\s]+{_NUMBER})*)\s*", re.DOTALL)
"""A list of numbers as text."""


def fault_finder(column: Column) -> Callable[[object], str | None]:
    """The function that names the fault of a value of a column, or returns None."""
    if column.kinds == ("text",):
        return _text_fault
    if "label" in column.kinds:
        return _label_fault
    accepts_lists = not column.kinds or bool({"list", "numbers"} & set(column.kinds))
    is_numeric = bool({"number", "numbers"} & set(column.kinds))

    def find(value: object) -> str | None:
        if value is None:
            return "missing"
        if isinstance(value, float):
            if not math.isfinite(value):
                return "not finite" if is_numeric else "missing"
        elif isinstance(value, list | tuple | np.ndarray) and accepts_lists:
            return _list_fault(value, column)
        elif isinstance(value, str):
            return _string_fault(value, column)
        if column.kinds and "number" not in column.kinds:
            return "not a list"
        is_number = isinstance(value, int | float | np.number) or not column.kinds
        return None if is_number or not is_numeric else "not a number"

    return find


def _text_fault(value: object) -> str | None:
    if isinstance(value, LongText):
        faults = {_text_fault(chunk) for chunk in value.chunks()}
        return "mangled" if "mangled" in faults else "empty" if faults <= {"empty"} else None
    if not isinstance(value, str):
        return "missing" if is_missing(value) else "not text"
    if not value or value.isspace() or (not value.isascii() and is_invisible(value)):
        return "empty"
    if not value.isascii() and any(mark in value for mark in MANGLED):
        return "mangled"
    if any(mark in value for mark in CONTROLS):
        return "control"
    return "printed text" if is_printed(value) else None


def _label_fault(value: object) -> str | None:
    if is_missing(value):
        return "missing"
    if isinstance(value, str):
        if not value.strip():
            return "missing"
        return "printed" if is_printed(value) else None
    if isinstance(value, list | tuple | set | np.ndarray):
        return "list as label"
    return None if isinstance(value, bool | int | float | np.generic) else "not a label"


def _string_fault(value: str, column: Column) -> str | None:
    """The fault of a text in a column of numbers, lists or anything."""
    if not value.strip():
        return "empty"
    if not column.kinds:
        return None
    if column.kinds == ("list",):
        return "printed" if is_printed(value) else None
    if "list" not in column.kinds and "numbers" not in column.kinds:
        return "not a number"
    if "number" in column.kinds or column.kinds == ("numbers",):
        return None if _NUMBERS.fullmatch(value) else "not a number"
    return "printed" if is_printed(value, numbers=False) else None


def _list_fault(value: Sequence[object] | Array, column: Column) -> str | None:
    if column.gaps:
        value = [entry for entry in value if entry is not None]
    if len(value) == 0:
        return "empty"
    if isinstance(value[0], str):
        return "missing" if None in value else None
    if column.kinds == ("list",) and any(isinstance(v, list | tuple | dict | bytes) for v in value):
        return "nested"
    try:
        return None if np.isfinite(np.asarray(value, np.float64)).all() else "not finite"
    except (TypeError, ValueError):
        return "missing" if any(item is None for item in value) else None


FINDING_KINDS = {
    "missing": "missing value",
    "not finite": "NaN or infinity",
    "not text": "not text",
    "not a number": "not a number",
    "not a list": "not a list",
    "not a label": "not a label",
    "list as label": "several labels",
    "nested": "nested lists",
    "printed": "printed list",
    "printed text": "printed list",
    "empty": "empty",
    "mangled": "wrong encoding",
    "control": "control characters",
}
"""The kind of the finding about each fault."""

ACTIONS: dict[str, Action | None] = {
    "missing": None,
    "not finite": None,
    "not text": "refused",
    "not a number": None,
    "not a list": "refused",
    "not a label": "refused",
    "list as label": "refused",
    "nested": "refused",
    "printed": "refused",
    "printed text": "kept",
    "empty": "kept",
    "mangled": "kept",
    "control": "kept",
}
"""What happens to rows with each fault; where it is None, option `data.faulty` decides."""

_OTHER_COLUMN = "name another column with -o data.columns.{role}=NAME"
MESSAGES = {
    "missing": (
        "lack{s} a {role}",
        f"fill the gaps; or leave these rows out with -o data.faulty=drop; or {_OTHER_COLUMN}",
    ),
    "not finite": (
        "hold{s} NaN or infinity as {role}",
        f"put numbers there; or leave these rows out with -o data.faulty=drop; or {_OTHER_COLUMN}",
    ),
    "not text": (
        "hold{s} a value that is not text as {role}",
        f"write the values as text, in JSON in quotes; or {_OTHER_COLUMN}",
    ),
    "not a number": (
        "hold{s} a value that is not a number as {role}, such as {value}",
        "put numbers there, without a unit such as $ or %; or leave these rows out with "
        "-o data.faulty=drop; or name the mark "
        f"before decimals, if it is a comma, with -o data.decimal=,; or {_OTHER_COLUMN}",
    ),
    "not a list": (
        "hold{s} {value} as {role} instead of a list or a text",
        f"write lists in a .jsonl file; or {_OTHER_COLUMN}",
    ),
    "not a label": (
        "hold{s} {value} as {role}, which cannot be a label",
        f"give each row one label, as text or as a number; or {_OTHER_COLUMN}",
    ),
    "list as label": (
        "hold{s} a list as {role}, such as {value}",
        f"give each row one label; or {_OTHER_COLUMN}",
    ),
    "nested": (
        "hold{s} lists within the list of {role}, such as {value}",
        f"give each row a plain list; or {_OTHER_COLUMN}",
    ),
    "printed": (
        "hold{s} a printed list as {role}, such as {value}",
        "save the table as .jsonl with lists, or sentences with tags as .conll; "
        f"or {_OTHER_COLUMN}",
    ),
    "printed text": (
        "hold{s} a printed list or dictionary as {role}, such as {value}",
        "write the words of a list with spaces between them, unless this text is meant; "
        f"or {_OTHER_COLUMN}",
    ),
    "empty": (
        "{are} empty: no {role}",
        "fill them in or leave them out, unless they are meant to be empty",
    ),
    "mangled": (
        "{are} wrongly decoded: {role} with characters such as � or Ã©",
        "export the file again from its source, as UTF-8",
    ),
    "control": (
        "hold{s} control characters (U+0000 or U+001B) as {role}, such as {value}",
        "remove them: an export wrote them by mistake, or they are colours of a terminal",
    ),
}
"""Cause and remedy of each fault."""
