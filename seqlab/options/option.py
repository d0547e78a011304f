"""Options, read from the signature and the docstring of a builder."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seqlab.errors import UserError, nearest
from seqlab.options.conversion import choices, convert, is_union, type_name


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
    annotation: object
    default: object
    meaning: str = ""
    range: Range | None = None

    @property
    def type(self) -> str:
        """The type as a user writes it, with its range."""
        name = type_name(self.annotation)
        return f"{name} ({self.range})" if self.range else name

    def convert(self, value: object, *, name: str, location: str = "") -> Any:
        """Convert a value to the option's type.

        Args:
            value: From TOML or Python, or a string from the command line.
            name: The option's full name, for messages.
            location: Where the value was set; the name itself if empty.

        Raises:
            UserError: The value has a different type or is out of range.
        """
        try:
            converted = convert(self.annotation, value)
        except (TypeError, ValueError):
            raise self._refused(value, name, location) from None
        if self.range and isinstance(converted, int | float) and converted not in self.range:
            raise self._refused(value, name, location)
        return converted

    def _refused(self, value: object, name: str, location: str) -> UserError:
        near = None
        if isinstance(value, str) and (known := choices(self.annotation)):
            near = nearest(value, known)
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


def _unwrap(annotation: object) -> tuple[object, Range | None]:
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *extras = typing.get_args(annotation)
        return inner, next((extra for extra in extras if isinstance(extra, Range)), None)
    if is_union(annotation):  # Annotated[int, …] | None
        members = [_unwrap(member) for member in typing.get_args(annotation)]
        bounds = next((bounds for _, bounds in members if bounds), None)
        return typing.Union[tuple(member for member, _ in members)], bounds  # noqa: UP007
    return annotation, None


def _documented(builder: Callable[..., object]) -> dict[str, str]:
    """The meanings in the docstring, under `Args:`."""
    text = inspect.getdoc(builder) or ""
    section = re.search(r"^(?:Args|Attributes):\n((?:[ \t]+.*\n?|\n)+)", text + "\n", re.MULTILINE)
    if not section:
        return {}
    meanings: dict[str, str] = {}
    name = ""
    for line in section.group(1).splitlines():
        if start := re.match(r"^ {4}(\w+)(?: \([^)]*\))?: (.*)$", line):
            name = start.group(1)
            meanings[name] = start.group(2).strip()
        elif name and line.strip():
            meanings[name] += " " + line.strip()
    return meanings
