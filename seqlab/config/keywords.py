"""A decorator for functions that take the fields of a dataclass as keyword arguments."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

P = ParamSpec("P")
A = TypeVar("A")
B = TypeVar("B")
R = TypeVar("R")
Request = TypeVar("Request")

_FIELDS = re.compile(r"^    \w+: Its fields, as keywords\.$", re.MULTILINE)


class takes(Generic[P, Request]):  # noqa: N801 — a decorator
    """Decorate a function so that callers pass the fields of its last parameter as keywords.

    `@takes(Sampling) def draw(prompt, sampling)` is called as `draw("a", seed=1, length=20)`.
    In its docstring, the line `sampling: Its fields, as keywords.` becomes the list of the fields.

    Args:
        kind: The dataclass.
    """

    def __init__(self, kind: Callable[P, Request]) -> None:
        self.kind = kind

    @overload
    def __call__(self, function: Callable[[Request], R]) -> Callable[P, R]: ...
    @overload
    def __call__(self, function: Callable[[A, Request], R]) -> Callable[Concatenate[A, P], R]: ...
    @overload
    def __call__(
        self, function: Callable[[A, B, Request], R]
    ) -> Callable[Concatenate[A, B, P], R]: ...
    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function with keyword arguments; its signature shows them."""
        kind: Callable[..., object] = self.kind

        *first, _ = inspect.signature(function).parameters.values()
        keywords = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for parameter in inspect.signature(kind).parameters.values()
        ]
        signature = inspect.Signature([*first, *keywords])

        @functools.wraps(function)
        def call(*leading: object, **fields: object) -> object:
            try:
                signature.bind(*leading, **fields)
            except TypeError as error:  # else the message would name the dataclass
                raise TypeError(f"{function.__name__}(): {error}") from None
            return function(*leading, kind(**fields))

        call.__signature__ = signature  # type: ignore[attr-defined]
        call.__doc__ = _with_fields(inspect.getdoc(function) or "", kind)
        return call


def _with_fields(docstring: str, kind: Callable[..., object]) -> str:
    """The docstring, with the marker line replaced by the fields of the dataclass."""
    classes = kind.__mro__ if isinstance(kind, type) else ()  # a subclass describes its own fields
    fields = "\n".join(
        inspect.cleandoc(cls.__doc__ or "").partition("Args:\n")[2].partition("\n\n")[0]
        for cls in reversed(classes[:-1])
    )
    return _FIELDS.sub(lambda _: fields, docstring)
