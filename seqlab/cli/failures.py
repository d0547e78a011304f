"""What is said when a command ends early, and its exit status."""

from __future__ import annotations

import os
import signal
import traceback

import click

from seqlab.errors import SeqlabError
from seqlab.processes import is_main

INTERRUPTED = 128
"""What a shell adds to a signal's number where the signal ended a process."""


def report(error: BaseException) -> int:
    """Say on standard error what went wrong.

    Args:
        error: What a command raised.

    Returns:
        The exit status: 1 for a failure, 2 for a mistake found before any training, 128 and the
        signal's number for an interrupt: 130 after Ctrl-C, 143 after SIGTERM.
    """
    if os.environ.get("SEQLAB_TRACEBACK") == "1":
        traceback.print_exception(error)
    notes = getattr(error, "__notes__", [])
    if isinstance(error, KeyboardInterrupt):
        name = f" by {error}" if str(error) else ""
        click.echo("; ".join([f"interrupted{name}", *notes]), err=True)
        return INTERRUPTED + int(getattr(error, "number", signal.SIGINT))
    own = error if isinstance(error, SeqlabError) else _unexpected(error)
    who = "" if is_main() else f"process {os.environ['RANK']}: "
    click.echo("\n".join([f"{who}error: {own}", *notes]), err=True)
    return own.status if own is error else 1


def _unexpected(error: BaseException) -> SeqlabError:
    first = next(iter(str(error).strip().splitlines()), "")
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}, in {frames[-1].name}" if frames else ""
    return SeqlabError(
        f"{type(error).__name__}: {first}".rstrip(": "),
        location=place,
        remedy="SEQLAB_TRACEBACK=1 shows the whole traceback",
    )
