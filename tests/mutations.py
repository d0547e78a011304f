"""Random changes of valid files: of bytes, of values in documents, of lines and fields."""

from __future__ import annotations

import copy
import json
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import tomli_w
from hypothesis import strategies as st

Container: TypeAlias = dict[object, object] | list[object]

DEPTH = 100_000
ODD: Sequence[object] = (
    None, True, 0, -1, 3, 0.5, 10**30, 10**400, float("nan"), float("inf"), "", "x", "-1", "\ud800",
    [], {}, [[]], [None], ["x"], ["x", "x"], [1, "x"], {"x": None}, {"": []},
)  # fmt: skip
"""Values to put where other values are expected."""

RAW = {
    "@deep": "[" * DEPTH + "]" * DEPTH,
    "@nested": "[" * 500 + "]" * 500,  # can be parsed, but not copied recursively
    "@digits": "9" * 5000,  # more digits than Python converts to an integer
    "@key": ".".join("a" * DEPTH),
}
"""Text that no writer of JSON or TOML produces, by the placeholder that it replaces."""

PLACEHOLDERS: Sequence[object] = ("@deep", "@nested", "@digits", {"@key": 1})

FIELDS = (b"", b"x", b"0", b"1", b"3-4", b"8.1", b"2", b'"', b"\x00", b"\xff", b"\xc3", b"NaN",
          b"1e999", b"[1]", b"\xef\xbb\xbf", b"x" * 100_000)  # fmt: skip

LINES = (b"", b" ", b"\t", b"\r", b"#", b"-DOCSTART-", b"x", b"x\ty", b"x y z", b"1\tx", b"{",
         b"[]", b"null", b'{"text": 1}', b'{"text": [[]]}', b'"',
         b"\n2-3" + b"\tx" * 9 + b"\n")  # fmt: skip


@st.composite
def changed_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """Bytes replaced, inserted, deleted or repeated anywhere; the end cut off."""
    for _ in range(draw(st.integers(1, 4))):
        position = draw(st.integers(0, len(content)))
        new = draw(st.binary(min_size=1, max_size=4) | st.sampled_from(FIELDS[:-1]))
        rest = content[position:]
        content = content[:position] + draw(
            st.sampled_from(
                [new + rest[len(new) :], new + rest, rest[1 + len(new) :], b"", rest + rest]
            )
        )
    return content


@st.composite
def changed_document(draw: st.DrawFn, document: object) -> object:
    """One or two values replaced, deleted, repeated or exchanged."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 2))):
        if not (locations := list(_locations(document))):
            break
        container, key = draw(st.sampled_from(locations))
        change = draw(st.sampled_from(["odd", "odd", "raw", "delete", "repeat", "exchange"]))
        if change == "odd":
            container[key] = copy.deepcopy(draw(st.sampled_from(ODD)))
        elif change == "raw":
            container[key] = copy.deepcopy(draw(st.sampled_from(PLACEHOLDERS)))
        elif change == "delete":
            del container[key]
        elif change == "repeat":
            value = copy.deepcopy(container[key])
            if isinstance(container, list):
                container.insert(key, value)
            else:
                container[f"{key}2"] = value
        else:
            other, other_key = draw(st.sampled_from(locations))
            container[key], other[other_key] = copy.deepcopy((other[other_key], container[key]))
    return document


@st.composite
def changed_lines(draw: st.DrawFn, content: bytes, separator: bytes) -> bytes:
    """Fields and lines replaced, deleted, added or repeated; different line ends."""
    lines = content.split(b"\n")
    for _ in range(draw(st.integers(1, 3))):
        row = draw(st.integers(0, len(lines) - 1))
        fields = lines[row].split(separator)
        column = draw(st.integers(0, len(fields) - 1))
        field, line = draw(st.sampled_from(FIELDS)), draw(st.sampled_from(LINES))
        lines[row : row + 1] = draw(
            st.sampled_from(
                [
                    [separator.join([*fields[:column], field, *fields[column + 1 :]])],
                    [separator.join([*fields[:column], *fields[column + 1 :]])],
                    [separator.join([*fields[:column], field, *fields[column:]])],
                    [separator.join(fields[: column + 1])],
                    [line, lines[row]],
                    [lines[row]] * 2,
                    [line],
                ]
            )
        )
    return draw(st.sampled_from([b"\n", b"\n", b"\r\n", b"\r"])).join(lines)


def as_json(document: object) -> bytes:
    """A document as JSON, whatever it contains."""
    return _with_raw(json.dumps(document, ensure_ascii=False))


def as_toml(document: object) -> bytes:
    """A document as TOML, without None, which TOML cannot represent."""
    table = _without_none(document)
    assert isinstance(table, dict)
    return _with_raw(tomli_w.dumps(table))


def changed_safetensors(content: bytes) -> st.SearchStrategy[bytes]:
    """A changed header with a right or wrong length, or changed bytes anywhere."""
    (size,) = struct.unpack("<Q", content[:8])
    header, data = json.loads(content[8 : 8 + size]), content[8 + size :]

    def packed(document: object, excess: int) -> bytes:
        text = as_json(document)
        return struct.pack("<Q", max(len(text) + excess, 0)) + text + data

    excesses = st.sampled_from([0, 0, 0, 1, -1, 1 << 40])
    return st.builds(packed, changed_document(header), excesses) | changed_bytes(content)


def changed(document: object, write: Callable[[object], bytes]) -> st.SearchStrategy[bytes]:
    """A document with changed values, a different document, or a file with changed bytes."""
    others = [value for value in ODD if isinstance(value, dict) or write is as_json]
    values = changed_document(document).map(write)
    return values | values | st.sampled_from(others).map(write) | changed_bytes(write(document))


def _locations(document: object) -> Iterator[tuple[Container, Any]]:
    """Container and key of each value; only the first values of a long list."""
    if isinstance(document, dict):
        for key, value in list(document.items()):
            yield document, key
            yield from _locations(value)
    elif isinstance(document, list):
        for index, value in enumerate(document[:8]):
            yield document, index
            yield from _locations(value)


def _with_raw(text: str) -> bytes:
    for placeholder, raw in RAW.items():
        text = text.replace(f'"{placeholder}"', raw)
    return text.encode("utf-8", "surrogatepass")


def _without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_none(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_none(inner) for inner in value if inner is not None]
    return value
