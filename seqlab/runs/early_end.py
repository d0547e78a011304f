"""Train to the end; what an early end says, and how to go on from there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from shlex import quote
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab.device import flushed_denormals
from seqlab.errors import RunError, UserError
from seqlab.processes import is_loss
from seqlab.runs.session import Session
from seqlab.runs.stopwatch import Stopwatch
from seqlab.training.divergence import DivergenceError
from seqlab.training.interrupts import Interrupted
from seqlab.training.randomness import seeded

Where = Callable[[NDArray[np.int64]], tuple[str, list[int]]]
"""Rows of the training split → where they were read, and their numbers there."""


def complete(
    session: Session, watch: Stopwatch, where: Where, *, resume: bool = False
) -> dict[str, Any]:
    """Train, evaluate, and write the result.

    Args:
        session: What is to be run.
        watch: Has run since the start.
        where: Names the rows of a step that diverged.
        resume: Go on from the newest checkpoint.

    Returns:
        The result.

    Raises:
        RunError: Training failed; its notes say how to go on.
        Interrupted: The process was asked to end; the same.
    """
    device = session.device
    own = session.resolved.config.seed + device.rank * 1_000_003  # processes drop other entries
    try:
        with flushed_denormals(), seeded(own), session.interrupts.watched():
            return session.complete(watch, resume=resume)
    except RuntimeError as error:
        if device.world == 1 or not is_loss(error):
            raise
        raise RunError(
            "another process of this run has ended",
            location=f"process {device.rank} of {device.world}, after step {session.run.step}",
            remedy="its own message says why; with as many processes as you like "
            + _go_on(session),
        ) from error
    except (Interrupted, RunError) as error:
        if isinstance(error, DivergenceError):
            with suppress(UserError):  # the data are gone: rows keep their numbers in the part
                error.locate(*where(error.rows))
        saved = session.run.step and (session.run.folder / "checkpoints").exists()
        if saved or isinstance(error, Interrupted):
            error.add_note(_go_on(session))
        raise


def _go_on(session: Session) -> str:
    return f"go on with: seqlab run --resume {quote(str(session.run.folder))}"
