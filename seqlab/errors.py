"""Errors that a user can act on: the cause, the location and the remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SHORT = 60
"""Length of a value in a message, in characters."""

_OBEYED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Characters that a terminal obeys instead of showing them: control characters except the line end,
and those that change the direction of the text that follows."""


class SeqlabError(Exception):
    """An error with a cause, a location and a remedy.

    Args:
        cause: What is wrong, in one sentence.
        location: Where it was found: an option, a file and line, a column.
        remedy: What to do about it.

    Attributes:
        status: Exit status of the command: 2 for an error before the first training step, 1 for
            a run that failed.
    """

    status = 2

    def __init__(self, cause: str, *, location: str = "", remedy: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.location = location
        self.remedy = remedy

    def __str__(self) -> str:
        lines = [self.cause]
        if self.location:
            lines.append(f"  where: {self.location}")
        if self.remedy:
            lines.append(f"  try:   {self.remedy}")
        return printable("\n".join(lines))


class UserError(SeqlabError):
    """A mistake in a request, found before any training."""


class PluginError(SeqlabError):
    """A plugin that cannot be loaded or breaks its contract."""


class RunError(SeqlabError):
    """A run that failed after its first step."""

    status = 1


def shorten(value: object) -> str:
    """The `repr` of a value in at most 60 characters, for messages."""
    # a value may be a whole corpus: format no more than the message shows
    text = repr(value[:_SHORT] if isinstance(value, str | list | tuple) else value)
    is_cut = isinstance(value, str | list | tuple) and len(value) > _SHORT
    return text if len(text) <= _SHORT and not is_cut else text[: _SHORT - 1] + "…"


def printable(text: str) -> str:
    """A text as it is shown on a terminal: what a terminal would obey is written as its escape.

    Data can hold sequences that clear the screen, and characters that write a line backwards. Line
    ends stay; so do joiners, which belong to emoji and to words of some scripts.
    """
    return _OBEYED.sub(lambda match: repr(match[0])[1:-1], text)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most similar to `name`; None if none is similar."""
    import difflib  # imported here to keep listings fast

    lowered = {candidate.lower(): candidate for candidate in known}
    matches = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.5)
    return lowered[matches[0]] if matches else None


def listed(names: Iterable[str], limit: int = 10) -> str:
    """Names for a message: the first of them, and how many more there are."""
    names = list(names)
    more = f" … and {len(names) - limit:,} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def listed_numbers(numbers: Sequence[int], count: int) -> str:
    """Numbers of rows or lines for a message, with dots if there are more than these.

    Args:
        numbers: The first numbers.
        count: How many there are.
    """
    return ", ".join(map(str, numbers)) + ", …" * (count > len(numbers))


def unknown(
    what: str, name: str, known: Iterable[str], *, location: str, hint: str = ""
) -> UserError:
    """The error for an unknown name, with the most similar known name as the remedy.

    Args:
        what: The kind of the name, such as "model".
        name: The unknown name.
        known: All names that are known.
        location: Where the name was used.
        hint: A further remedy, such as the command that lists the names.
    """
    names = sorted(known)
    near = nearest(name, names)
    remedies = [f"did you mean '{near}'?"] if near else []
    if hint:
        remedies.append(hint)
    elif names:
        remedies.append("known: " + ", ".join(names))
    return UserError(f"unknown {what} '{name}'", location=location, remedy=" ".join(remedies))
