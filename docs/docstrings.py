"""Converts docstrings from Markdown to reStructuredText, which autodoc reads.

Single backticks are code in both, by `default_role`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SPECIAL = re.compile(r"[*|]|(?<=\w)_(?!\w)")


def setup(app: Sphinx) -> Mapping[str, bool]:
    """Register the conversion; Sphinx calls this function of an extension."""
    app.connect("autodoc-process-docstring", _convert, priority=400)  # napoleon has priority 500
    return {"parallel_read_safe": True}


def _convert(
    _app: Sphinx, _kind: str, _name: str, _documented: object, _options: object, lines: list[str]
) -> None:
    lines[:] = restructured(lines)


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
