"""The library `datasets` without its progress bars and log messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress the progress bars and log messages of `datasets`."""
    import datasets
    from datasets.utils import logging

    # HF_DATASETS_DISABLE_PROGRESS_BARS=0 enforces bars: disabling them would emit a warning
    hide = not datasets.are_progress_bars_disabled()
    hide = hide and datasets.config.HF_DATASETS_DISABLE_PROGRESS_BARS is not False
    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.CRITICAL)
    if hide:
        datasets.disable_progress_bars()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if hide:
            datasets.enable_progress_bars()


def one_line(error: BaseException) -> str:
    """The message of the root cause of an error, in one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
