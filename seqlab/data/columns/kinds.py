"""Kinds of columns, told by their values: texts, labels, numbers and lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, time
from enum import IntEnum
from itertools import pairwise
from typing import Any

import numpy as np

from seqlab.data.columns.numerals import AmbiguousNumbersError, find_format, is_plain_number
from seqlab.data.missing import is_blank

KINDS = ("text", "label", "number", "list", "numbers")

MAX_ODD = 0.2
"""The share of cells of a column of numbers that may be something else, such as "n/a"."""

_MAX_LABELS = 100
"""Most different values in a sample of labels."""
_MIN_REPEATED = 20
"""With at least so many values, labels must repeat: else any text could be a label."""
_MIN_COUNTED = 3
"""With at least so many values, a constant difference means that a column counts rows."""

_NUMBER = (int, float, np.integer, np.floating)
_DIGIT = re.compile(r"\d")
_BOOLEANS = {"true", "false"}
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([T ,].*)?"
    r"|\d{1,2}[:.]\d{2}([:.]\d{2})?|\d{4}-\d{2}"
)
_DATE_NUMBER = re.compile(r"(1[5-9]|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?(\.0)?")
_NUMBERS = re.compile(r"\[[-+\d.,eE\s\[\]]*\]")
_INDEX = re.compile(
    r"(?i)(.*[ _.-])?(id|idx|index|nr|no|num|row|step|line|year|quarter|month|week|day|date|hour"
    r"|minute|time|timestamp|period|unnamed: \d+)"
)


class Fitness(IntEnum):
    """How well a column fits a kind."""

    NONE = 0
    POSSIBLE = 1
    """If no other column fits, such as a text that is a number."""
    LIKELY = 2


def kinds_of(values: Sequence[object]) -> list[str]:
    """The kinds of `Column` that these values can be; missing values are ignored."""
    fitness = {kind: fitness_of(kind, values) for kind in KINDS}
    if _is_mostly_numbers(present_in(values)):  # also a column that is no target
        fitness["number"] = Fitness.LIKELY
    likely = [kind for kind in KINDS if fitness[kind] is Fitness.LIKELY]
    return likely or [kind for kind in KINDS if fitness[kind]]


def fitness_of(kind: str, values: Sequence[object], name: str = "") -> Fitness:
    """How well a column fits a kind.

    Args:
        kind: A kind of `Column`.
        values: Some values of the column; missing ones are ignored.
        name: The name of the column, which may say that it counts or dates rows.
    """
    present = present_in(values)
    if not present:
        return Fitness.NONE
    fitness = _number(present, name) if kind == "number" else _FITNESS[kind](present)
    is_sparse = 2 * len(present) < len(values)  # such as the rest of a few divided rows
    return min(fitness, Fitness.POSSIBLE) if is_sparse else fitness


def present_in(values: Sequence[object]) -> list[object]:
    """The values without missing and empty ones."""
    return [value for value in values if not is_blank(value)]


def numbers_in(values: Sequence[object]) -> list[float]:
    """The numbers among the values, with those that are written as text."""
    texts = [value for value in values if isinstance(value, str) and _DIGIT.search(value)]
    try:
        form = find_format(texts)
    except AmbiguousNumbersError as error:
        form = error.first
    others = [value for value in values if not isinstance(value, str)]
    parsed = [*map(form.parse, texts), *others] if others else map(form.parse, texts)
    return [float(value) for value in parsed if isinstance(value, _NUMBER) and _is_number(value)]


def looks_like_dates(values: Sequence[object]) -> bool:
    """Whether all values are dates or times."""
    return all(
        _DATE.fullmatch(value.strip())
        if isinstance(value, str)
        else isinstance(value, date | time | np.datetime64)
        for value in values
    )


def counts_up(values: Sequence[object], name: str = "") -> bool:
    """Whether a column counts or dates the rows: nothing about them can be learned from it."""
    numbers = numbers_in(values)
    differences = set(np.diff(numbers).tolist())
    if len(numbers) >= _MIN_COUNTED and len(differences) == 1 and differences != {0.0}:
        return True
    shown = [str(value).strip() for value in values]
    dates = len(set(shown)) > 1 and all(map(_DATE_NUMBER.fullmatch, shown))
    return (dates or bool(_INDEX.fullmatch(name))) and _rises(numbers)


def _text(values: Sequence[object]) -> Fitness:
    if not all(isinstance(value, str) for value in values):
        return Fitness.NONE
    texts = [value for value in values if isinstance(value, str)]
    is_other = (
        _is_mostly_numbers(texts)
        or looks_like_dates(texts)
        or all(map(_NUMBERS.fullmatch, texts))
        or all(text.lower() in _BOOLEANS for text in texts)
    )
    return Fitness.POSSIBLE if is_other else Fitness.LIKELY


def _label(values: Sequence[object]) -> Fitness:
    floats = [value for value in values if isinstance(value, float)]
    if not all(isinstance(value, str | int | float | bool) for value in values):
        return Fitness.NONE
    if not all(value.is_integer() for value in floats):
        return Fitness.NONE
    different = len(set(values))
    repeated = different < len(values)
    if different > _MAX_LABELS or not (repeated or len(values) < _MIN_REPEATED):
        return Fitness.NONE
    texts = [value for value in values if isinstance(value, str)]
    decimals = any(is_plain_number(text) and not text.lstrip("+-").isdecimal() for text in texts)
    is_other = floats or (decimals and _is_mostly_numbers(texts)) or looks_like_dates(values)
    is_other = is_other or (len(texts) == len(values) and all(map(_NUMBERS.fullmatch, texts)))
    return Fitness.POSSIBLE if is_other else Fitness.LIKELY


def _number(values: Sequence[object], name: str) -> Fitness:
    if not _is_mostly_numbers(values) or counts_up(values, name):
        return Fitness.NONE
    numbers = numbers_in(values)
    is_constant = len(numbers) >= _MIN_COUNTED and len(set(numbers)) == 1
    is_unlikely = is_constant or _is_sawtooth(numbers, name)
    return Fitness.POSSIBLE if is_unlikely else Fitness.LIKELY


def _list(values: Sequence[object]) -> Fitness:
    return Fitness.LIKELY if all(map(_is_list, values)) else Fitness.NONE


def _numbers(values: Sequence[object]) -> Fitness:
    if all(_is_list(value) and _has_numbers(value) for value in values):
        return Fitness.LIKELY
    printed = all(isinstance(value, str) and _NUMBERS.fullmatch(value) for value in values)
    return Fitness.LIKELY if printed else Fitness.NONE


_FITNESS = {
    "text": _text,
    "label": _label,
    "list": _list,
    "numbers": _numbers,
}


def _is_mostly_numbers(values: Sequence[object]) -> bool:
    return bool(values) and len(numbers_in(values)) >= (1 - MAX_ODD) * len(values)


def _is_number(value: object) -> bool:
    return isinstance(value, _NUMBER) and not isinstance(value, bool)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple | np.ndarray)


def _has_numbers(values: Any) -> bool:
    """Whether a list holds numbers, or lists of numbers."""
    return all(map(_is_number, map(_first, values)))


def _first(value: object) -> object:
    """The first entry of a list; any other value as it is."""
    return value[0] if isinstance(value, list | tuple | np.ndarray) and len(value) else value


def _rises(numbers: Sequence[float]) -> bool:
    differences = np.diff(numbers)
    return len(differences) > 0 and bool((differences >= 0).all()) and bool(differences.any())


def _is_sawtooth(numbers: Sequence[float], name: str) -> bool:
    """Whether numbers count up and start again, as months do within years."""
    if len(numbers) < _MIN_COUNTED:
        return False
    differences = Counter(np.diff(numbers).tolist())
    step, count = differences.most_common(1)[0]
    restarts = {after for before, after in pairwise(numbers) if after - before != step}
    is_counting = step != 0 and count >= len(numbers) / 2 and restarts == {min(numbers)}
    return is_counting or bool(_INDEX.fullmatch(name))
