"""The message and exit status of a command that fails."""

from __future__ import annotations

import os
import signal
import traceback

import click

from seqlab.errors import SeqlabError
from seqlab.processes import is_main

INTERRUPTED = 128
"""A shell adds the number of the signal that ended a process to this."""


def report(error: BaseException) -> int:
    """Print an error to standard error.

    Args:
        error: The exception that a command raised.

    Returns:
        The exit status: 1 for a failure, 2 for a mistake found before any training, 128 plus the
        number of the signal for an interrupt: 130 after Ctrl-C, 143 after SIGTERM.
    """
    if os.environ.get("SEQLAB_TRACEBACK") == "1":
        traceback.print_exception(error)
    notes = getattr(error, "__notes__", [])
    if isinstance(error, KeyboardInterrupt):
        source = f" by {error}" if str(error) else ""
        click.echo("; ".join([f"interrupted{source}", *notes]), err=True)
        return INTERRUPTED + int(getattr(error, "number", signal.SIGINT))
    shown = error if isinstance(error, SeqlabError) else _unexpected(error)
    process = "" if is_main() else f"process {os.environ['RANK']}: "
    click.echo("\n".join([f"{process}error: {shown}", *notes]), err=True)
    return shown.status if shown is error else 1


def _unexpected(error: BaseException) -> SeqlabError:
    first_line = next(iter(str(error).strip().splitlines()), "")
    frames = traceback.extract_tb(error.__traceback__)
    location = f"{frames[-1].filename}:{frames[-1].lineno}, in {frames[-1].name}" if frames else ""
    return SeqlabError(
        f"{type(error).__name__}: {first_line}".rstrip(": "),
        location=location,
        remedy="SEQLAB_TRACEBACK=1 shows the whole traceback",
    )
