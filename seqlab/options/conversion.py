"""Convert values from TOML, Python and the command line to the type of an annotation."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any


def convert(annotation: object, value: object) -> object:
    """Convert a value to the type of an annotation.

    Raises:
        TypeError: The value has a different type.
        ValueError: The value is text that does not denote this type, or not one of the choices.
    """
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if is_union(annotation):
        return _convert_union(arguments, value)
    if origin is typing.Literal:
        return _convert_literal(arguments, value)
    if origin in (list, tuple, dict):
        return _convert_container(origin, arguments, value)
    return _convert_scalar(annotation, value)


def _convert_union(members: tuple[object, ...], value: object) -> object:
    if type(None) in members and (value is None or value == "none"):
        return None
    for member in members:
        if member is not type(None):
            try:
                return convert(member, value)
            except (TypeError, ValueError):
                continue
    raise ValueError(value)


def _convert_literal(choices: tuple[object, ...], value: object) -> object:
    for choice in choices:
        if choice == value or str(choice) == value:
            return choice
    raise ValueError(value)


def _convert_container(origin: object, arguments: tuple[object, ...], value: object) -> object:
    if isinstance(value, str):
        value = _parse_container(value, as_dict=origin is dict)
    if origin is dict:
        if not isinstance(value, Mapping):
            raise TypeError(value)
        key_type, value_type = arguments
        return {convert(key_type, k): convert(value_type, v) for k, v in value.items()}
    if not isinstance(value, list | tuple):
        raise TypeError(value)
    return [convert(arguments[0], item) for item in value]


def _parse_container(text: str, *, as_dict: bool) -> object:
    """`[1, 2]` and `{"a": 1}` as JSON; `a,b` as a list of strings."""
    if text[:1] in ("[", "{"):
        return json.loads(text)
    if as_dict:
        raise ValueError(text)
    return [item.strip() for item in text.split(",")]


def _convert_scalar(annotation: object, value: object) -> object:
    if isinstance(value, str) and annotation in _PARSERS:
        return _PARSERS[annotation](value)
    if annotation is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if annotation is Any or type(value) is annotation:
        return value
    raise TypeError(value)


def _parse_bool(text: str) -> bool:
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError(text)
    return words[text.lower()]


_PARSERS: Mapping[object, Callable[[str], object]] = {bool: _parse_bool, int: int, float: float}


def is_union(annotation: object) -> bool:
    """Whether an annotation is `A | B` or `Optional[A]`."""
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def choices(annotation: object) -> tuple[str, ...]:
    """The values of a `Literal` in an annotation, as text."""
    if typing.get_origin(annotation) is typing.Literal:
        return tuple(str(choice) for choice in typing.get_args(annotation))
    if is_union(annotation):
        return tuple(c for member in typing.get_args(annotation) for c in choices(member))
    return ()


def type_name(annotation: object) -> str:
    """The name of an annotated type, as a user writes it."""
    if is_union(annotation):
        return " or ".join(type_name(member) for member in typing.get_args(annotation))
    if typing.get_origin(annotation) is typing.Literal:
        return " | ".join(str(choice) for choice in typing.get_args(annotation))
    if annotation is type(None):
        return "none"
    if typing.get_origin(annotation):
        return str(annotation)
    return getattr(annotation, "__name__", str(annotation))
