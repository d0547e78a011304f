"""Values by which libraries for tables mark a gap."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np

_MARKS = ("NAType", "NaTType", "NullType", "MaskedConstant")
"""Types of the marks of pandas, polars and numpy; their modules need not be imported."""


def is_missing(value: object) -> bool:
    """Whether a value marks a gap: None, NaN, `pandas.NA`, `pandas.NaT`, a masked or null value."""
    if value is None:
        return True
    if isinstance(value, float | np.floating):
        return math.isnan(value)
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    return type(value).__name__ in _MARKS or (isinstance(value, Decimal) and value.is_nan())


def is_blank(value: object) -> bool:
    """Whether a value marks a gap, or is a text of white space or nothing."""
    return not value.strip() if isinstance(value, str) else is_missing(value)
