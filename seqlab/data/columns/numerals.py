"""Numbers written as text, in the forms of different languages and programs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Literal, TypeAlias

Mark: TypeAlias = Literal[".", ","]
Decimal: TypeAlias = Literal["auto", ".", ","]

_SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{FIGURE SPACE}"
_APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
_GROUPS: Mapping[str, str] = {
    ",": ",", ".": r"\.", " ": f"[{_SPACES}]", "'": f"[{_APOSTROPHES}]", "_": "_"
}  # fmt: skip
"""The marks between groups of digits, and the characters that stand for each."""

_MINUS = "\N{MINUS SIGN}"
_THREE_DECIMALS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_SHORT_INTEGER = re.compile(r"[+-]?\d{1,3}")


@dataclass(frozen=True)
class NumberFormat:
    """How the numbers of a column are written.

    Args:
        decimal: The mark before the decimals.
        thousands: The mark between groups of digits; "" for none. A space stands for all kinds of
            spaces, and an apostrophe for both of its forms.
    """

    decimal: Mark = "."
    thousands: str = ""

    def parse(self, text: str) -> int | float | None:
        """The number that a text is; None if it is not a number in this format."""
        if self.decimal == "." and "_" not in text:
            try:
                return int(text) if text.isdecimal() else float(text)
            except ValueError:
                if not self.thousands and _MINUS not in text:
                    return None
        text = text.strip().replace(_MINUS, "-")
        if not self._pattern.fullmatch(text):
            return None
        if self.thousands:
            text = re.sub(_GROUPS[self.thousands], "", text)
        return float(text.replace(",", "."))

    def __str__(self) -> str:
        groups = f", '{self.thousands}' between groups of digits" if self.thousands else ""
        return f"'{self.decimal}' before decimals{groups}"

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        integer = r"\d+"
        if self.thousands:
            mark = _GROUPS[self.thousands]
            size = "{2,3}" if self.thousands == "," else "{3}"  # in India 12,34,567
            integer = rf"(?:\d+|[1-9]\d{{0,2}}(?:{mark}\d{size})*{mark}\d{{3}})"
        decimal = re.escape(self.decimal)
        body = rf"(?:{integer}(?:{decimal}\d*)?|{decimal}\d+)"
        return re.compile(rf"[+-]?{body}(?:[eE][+-]?\d+)?")


PLAIN = NumberFormat()
"""Numbers as programming languages write them."""


class AmbiguousNumbersError(ValueError):
    """Texts that are different numbers in two formats.

    Args:
        text: A text that shows the difference.
        first: One format.
        second: The other format.
    """

    def __init__(self, text: str, first: NumberFormat, second: NumberFormat) -> None:
        super().__init__(f"'{text}' may be {first.parse(text):g} or {second.parse(text):g}")
        self.text, self.first, self.second = text, first, second


def is_plain_number(text: str) -> bool:
    """Whether a text is a number as programming languages write it."""
    return PLAIN.parse(text) is not None


def find_format(
    texts: Sequence[str], decimal: Decimal = "auto", thousands: str | None = None
) -> NumberFormat:
    """The format in which most of the texts are numbers.

    Args:
        texts: Some values of a column.
        decimal: The mark before the decimals, if it is known.
        thousands: The mark between groups of digits, if it is known.

    Raises:
        AmbiguousNumbersError: Two formats fit equally well, and the numbers differ.
    """
    formats = _formats(decimal, thousands)
    if formats[0] == PLAIN and all(map(is_plain_number, texts)):
        if decimal == "auto" and thousands is None and (text := _grouped_by_dots(texts)):
            raise AmbiguousNumbersError(text, PLAIN, NumberFormat(",", "."))
        return PLAIN
    numbers = {form: list(map(form.parse, texts)) for form in formats}
    counts = {form: sum(n is not None for n in parsed) for form, parsed in numbers.items()}
    best = max(formats, key=counts.__getitem__)  # the first of them
    for other in formats:
        if counts[other] < counts[best]:
            continue
        for text, first, second in zip(texts, numbers[best], numbers[other], strict=True):
            if None not in (first, second) and first != second:
                raise AmbiguousNumbersError(text, best, other)
    return best


def _formats(decimal: Decimal, thousands: str | None) -> list[NumberFormat]:
    """The possible formats, plain ones first."""
    marks = ("", *_GROUPS) if thousands is None else (thousands,)
    decimals: tuple[Mark, ...] = (".", ",") if decimal == "auto" else (decimal,)
    formats = [NumberFormat(d, mark) for mark, d in product(marks, decimals) if mark != d]
    return formats or [NumberFormat("," if thousands == "." else ".", thousands or "")]


def _grouped_by_dots(texts: Sequence[str]) -> str | None:
    """A text such as 1.234 among integers of up to three digits, where the dot may group digits.

    Numbers with three decimals each are decimals: nothing else is as short as 998 next to 1.002.
    """
    grouped = [text for text in texts if _THREE_DECIMALS.fullmatch(text)]
    others = [text for text in texts if not _THREE_DECIMALS.fullmatch(text)]
    if grouped and others and all(map(_SHORT_INTEGER.fullmatch, others)):
        return grouped[0]
    return None
