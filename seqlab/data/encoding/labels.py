"""Labels: the text of each value, the order of the classes, and the ids of labels read later."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import TypeAlias
from uuid import UUID

import numpy as np

from seqlab.data.missing import is_missing
from seqlab.spec import UNSEEN
from seqlab.types import Integers

_EXACT = 1 << 53
"""Integers up to this size are exact as floats."""

_INVISIBLE = re.compile("[\N{ZERO WIDTH SPACE}\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}"
                        "\N{SOFT HYPHEN}\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}]")  # fmt: skip
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
"""Invisible at the ends of a label; within one they join emoji and shape letters."""

_FLOAT_OF_INTEGER = re.compile(r"([+-]?\d+)\.0")
_BOOLEANS = {"true": "True", "false": "False"}

_Scalar: TypeAlias = bool | int | float | Decimal | date | time | UUID


def label_text(value: object) -> str | None:
    """The text by which a label is known, whichever file or library it comes from.

    White space at the ends is removed and within reduced to single spaces; invisible characters
    are removed; accents are composed (NFC). The float 1.0 is "1", as the integer is; a text "1.0"
    stays as it is.

    Args:
        value: A text, a number, a boolean, a date, or a missing value.

    Returns:
        The text; None for a missing value or a text without any visible character.

    Raises:
        TypeError: The value cannot be a label, such as a list.
    """
    if isinstance(value, str):
        return _clean(value) or None
    if is_missing(value):
        return None
    if isinstance(value, Enum):
        return label_text(value.value)
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating) and abs(number := float(value)) < _EXACT:
        return str(int(number)) if number.is_integer() else str(value)
    if isinstance(value, _Scalar | np.integer | np.floating | np.datetime64):
        return str(value)
    raise TypeError(f"a label cannot be {type(value).__name__}")


def natural_order(label: str) -> tuple[int, float, str]:
    """Sort key of labels: numbers by value, before words in alphabetical order."""
    try:
        number = float(label)
    except ValueError:
        number = math.nan
    return (0, number, label) if math.isfinite(number) else (1, 0.0, label)


def canonical(label: str) -> str:
    """The form that labels share which differ only in how a program wrote them.

    A column of integers that was read with a gap is written as floats, and programs spell truth
    values differently: 1.0 is 1, and TRUE is True. Other labels are their own form: 2.1 and 2.10
    may be versions.
    """
    match = _FLOAT_OF_INTEGER.fullmatch(label)
    return match[1] if match else _BOOLEANS.get(label.lower(), label)


class Labels:
    """The labels of the training split, in the order of their ids.

    Args:
        names: The labels.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self._ids = {name: index for index, name in enumerate(self.names)}
        forms = Counter(map(canonical, self.names))
        # a form that two known labels share identifies neither
        self._forms = {canonical(n): i for n, i in self._ids.items() if forms[canonical(n)] == 1}

    @classmethod
    def of(cls, texts: Iterable[str]) -> Labels:
        """The distinct labels in their natural order."""
        return cls(sorted(set(texts), key=natural_order))

    def __len__(self) -> int:
        return len(self.names)

    def id(self, value: object) -> int:
        """The id of a label: by its exact text, or else by its canonical form.

        Returns:
            The id; `UNSEEN` for a label that training does not have.
        """
        text = label_text(value)
        if text is None:
            return UNSEEN
        exact = self._ids.get(text)
        return self._forms.get(canonical(text), UNSEEN) if exact is None else exact

    def encode(self, values: Iterable[object]) -> Integers:
        """(N,) the id of each label; each distinct text is looked up once."""
        known: dict[str, int] = dict(self._ids)
        ids: list[int] = []
        for value in values:
            index = known.get(value) if isinstance(value, str) else self.id(value)
            if index is None:
                index = known[str(value)] = self.id(value)
            ids.append(index)
        return np.array(ids, np.int64)


def _clean(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
        text = " ".join(text.split()).strip(_JOINERS)
    return " ".join(text.split())
