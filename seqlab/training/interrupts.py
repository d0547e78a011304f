"""Signals that end the process, either immediately or once the current step is complete."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl-C; a request by the operating system or a scheduler; a terminal that was closed."""


class Interrupted(KeyboardInterrupt):
    """The process was asked to end.

    Args:
        number: The number of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Interrupts:
    """Raises `Interrupted` when a signal asks the process to end.

    The error is raised immediately, except within `held`: there the first signal is kept for
    `check`, and only a second one raises immediately. A signal that the process ignores, for
    example after `nohup`, is still ignored.
    """

    def __init__(self) -> None:
        self.received = 0
        self._held = False

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Handle signals within this context. Does nothing outside the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
        handlers = {number: signal.getsignal(number) for number in numbers}
        for number, handler in handlers.items():
            if handler not in (signal.SIG_IGN, None):
                signal.signal(number, self._handle)
        try:
            yield
        finally:
            for number, handler in handlers.items():
                if handler is not None:
                    signal.signal(number, handler)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep a signal for `check`, or for the end of this context."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self.check()

    @contextlib.contextmanager
    def released(self) -> Iterator[None]:
        """Raise for a signal immediately, although the context is within `held`."""
        self._held = False
        try:
            self.check()
            yield
        finally:
            self._held = True

    def check(self) -> None:
        """Raise for a signal that was kept.

        Raises:
            Interrupted: A signal was received.
        """
        if self.received:
            raise Interrupted(self.received)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        is_kept = self._held and not self.received
        self.received = number
        if not is_kept:
            raise Interrupted(number)
