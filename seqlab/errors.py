"""Errors that a person can act on: what happened, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable


class SeqlabError(Exception):
    """An error with a cause, a location and a remedy.

    Args:
        cause: What is wrong, in one sentence.
        location: Where it was found: an option, a file and line, a column.
        remedy: What to do about it.
        status: Exit status of the command: 2 for what is found before the first training
            step, 1 for a run that failed.
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
        return "\n".join(lines)


class UserError(SeqlabError):
    """A mistake in what was asked for, found before any training."""


class PluginError(SeqlabError):
    """A plugin that cannot be loaded or breaks its contract."""


class RunError(SeqlabError):
    """A run that failed after its first step."""

    status = 1


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None when nothing comes near."""
    import difflib  # only once something is wrong: listings start quickly

    lowered = {candidate.lower(): candidate for candidate in known}
    found = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.5)
    return lowered[found[0]] if found else None


def unknown(
    what: str, name: str, known: Iterable[str], *, location: str, hint: str = ""
) -> UserError:
    """The error for a name that nobody knows, with the nearest one that somebody does.

    Args:
        what: Kind of thing that was named, such as "model".
        name: The unknown name.
        known: All names that would have been right.
        location: Where the name stood.
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
