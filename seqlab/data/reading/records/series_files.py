"""Series of numbers with a class: files .ts of the UCR and UEA archives."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TypeAlias

from seqlab.errors import UserError, listed, shorten
from seqlab.types import Row

_Line: TypeAlias = tuple[int, str]
_MISSING = ("?", "nan", "")
_PAIR = re.compile(r"\(\s*[^(),]*\s*,\s*([^(),]*)\s*\)")
_TRUE, _FALSE = ("true", "1"), ("false", "0")


@dataclass
class SeriesNotes:
    """What a reader left out.

    Attributes:
        padded: Number of series whose missing values at the end were taken off: the archives pad
            series of unequal length.
    """

    padded: int = 0


@dataclass
class _Header:
    """What the lines before `@data` say."""

    has_label: bool = True
    is_number: bool = False
    has_times: bool = False
    classes: list[str] = field(default_factory=list)


def ts_rows(lines: Iterable[_Line], location: str, notes: SeriesNotes) -> Iterator[Row]:
    """Yield a row per series: `series`, and `label` where the file has classes or target values.

    A series with one channel is a list of numbers; with several, a list of steps, each a list with
    one number per channel. Channels are separated by colons, values by commas.

    Args:
        lines: The lines of the file.
        location: The file, for messages.
        notes: Counts what is left out.

    Raises:
        UserError: A line is not in the format; the error names it.
    """
    numbered = iter(lines)
    header = _read_header(numbered, location)
    width: int | None = None
    for number, line in numbered:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        place = f"{location}, line {number}"
        *channels, label = _parts(text, header) if header.has_label else [*_parts(text, header), ""]
        if not channels:
            raise _invalid("the line has no class after its values", place)
        width = width or len(channels)
        if len(channels) != width:
            raise _invalid(f"a series with {len(channels)} channels instead of {width}", place)
        series = trimmed([_numbers(values, header, place) for values in channels], notes, place)
        yield {"series": series, **_label(label, header, place)}


def trimmed(
    channels: Sequence[list[float]], notes: SeriesNotes, location: str
) -> list[float] | list[list[float]]:
    """The steps of a series without the missing values at its end, which only pad it."""
    kept = [values[: _length(values)] for values in channels]
    notes.padded += sum(map(len, kept)) < sum(map(len, channels))
    lengths = {len(values) for values in channels}
    if len(lengths) > 1 and len(set(map(len, kept))) > 1:
        counts = ", ".join(str(len(values)) for values in channels)
        raise _invalid(f"the channels of a series have unequal lengths: {counts}", location)
    if len(channels) == 1:
        return kept[0]
    return [list(step) for step in zip_longest(*kept, fillvalue=math.nan)]


def _length(values: Sequence[float]) -> int:
    length = len(values)
    while length and math.isnan(values[length - 1]):
        length -= 1
    return length


def _read_header(lines: Iterator[_Line], location: str) -> _Header:
    header = _Header()
    for number, line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        tag, _, value = text.partition(" ")
        words = value.split()
        if tag.lower() == "@data":
            return header
        if not tag.startswith("@"):
            place = f"{location}, line {number}"
            raise _invalid(f"{shorten(text)} stands before '@data' and is not a tag", place)
        if tag.lower() in ("@classlabel", "@targetlabel"):
            header.has_label = _truth(words[:1], f"{location}, line {number}")
            header.is_number = tag.lower() == "@targetlabel"
            header.classes = [] if header.is_number else words[1:]
        elif tag.lower() == "@timestamps":
            header.has_times = _truth(words[:1], f"{location}, line {number}")
    raise _invalid("there is no line '@data'", location)


def _truth(words: Sequence[str], location: str) -> bool:
    word = words[0].lower() if words else ""
    if word not in _TRUE + _FALSE:
        raise _invalid("the tag needs the word true or false", location)
    return word in _TRUE


def _parts(text: str, header: _Header) -> list[str]:
    """The channels of a line and its class, which are separated by colons."""
    if not header.has_times:
        return [part.strip() for part in text.split(":")]
    # a time of day holds colons, too: only those outside of parentheses separate
    parts, depth, start = list[str](), 0, 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == ":" and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    return [*parts, text[start:].strip()]


def _numbers(text: str, header: _Header, location: str) -> list[float]:
    if header.has_times:
        values = [match[1] for match in _PAIR.finditer(text)]
        if _PAIR.sub("", text).strip(", "):
            raise _invalid(f"not a list of pairs (time,value): {shorten(text)}", location)
    else:
        values = text.split(",") if text else []
    return [number_of(value, location) for value in values]


def number_of(text: str, location: str) -> float:
    """The number that a text stands for; NaN where the value is missing.

    Raises:
        UserError: It is not a number.
    """
    stripped = text.strip()
    if stripped.lower() in _MISSING:
        return math.nan
    try:
        return float(stripped)
    except ValueError:
        raise _invalid(f"not a number: {shorten(stripped)}", location) from None


def _label(label: str, header: _Header, location: str) -> Row:
    if not header.has_label:
        return {}
    if header.is_number:
        return {"label": number_of(label, location)}
    if header.classes and label not in header.classes and label.lower() not in _MISSING:
        known = listed(header.classes)
        raise _invalid(
            f"the class {shorten(label)} is not among those of '@classLabel': {known}", location
        )
    return {"label": None if label.lower() in _MISSING else label}


def _invalid(cause: str, location: str) -> UserError:
    return UserError(cause, location=location, remedy="fix the line, or download the file again")
