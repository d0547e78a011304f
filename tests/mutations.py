"""Changes of files that are right: of any bytes, of what a document holds, of lines and fields."""

from __future__ import annotations

import copy
import json
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import tomli_w
from hypothesis import strategies as st

DEEP = 100_000
ODD: Sequence[Any] = (
    None, True, 0, -1, 3, 0.5, 10**30, 10**400, float("nan"), float("inf"), "", "x", "-1", "\ud800",
    [], {}, [[]], [None], ["x"], ["x", "x"], [1, "x"], {"x": None}, {"": []},
)  # fmt: skip
"""Values where others are expected."""

RAW = {
    "@deep": "[" * DEEP + "]" * DEEP,
    "@nested": "[" * 500 + "]" * 500,  # which can be read, but not copied
    "@digits": "9" * 5000,  # more than Python makes an integer of
    "@key": ".".join("a" * DEEP),
}
"""What no writer writes, by what stands for it."""

PLANTED: Sequence[Any] = ("@deep", "@nested", "@digits", {"@key": 1})

FIELDS = (b"", b"x", b"0", b"1", b"3-4", b"8.1", b"2", b'"', b"\x00", b"\xff", b"\xc3", b"NaN",
          b"1e999", b"[1]", b"\xef\xbb\xbf", b"x" * 100_000)  # fmt: skip

LINES = (b"", b" ", b"\t", b"\r", b"#", b"-DOCSTART-", b"x", b"x\ty", b"x y z", b"1\tx", b"{",
         b"[]", b"null", b'{"text": 1}', b'{"text": [[]]}', b'"',
         b"\n2-3" + b"\tx" * 9 + b"\n")  # fmt: skip


@st.composite
def changed_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """Bytes put, inserted, left out or repeated anywhere; the end cut off."""
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(content)))
        what = draw(st.binary(min_size=1, max_size=4) | st.sampled_from(FIELDS[:-1]))
        rest = content[place:]
        content = content[:place] + draw(
            st.sampled_from(
                [what + rest[len(what) :], what + rest, rest[1 + len(what) :], b"", rest + rest]
            )
        )
    return content


@st.composite
def changed_document(draw: st.DrawFn, document: Any) -> Any:
    """One or two values replaced, left out, repeated, or exchanged."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 2))):
        if not (places := list(_places(document))):
            break
        holder, key = draw(st.sampled_from(places))
        kind = draw(st.sampled_from(["put", "put", "plant", "delete", "repeat", "exchange"]))
        if kind == "put":
            holder[key] = copy.deepcopy(draw(st.sampled_from(ODD)))
        elif kind == "plant":
            holder[key] = copy.deepcopy(draw(st.sampled_from(PLANTED)))
        elif kind == "delete":
            del holder[key]
        elif kind == "repeat":
            again = copy.deepcopy(holder[key])
            if isinstance(holder, list):
                holder.insert(key, again)
            else:
                holder[f"{key}2"] = again
        else:
            other, name = draw(st.sampled_from(places))
            holder[key], other[name] = copy.deepcopy((other[name], holder[key]))
    return document


@st.composite
def changed_lines(draw: st.DrawFn, content: bytes, separator: bytes) -> bytes:
    """Fields and lines replaced, left out, added or repeated; other line ends."""
    lines = content.split(b"\n")
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        fields = lines[place].split(separator)
        at = draw(st.integers(0, len(fields) - 1))
        field, line = draw(st.sampled_from(FIELDS)), draw(st.sampled_from(LINES))
        new = draw(
            st.sampled_from(
                [
                    [separator.join([*fields[:at], field, *fields[at + 1 :]])],
                    [separator.join([*fields[:at], *fields[at + 1 :]])],
                    [separator.join([*fields[:at], field, *fields[at:]])],
                    [separator.join(fields[: at + 1])],
                    [line, lines[place]],
                    [lines[place]] * 2,
                    [line],
                ]
            )
        )
        lines[place : place + 1] = new
    return draw(st.sampled_from([b"\n", b"\n", b"\r\n", b"\r"])).join(lines)


def as_json(document: Any) -> bytes:
    """A document as JSON, whatever is in it."""
    return _raw(json.dumps(document, ensure_ascii=False))


def as_toml(document: Any) -> bytes:
    """A document as TOML, without the values that it cannot hold."""
    return _raw(tomli_w.dumps(_without_none(document)))


def changed_safetensors(content: bytes) -> st.SearchStrategy[bytes]:
    """Another header, of its right length or not, or other bytes anywhere."""
    (size,) = struct.unpack("<Q", content[:8])
    header, data = json.loads(content[8 : 8 + size]), content[8 + size :]

    def packed(document: Any, beside: int) -> bytes:
        text = as_json(document)
        return struct.pack("<Q", max(len(text) + beside, 0)) + text + data

    lengths = st.sampled_from([0, 0, 0, 1, -1, 1 << 40])
    return st.builds(packed, changed_document(header), lengths) | changed_bytes(content)


def changed(document: Any, write: Callable[[Any], bytes]) -> st.SearchStrategy[bytes]:
    """Other values in a document, another document, or other bytes in its file."""
    others = [each for each in ODD if isinstance(each, dict) or write is as_json]
    values = changed_document(document).map(write)
    return values | values | st.sampled_from(others).map(write) | changed_bytes(write(document))


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Holder and key of each value; of a long list, its first ones."""
    items: Any = ()
    if isinstance(document, dict):
        items = list(document.items())
    elif isinstance(document, list):
        items = list(enumerate(document[:8]))
    for key, inner in items:
        yield document, key
        yield from _places(inner)


def _raw(text: str) -> bytes:
    for name, raw in RAW.items():
        text = text.replace(f'"{name}"', raw)
    return text.encode("utf-8", "surrogatepass")


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_none(inner) for inner in value if inner is not None]
    return value
