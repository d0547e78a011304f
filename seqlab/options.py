"""A builder's signature → typed, documented, validated options.

A parameter with a default is an option; its annotation gives the type, `Annotated[int,
Range(1)]` its range, and its line under `Args:` in the docstring of the class its meaning.
Supported types: bool, int, float, str, Literal, list and dict of these, and any of them or None.
"""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from seqlab.errors import UserError, nearest


@dataclass(frozen=True)
class Range:
    """Bounds of a number, both included: `Annotated[float, Range(0, 1)]`."""

    low: float | None = None
    high: float | None = None

    def __contains__(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def __str__(self) -> str:
        if self.high is None:
            return f"≥ {self.low:g}"
        if self.low is None:
            return f"≤ {self.high:g}"
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Option:
    """One option: its name, type (as annotated), default, meaning and range."""

    name: str
    annotation: Any
    default: Any
    meaning: str = ""
    range: Range | None = None

    @property
    def type(self) -> str:
        """The type as a person writes it, with its range."""
        shown = _type_name(self.annotation)
        return f"{shown} ({self.range})" if self.range else shown

    def convert(self, value: object, *, name: str, location: str = "") -> Any:
        """The value as the option's type.

        Args:
            value: From TOML or Python, or a string from the command line.
            name: The option's full name, for messages.
            location: Where the value was given; the name itself if empty.

        Raises:
            UserError: The value is of another type or out of range.
        """
        try:
            converted = _convert(self.annotation, value)
        except (TypeError, ValueError):
            raise self._refused(value, name, location) from None
        if self.range and isinstance(converted, int | float) and converted not in self.range:
            raise self._refused(value, name, location)
        return converted

    def _refused(self, value: object, name: str, location: str) -> UserError:
        near = None
        if isinstance(value, str) and (choices := _choices(self.annotation)):
            near = nearest(value, choices)
        return UserError(
            f"{name} takes {self.type}, not {value!r}",
            location=location or name,
            remedy=f"did you mean '{near}'?" if near else f"its default is {self.default!r}",
        )


def options_of(builder: Callable[..., object]) -> dict[str, Option]:
    """The options of a class or function: its parameters that have a default."""
    function = builder.__init__ if isinstance(builder, type) else builder  # type: ignore[misc]
    hints = typing.get_type_hints(function, include_extras=True)
    meanings = _documented(builder)
    options = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is inspect.Parameter.empty:
            continue
        annotation, bounds = _unwrap(hints.get(name, type(parameter.default)))
        options[name] = Option(name, annotation, parameter.default, meanings.get(name, ""), bounds)
    return options


def given_to(builder: Callable[..., object]) -> tuple[str, ...]:
    """The parameters without a default: what the core, not the user, gives."""
    function = builder.__init__ if isinstance(builder, type) else builder  # type: ignore[misc]
    return tuple(
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is inspect.Parameter.empty
        and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        and name != "self"
    )


def validate(
    section: str, given: Mapping[str, object], known: Mapping[str, Option]
) -> dict[str, Any]:
    """All options of a section: the given ones converted, the others at their default.

    Raises:
        UserError: An option that nobody knows, or a value that does not fit.
    """
    for name in given:
        if name not in known:
            near = nearest(name, known)
            listed = ", ".join(sorted(known)) or "none"
            raise UserError(
                f"unknown option '{section}.{name}'",
                location=f"{section}.{name}",
                remedy=f"did you mean '{section}.{near}'?" if near else f"options here: {listed}",
            )
    return {
        name: option.convert(given[name], name=f"{section}.{name}")
        if name in given
        else option.default
        for name, option in known.items()
    }


def _unwrap(annotation: Any) -> tuple[Any, Range | None]:
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *extras = typing.get_args(annotation)
        return inner, next((extra for extra in extras if isinstance(extra, Range)), None)
    if _is_union(annotation):  # Annotated[int, …] | None
        found = [_unwrap(member) for member in typing.get_args(annotation)]
        bounds = next((bounds for _, bounds in found if bounds), None)
        return typing.Union[tuple(member for member, _ in found)], bounds  # noqa: UP007
    return annotation, None


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _choices(annotation: Any) -> tuple[str, ...]:
    if typing.get_origin(annotation) is typing.Literal:
        return tuple(str(choice) for choice in typing.get_args(annotation))
    if _is_union(annotation):
        return tuple(c for member in typing.get_args(annotation) for c in _choices(member))
    return ()


def _convert(annotation: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if _is_union(annotation):
        return _convert_union(arguments, value)
    if origin is typing.Literal:
        return _convert_literal(arguments, value)
    if origin in (list, tuple, dict):
        return _convert_container(origin, arguments, value)
    return _convert_scalar(annotation, value)


def _convert_union(members: tuple[Any, ...], value: Any) -> Any:
    if type(None) in members and (value is None or value == "none"):
        return None
    for member in members:
        if member is not type(None):
            try:
                return _convert(member, value)
            except (TypeError, ValueError):
                continue
    raise ValueError(value)


def _convert_literal(choices: tuple[Any, ...], value: Any) -> Any:
    for choice in choices:
        if choice == value or str(choice) == value:
            return choice
    raise ValueError(value)


def _convert_container(origin: Any, arguments: tuple[Any, ...], value: Any) -> Any:
    if isinstance(value, str):
        value = _from_text(value, as_dict=origin is dict)
    if origin is dict:
        if not isinstance(value, Mapping):
            raise TypeError(value)
        key_type, value_type = arguments
        return {_convert(key_type, k): _convert(value_type, v) for k, v in value.items()}
    if not isinstance(value, list | tuple):
        raise TypeError(value)
    return [_convert(arguments[0], item) for item in value]


def _from_text(value: str, *, as_dict: bool) -> Any:
    """`[1, 2]` and `{"a": 1}` as JSON; `a,b` as a list of strings."""
    if value[:1] in ("[", "{"):
        return json.loads(value)
    if as_dict:
        raise ValueError(value)
    return [part.strip() for part in value.split(",")]


def _convert_scalar(annotation: Any, value: Any) -> Any:
    if isinstance(value, str) and annotation in _FROM_TEXT:
        return _FROM_TEXT[annotation](value)
    if annotation is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if annotation is Any or type(value) is annotation:
        return value
    raise TypeError(value)


def _bool_from_text(text: str) -> bool:
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError(text)
    return words[text.lower()]


_FROM_TEXT: dict[Any, Callable[[str], Any]] = {bool: _bool_from_text, int: int, float: float}


def _type_name(annotation: Any) -> str:
    if _is_union(annotation):
        return " or ".join(_type_name(member) for member in typing.get_args(annotation))
    if typing.get_origin(annotation) is typing.Literal:
        return " | ".join(str(choice) for choice in typing.get_args(annotation))
    if annotation is type(None):
        return "none"
    if typing.get_origin(annotation):
        return str(annotation)
    return getattr(annotation, "__name__", str(annotation))


def _documented(builder: Callable[..., object]) -> dict[str, str]:
    """The meanings that the docstring gives under `Args:`."""
    text = inspect.getdoc(builder) or ""
    section = re.search(r"^(?:Args|Attributes):\n((?:[ \t]+.*\n?|\n)+)", text + "\n", re.MULTILINE)
    if not section:
        return {}
    found: dict[str, str] = {}
    name = ""
    for line in section.group(1).splitlines():
        if start := re.match(r"^ {4}(\w+)(?: \([^)]*\))?: (.*)$", line):
            name = start.group(1)
            found[name] = start.group(2).strip()
        elif name and line.strip():
            found[name] += " " + line.strip()
    return found
