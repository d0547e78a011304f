"""Signals that end a process: obeyed at once, or when the step under way is complete."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl-C, the end that an operating system or a scheduler asks for, and a terminal that closes."""


class Interrupted(KeyboardInterrupt):
    """The process was asked to end.

    Args:
        number: The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Interrupts:
    """Raises `Interrupted` where a signal asks the process to end.

    Outside of `held` that is at once; inside, a first signal waits for `check`, a second one does
    not. A signal that the process ignores, as after `nohup`, stays ignored.
    """

    def __init__(self) -> None:
        self.received = 0
        self._held = False

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Inside, signals are handled here; only a process's first thread can do so."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}
        for number, handler in before.items():
            if handler not in (signal.SIG_IGN, None):
                signal.signal(number, self._handle)
        try:
            yield
        finally:
            for number, handler in before.items():
                if handler is not None:
                    signal.signal(number, handler)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Inside, a signal waits for `check`, or for the end."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self.check()

    @contextlib.contextmanager
    def released(self) -> Iterator[None]:
        """Inside, within `held`, a signal is obeyed at once."""
        self._held = False
        try:
            self.check()
            yield
        finally:
            self._held = True

    def check(self) -> None:
        """Obey a signal that waits.

        Raises:
            Interrupted: There is one.
        """
        if self.received:
            raise Interrupted(self.received)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        waits = self._held and not self.received
        self.received = number
        if not waits:
            raise Interrupted(number)
