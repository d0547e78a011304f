"""What is said when a command ends early, and its exit status."""

from __future__ import annotations

import os
import traceback

import click

from seqlab.errors import SeqlabError
from seqlab.processes import is_main

INTERRUPTED = 130


def report(error: BaseException) -> int:
    """Say on standard error what went wrong.

    Args:
        error: What a command raised.

    Returns:
        The exit status: 1 for a failure, 2 for a mistake found before any training, 130 for an
        interrupt.
    """
    if os.environ.get("SEQLAB_TRACEBACK") == "1":
        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt):
        # once training has begun, its reporting has said how to go on
        if not getattr(error, "__notes__", ()):
            click.echo("interrupted", err=True)
        return INTERRUPTED
    own = isinstance(error, SeqlabError)
    rank = os.environ.get("RANK", "0")
    who = "" if is_main() else f"process {rank}: "
    click.echo(f"{who}error: {error if own else _unexpected(error)}", err=True)
    return error.status if isinstance(error, SeqlabError) else 1


def _unexpected(error: BaseException) -> SeqlabError:
    first = next(iter(str(error).strip().splitlines()), "")
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}, in {frames[-1].name}" if frames else ""
    return SeqlabError(
        f"{type(error).__name__}: {first}".rstrip(": "),
        place=place,
        remedy="SEQLAB_TRACEBACK=1 shows the whole traceback",
    )
