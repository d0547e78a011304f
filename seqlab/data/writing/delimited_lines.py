"""Records as lines of delimited text."""

from __future__ import annotations

from collections.abc import Sequence


def delimited_line(cells: Sequence[str | None], separator: str) -> str:
    """A record with its line end; the cells that need quotes have them.

    The writer of the module csv leaves a lone carriage return without quotes, which readers take
    for a line end.

    Args:
        cells: The cells; a missing one is empty.
        separator: The character between them.
    """
    special = (separator, '"', "\r", "\n")
    written = [
        '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in special) else cell
        for cell in (cell or "" for cell in cells)
    ]
    return (separator.join(written) or '""') + "\n"
