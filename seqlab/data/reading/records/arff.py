"""Files .arff of Weka: series of the UCR and UEA archives, and other tables."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from seqlab.data.reading.records.series_files import SeriesNotes, number_of, trimmed
from seqlab.errors import UserError, listed, shorten
from seqlab.types import Row

_Line: TypeAlias = tuple[int, str]

_NAME = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^\s{]+"
_ATTRIBUTE = re.compile(rf"@attribute\s+({_NAME})\s*(.*)", re.IGNORECASE)
_CELL = re.compile(r"\s*('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^,'\"]*)\s*(,|$)")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_NUMERIC = ("numeric", "real", "integer")
_NUMBERED = re.compile(r"(.*?)(\d+)")
_CLASS_NAMES = ("target", "class", "label", "classattribute")


@dataclass(frozen=True)
class _Attribute:
    """A column.

    Args:
        name: Its name.
        kind: "number", "classes", "text", or "series" for the values of a relation.
        classes: The classes, if the attribute lists them.
    """

    name: str
    kind: str
    classes: Sequence[str] = ()


def arff_rows(lines: Iterable[_Line], location: str, notes: SeriesNotes) -> Iterator[Row]:
    """Yield the rows of a file.

    Where numbered attributes such as att1, att2, … and a class are all that there is, or a relation
    of several channels and a class, a row has the columns `series` and `label`; else a column per
    attribute.

    Args:
        lines: The lines of the file.
        location: The file, for messages.
        notes: Counts what is left out.

    Raises:
        UserError: A line is not in the format; the error names it.
    """
    numbered = ((number, line.strip()) for number, line in lines)
    filled = ((number, line) for number, line in numbered if line and line[0] != "%")
    attributes = _read_header(filled, location)
    values = attributes[:-1]
    is_series = (_are_numbered(values) or [a.kind for a in values] == ["series"]) and (
        attributes[-1].kind == "classes" or attributes[-1].name.lower() in _CLASS_NAMES
    )
    for number, line in filled:
        place = f"{location}, line {number}"
        cells = _cells(line, place)
        if len(cells) != len(attributes):
            raise _invalid(f"{len(cells)} values instead of {len(attributes)}", place)
        pairs = zip(attributes, cells, strict=True)
        row = [_value(attribute, cell, notes, place) for attribute, cell in pairs]
        if not is_series:
            names = [attribute.name for attribute in attributes]
            yield dict(zip(names, row, strict=True))
        elif values[0].kind == "series":
            yield {"series": row[0], "label": row[1]}
        else:
            numbers = [math.nan if cell is None else number_of(cell, place) for cell in cells[:-1]]
            yield {"series": trimmed([numbers], notes, place), "label": row[-1]}


def _are_numbered(attributes: Sequence[_Attribute]) -> bool:
    """Whether all are numbers with one name and consecutive numbers, as in att1, att2."""
    if len(attributes) < 2 or any(attribute.kind != "number" for attribute in attributes):
        return False
    matches = [_NUMBERED.fullmatch(attribute.name) for attribute in attributes]
    pairs = [(match[1], int(match[2])) for match in matches if match is not None]
    if len(pairs) < len(attributes):
        return False
    name, first = pairs[0]
    return pairs == [(name, first + index) for index in range(len(pairs))]


def _read_header(lines: Iterator[_Line], location: str) -> list[_Attribute]:
    attributes, inner = list[_Attribute](), False
    for number, line in lines:
        place, word = f"{location}, line {number}", line.split(maxsplit=1)[0].lower()
        if word == "@data":
            if not attributes:
                raise _invalid("there is no '@attribute' before '@data'", place)
            _check_names(attributes, place)
            return attributes
        if word == "@attribute":
            attribute = _attribute(line, place)
            if not inner:
                attributes.append(attribute)
            inner = inner or attribute.kind == "series"
        elif word == "@end":
            inner = False
        elif word != "@relation":
            raise _invalid(f"{shorten(line)} stands before '@data' and is not an attribute", place)
    raise _invalid("there is no line '@data'", location)


def _check_names(attributes: Sequence[_Attribute], location: str) -> None:
    names = [attribute.name for attribute in attributes]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise _invalid(f"two attributes have the name '{twice[0]}'", location)


def _attribute(line: str, location: str) -> _Attribute:
    match = _ATTRIBUTE.match(line)
    if match is None or not match[2]:
        raise _invalid("an attribute needs a name and a type", location)
    name, kind = _unquoted(match[1]), match[2].strip()
    if kind.startswith("{"):
        classes = [text for text in _cells(kind.strip("{} \t"), location) if text is not None]
        return _Attribute(name, "classes", classes)
    word = kind.split()[0].lower()
    if word in _NUMERIC:
        return _Attribute(name, "number")
    if word in ("string", "date"):
        return _Attribute(name, "text")
    if word == "relational":
        return _Attribute(name, "series")
    raise _invalid(f"unknown type {shorten(kind)} of attribute '{name}'", location)


def _cells(line: str, location: str) -> list[str | None]:
    """The values of a line; None where one is missing."""
    if line.startswith("{") and line.endswith("}"):
        raise UserError(
            "the row is sparse: it lists positions and values in braces",
            location=location,
            remedy="write it without braces, with a value for each attribute; the filter "
            "SparseToNonSparse of Weka does so",
        )
    if "'" not in line and '"' not in line:
        return [_missing(text.strip()) for text in line.split(",")]
    cells, position = list[str | None](), 0
    while True:
        match = _CELL.match(line, position)
        if match is None:
            raise _invalid(f"a quote is not closed: {shorten(line[position:])}", location)
        text = match[1].strip()
        cells.append(_missing(text) and _unquoted(text))
        position = match.end()
        if match[2] == "":
            return cells


def _missing(text: str) -> str | None:
    """The text of a value, or None where it says that there is none."""
    return None if text in ("?", "") else text


def _unquoted(text: str) -> str:
    if len(text) < 2 or text[0] not in "'\"":
        return text
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text[1:-1])


def _value(attribute: _Attribute, cell: str | None, notes: SeriesNotes, location: str) -> object:
    if attribute.kind == "series":
        channels = [
            [number_of(value, location) for value in line.split(",")]
            for line in (cell or "").split("\n")
        ]
        return trimmed(channels, notes, location)
    if cell is None or attribute.kind == "text":
        return cell
    if attribute.kind == "number":
        return number_of(cell, location)
    if cell not in attribute.classes:
        known = listed(attribute.classes)
        raise _invalid(
            f"'{cell}' is not a class of attribute '{attribute.name}': {known}", location
        )
    return cell


def _invalid(cause: str, location: str) -> UserError:
    return UserError(cause, location=location, remedy="fix the line, or download the file again")
