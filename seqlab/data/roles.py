"""Conversion of the cells of a column to the values that its role in the task needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial

from seqlab.config.data_settings import DataSettings
from seqlab.data.contracts import Column
from seqlab.data.split import Conversion

_INTEGER = re.compile(r"\s*[-+]?\d+\s*")
_REAL = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")


def conversions_of(
    task_columns: Sequence[Column], columns: Mapping[str, str], settings: DataSettings
) -> dict[str, Conversion]:
    """The conversion of the values of each column whose role needs one.

    Args:
        task_columns: The columns that the task reads.
        columns: Role → column.
        settings: The options of the data.
    """
    decimal = "." if settings.decimal == "auto" else settings.decimal
    return {
        columns[column.role]: partial(number_of, decimal=decimal)
        for column in task_columns
        if column.role in columns and "number" in column.kinds
    }


def number_of(value: object, decimal: str = ".") -> object:
    """The number that a text with this decimal mark is; any other value as it is."""
    if not isinstance(value, str):
        return value
    value = value if decimal == "." else value.replace(decimal, ".")
    if _INTEGER.fullmatch(value):
        return int(value)
    return float(value) if _REAL.fullmatch(value) else value


def is_number_text(value: object) -> bool:
    """Whether a value is a text that is a number."""
    return isinstance(value, str) and _REAL.fullmatch(value) is not None
