"""Rows of JSON: one object per line, or one document in a layout that tables are saved in.

Values stay what they are in the file: a string is never read as a number or a date.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TypeAlias

from seqlab.errors import UserError, listed, shorten
from seqlab.types import JsonObject, Row

_BLOCK = 256
"""Lines that are parsed at once."""

_Line: TypeAlias = tuple[int, str]
"""The number of a line, from 1 on, and its text."""


def json_rows(lines: Iterable[_Line], location: str, *, by_line: bool) -> Iterator[Row]:
    """Yield the rows of a file.

    Args:
        lines: The lines of the file.
        location: The file, for messages.
        by_line: Whether the suffix says that each line is an object. A document over several
            lines is read in any case, and so are objects in the lines of a ".json" file.

    Raises:
        UserError: The file is not JSON, or does not hold rows; the error names the line.
    """
    filled = (line for line in lines if line[1].strip())
    start = [line for line in (next(filled, None), next(filled, None)) if line is not None]
    if not start:
        return
    everything = chain(start, filled)
    is_object = start[0][1].lstrip().startswith("{")
    if _is_complete(start[0][1]) and (len(start) > 1 or (by_line and is_object)):
        while block := list(islice(everything, _BLOCK)):
            yield from _rows_of(block, location)
        return
    for line, document in _documents(list(everything), location):
        is_whole = line == start[0][0] and isinstance(document, dict | list)
        yield from _document_rows(document, location if is_whole else f"{location}, line {line}")


def _rows_of(lines: Sequence[_Line], location: str) -> Iterator[Row]:
    """The rows of lines that are an object each."""
    rows = _parsed_together(lines)
    if rows is not None:
        yield from rows
        return
    for number, text in lines:
        place = f"{location}, line {number}"
        yield _row(_parse(text, place), place)


def _parsed_together(lines: Sequence[_Line]) -> list[Row] | None:
    """The rows of lines that are parsed at once; None if anything about them is unusual."""
    text = f"[{','.join([line for _, line in lines])}]"
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if len(rows) != len(lines) or any(type(row) is not dict for row in rows):
        return None
    # a quote and a colon end a key: fewer keys in the rows mean that an object has a key twice
    is_plain = text.count('":') == sum(map(len, rows)) and "\\ud" not in text.lower()
    return rows if is_plain else None


def _is_complete(text: str) -> bool:
    """Whether a line is a value by itself, not the first line of a longer document."""
    try:
        json.loads(text)
    except ValueError:
        return False
    except RecursionError:
        return True
    return True


def _parse(text: str, location: str) -> object:
    try:
        value: object = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        if text.lstrip().startswith("null"):
            _row(None, location)
        raise _invalid(
            f"not JSON: {error.msg} at character {error.pos + 1} of the line", location
        ) from None
    except RecursionError:
        raise _invalid("the values are nested too deeply", location) from None
    except ValueError as error:
        raise _invalid(str(error), location) from None
    _check_characters(text, value, location)
    return value


def _object(pairs: list[tuple[str, object]]) -> JsonObject:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"an object has the key {shorten(twice)} twice")
    return values


_DECODER = json.JSONDecoder(object_pairs_hook=_object)


def _check_characters(text: str, value: object, location: str) -> None:
    """Refuse an escape for half of a character, which no file can hold."""
    if "\\u" not in text:
        return
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise _invalid(f"the escape {half} is half of a character", location) from None


def _documents(lines: Sequence[_Line], location: str) -> Iterator[tuple[int, object]]:
    """The documents that several lines hold one after the other, and their first lines."""
    text = "\n".join(line for _, line in lines).rstrip()
    position = 0
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        if position == len(text):
            return
        first = lines[text.count("\n", 0, position)][0]
        try:
            document, position = _DECODER.raw_decode(text, position)
        except json.JSONDecodeError as error:
            number = lines[text.count("\n", 0, error.pos)][0]
            raise _invalid(
                f"not JSON: {error.msg} at character {error.colno} of the line",
                f"{location}, line {number}",
            ) from None
        except RecursionError:
            raise _invalid("the values are nested too deeply", location) from None
        except ValueError as error:
            raise _invalid(str(error), location) from None
        _check_characters(text, document, location)
        yield first, document


def _row(value: object, location: str) -> Row:
    if value is None:
        remedy = "write an object in each line, or leave the line out"
        raise UserError("a row is null", location=location, remedy=remedy)
    if not isinstance(value, dict):
        raise UserError(
            f"a row is {_kind(value)} instead of an object",
            location=location,
            remedy='write each row as an object with names, such as {"text": "so", "label": 1}',
        )
    return value


def _document_rows(document: object, location: str) -> Iterator[Row]:
    """The rows of one document, by its layout."""
    if isinstance(document, list):
        for number, value in enumerate(document, 1):
            yield _row(value, f"{location}, row {number}")
        return
    table = _row(document, location)
    if isinstance(table.get("columns"), list) and isinstance(table.get("data"), list):
        yield from _split_rows(table["columns"], table["data"], location)
    elif table and all(isinstance(value, list) for value in table.values()):
        yield from _column_rows(table, location)
    elif table and all(isinstance(value, Mapping) for value in table.values()):
        yield from _labelled_rows(table)
    elif lists := [name for name, value in table.items() if _holds_rows(value)]:
        yield from _list_rows(table, lists, location)
    else:
        yield table


def _column_rows(columns: Mapping[str, list[object]], location: str) -> Iterator[Row]:
    """Rows of an object with a list per column; an only list may hold the rows themselves."""
    lists = [name for name, value in columns.items() if _holds_rows(value)]
    if lists and len(lists) == len(columns):
        yield from _list_rows(columns, lists, location)
        return
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        shown = listed((f"'{name}' {length}" for name, length in lengths.items()), 5)
        raise UserError(
            f"the lists of the object do not have the same length: {shown}",
            location=location,
            remedy="give a list of objects, or an object with a list of values per column",
        )
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _list_rows(table: Mapping[str, object], lists: Sequence[str], location: str) -> Iterator[Row]:
    """Rows of the only list of objects in an object."""
    if len(lists) > 1:
        raise UserError(
            f"the object holds several lists of rows: {', '.join(lists[:5])}",
            location=location,
            remedy="write each list to a file of its own, such as train.json and test.json, in a "
            "folder without other data, and give the folder",
        )
    rows = table[lists[0]]
    for number, value in enumerate(rows if isinstance(rows, list) else (), 1):
        yield _row(value, f"{location}, row {number} of '{lists[0]}'")


def _split_rows(names: list[object], data: list[object], location: str) -> Iterator[Row]:
    """Rows of pandas' orient="split": names of columns, and a list of values per row."""
    for number, values in enumerate(data, 1):
        if not isinstance(values, list) or len(values) != len(names):
            count = f"{len(values)} values" if isinstance(values, list) else _kind(values)
            raise UserError(
                f"a row has {count} instead of {len(names)} values",
                location=f"{location}, row {number}",
                remedy="give each row a value per column",
            )
        yield dict(zip(map(str, names), values, strict=True))


def _labelled_rows(table: Mapping[str, Mapping[str, object]]) -> Iterator[Row]:
    """Rows of an object of objects, as pandas writes it: by column (its default), or by row."""
    inner = list(dict.fromkeys(key for values in table.values() for key in values))
    by_row = all(key.isdecimal() for key in table) or not all(key.isdecimal() for key in inner)
    if by_row:
        yield from table.values()
        return
    for key in inner:
        yield {name: values.get(key) for name, values in table.items()}


def _holds_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _kind(value: object) -> str:
    kinds = {str: "a text", bool: "true or false", list: "a list"}
    return kinds.get(type(value), "a number")


def _invalid(cause: str, location: str) -> UserError:
    return UserError(cause, location=location, remedy="fix the line, or write the file again")
