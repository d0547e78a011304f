"""Processes that encode texts beside this one: the same ids in the same order, sooner."""

from __future__ import annotations

import json
import pickle
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from subprocess import PIPE, Popen
from typing import IO, Any, TypeVar, cast

from seqlab.data.contracts import Text, Tokenizer
from seqlab.errors import UserError
from seqlab.spec import Ragged

T = TypeVar("T")

_COUNT = ContextVar("data.workers", default=1)

_START = """\
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the run, which ends its workers
sys.path[:] = sys.argv[1:]
from seqlab.data.encoding.worker import serve
serve()
"""
"""No fork, which torch's threads would not survive, and no process of `multiprocessing`, which
would import the user's script once more."""


@contextmanager
def data_workers(count: int) -> Iterator[None]:
    """As long as it lasts, so many processes encode texts; one is this process itself."""
    before = _COUNT.set(count)
    try:
        yield
    finally:
        _COUNT.reset(before)


def worker_count() -> int:
    """How many processes encode texts."""
    return _COUNT.get()


def encode_beside(
    tokenizer: Tokenizer, pieces: Iterable[tuple[T, list[Text]]]
) -> Iterator[tuple[T, Ragged]]:
    """The ids of each piece, in order; no more pieces than workers are in memory.

    Args:
        tokenizer: Fitted; its class has to be found by its module's name or file.
        pieces: What the piece is of, and its texts.

    Raises:
        UserError: The tokenizer's class is not found, or a worker has been ended.
    """
    kind = type(tokenizer)
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    made = (kind.__module__, kind.__qualname__, file, json.dumps(tokenizer.to_json()))
    busy: deque[tuple[T, _Worker]] = deque()
    with ExitStack() as stack:
        idle = [_Worker(stack) for _ in range(worker_count())]
        for worker in idle:
            worker.ask(made)
        for worker in idle:
            worker.answer()
        for label, texts in pieces:
            done = None
            if not idle:
                before, worker = busy.popleft()
                done = before, cast(Ragged, worker.answer())
                idle.append(worker)
            worker = idle.pop()
            worker.ask(texts)
            busy.append((label, worker))
            if done is not None:
                yield done
        for label, worker in busy:
            yield label, cast(Ragged, worker.answer())


class _Worker:
    """A process that answers one question at a time; it ends with this process, if not before.

    Args:
        stack: At whose end it is ended.
    """

    def __init__(self, stack: ExitStack) -> None:
        command = [sys.executable, "-c", _START, *sys.path]
        self._process = Popen(command, stdin=PIPE, stdout=PIPE)
        stack.callback(self._end)

    def ask(self, what: object) -> None:
        """Give it something to do, which it has to be waiting for."""
        given = cast(IO[bytes], self._process.stdin)
        try:
            pickle.dump(what, given, pickle.HIGHEST_PROTOCOL)
            given.flush()
        except OSError:
            raise self._ended() from None

    def answer(self) -> Any:
        """What it found; an error is raised here."""
        try:
            found = pickle.load(cast(IO[bytes], self._process.stdout))
        except (EOFError, OSError, pickle.UnpicklingError):
            raise self._ended() from None
        if isinstance(found, Exception):
            raise found
        return found

    def _ended(self) -> UserError:
        status = self._process.wait()
        how = signal.Signals(-status).name if status < 0 else f"status {status}"
        return UserError(
            f"a process that encodes texts has ended: {how}",
            location="data.workers",
            remedy="if memory ran out, -o data.workers=1 takes less; else its own message says why",
        )

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what it was asked and never read
                cast(IO[bytes], pipe).close()
