"""Docstrings are written in Markdown, and autodoc reads reStructuredText.

Single backticks are code there by `default_role`; this does the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SPECIAL = re.compile(r"[*|]|(?<=\w)_(?!\w)")


def setup(app: Sphinx) -> Mapping[str, bool]:
    """Be an extension of Sphinx."""
    app.connect("autodoc-process-docstring", _rewrite, priority=400)  # napoleon comes at 500
    return {"parallel_read_safe": True}


def _rewrite(_app: Sphinx, _what: str, _name: str, _object: object, _options: object,
             lines: list[str]) -> None:  # fmt: skip
    lines[:] = restructured(lines)


def restructured(lines: list[str]) -> Iterator[str]:
    """A docstring's lines as reStructuredText.

    An indented paragraph after a colon is code; elsewhere a star or a last underscore is itself.
    """
    literal = False
    for place, line in enumerate(lines):
        literal = literal and (not line or line.startswith("    "))
        opens = lines[place + 1 : place + 2] == [""] and "".join(lines[place + 2 : place + 3])[:4]
        if literal:
            yield line
        elif line.endswith(":") and opens == "    ":
            literal = True
            yield _escaped(line) + ":"
        else:
            yield _escaped(line)


def _escaped(line: str) -> str:
    splits = line.split("`")
    return "`".join(
        split if inside % 2 else SPECIAL.sub(lambda found: "\\" + found[0], split)
        for inside, split in enumerate(splits)
    )
