"""Converts docstrings from Markdown to reStructuredText, which autodoc reads.

Single backticks are code in both, by `default_role`. Where a function takes the fields of a
dataclass as keyword arguments, these are listed.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, get_type_hints

import seqlab

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SPECIAL = re.compile(r"[*|]|(?<=\w)_(?!\w)")
FIELDS = re.compile(r"    (\w+): Its fields, as keywords\.")


def setup(app: Sphinx) -> Mapping[str, bool]:
    """Register the conversion; Sphinx calls this function of an extension."""
    app.connect("autodoc-process-docstring", _convert, priority=400)  # napoleon has priority 500
    return {"parallel_read_safe": True}


def _convert(
    _app: Sphinx, _kind: str, _name: str, documented: object, _options: object, lines: list[str]
) -> None:
    lines[:] = restructured(list(with_fields(lines, documented)))


def with_fields(lines: list[str], documented: object) -> Iterator[str]:
    """The lines of a docstring, with the fields of a dataclass in the place of the dataclass.

    Args:
        lines: The docstring.
        documented: The object that it documents.
    """
    for line in lines:
        match = FIELDS.fullmatch(line)
        if match is None or not callable(documented):
            yield line
            continue
        request = get_type_hints(inspect.unwrap(documented))[match[1]]
        if request.__name__ in seqlab.__all__:
            yield f"    **{match[1]}: The fields of `seqlab.{request.__name__}`."
        else:
            for cls in reversed(request.__mro__[:-1]):
                yield from _arguments(cls)


def _arguments(cls: type) -> list[str]:
    """The lines of the section "Args" of a docstring."""
    section = inspect.cleandoc(cls.__doc__ or "").partition("Args:\n")[2]
    return section.partition("\n\n")[0].splitlines()


def restructured(lines: list[str]) -> Iterator[str]:
    """The lines of a docstring as reStructuredText.

    An indented paragraph after a colon is code. Elsewhere, stars, bars and trailing underscores are
    escaped.
    """
    is_code = False
    for index, line in enumerate(lines):
        is_code = is_code and (not line or line.startswith("    "))
        if is_code:
            yield line
        elif line.endswith(":") and _starts_code(lines[index + 1 : index + 3]):
            is_code = True
            yield _escaped(line) + ":"
        else:
            yield _escaped(line)


def _starts_code(following: list[str]) -> bool:
    """Whether an empty line and an indented line follow."""
    return len(following) == 2 and not following[0] and following[1].startswith("    ")


def _escaped(line: str) -> str:
    segments = line.split("`")  # the odd ones are code
    return "`".join(
        segment if index % 2 else SPECIAL.sub(lambda match: "\\" + match[0], segment)
        for index, segment in enumerate(segments)
    )
