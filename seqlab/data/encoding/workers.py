"""Worker processes that encode texts: the same ids in the same order, in less time."""

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
from typing import IO, TypeVar, cast

from seqlab.data.contracts import Text, Tokenizer
from seqlab.errors import UserError
from seqlab.spec import Ragged

T = TypeVar("T")

_COUNT = ContextVar("data.workers", default=1)

_SCRIPT = """\
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the run, which ends its workers
sys.path[:] = sys.argv[1:]
from seqlab.data.encoding.worker import serve
serve()
"""
"""What a worker runs. Not a fork, which the threads of torch would not survive, and not
`multiprocessing`, which would import the user's script again."""


@contextmanager
def data_workers(count: int) -> Iterator[None]:
    """Encode texts in this many worker processes within the context; 1 uses this process."""
    token = _COUNT.set(count)
    try:
        yield
    finally:
        _COUNT.reset(token)


def worker_count() -> int:
    """How many processes encode texts."""
    return _COUNT.get()


def encode_in_workers(
    tokenizer: Tokenizer, batches: Iterable[tuple[T, list[Text]]]
) -> Iterator[tuple[T, Ragged]]:
    """Encode batches of texts, in order; no more batches than workers are in memory.

    Args:
        tokenizer: A fitted tokenizer, whose class can be imported by module name or file.
        batches: A label of each batch, and its texts.

    Raises:
        UserError: The tokenizer's class cannot be imported, or a worker was killed.
    """
    kind = type(tokenizer)
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    state = (kind.__module__, kind.__qualname__, file, json.dumps(tokenizer.to_json()))
    busy: deque[tuple[T, _Worker]] = deque()
    with ExitStack() as stack:
        idle = [_Worker(stack) for _ in range(worker_count())]
        for worker in idle:
            worker.send(state)
        for worker in idle:
            worker.receive()
        for label, texts in batches:
            done = None
            if not idle:
                oldest, worker = busy.popleft()
                done = oldest, cast(Ragged, worker.receive())
                idle.append(worker)
            worker = idle.pop()
            worker.send(texts)
            busy.append((label, worker))
            if done is not None:  # only now: the worker encodes while the caller works on this
                yield done
        for label, worker in busy:
            yield label, cast(Ragged, worker.receive())


class _Worker:
    """A process that answers one request at a time; it ends with this process at the latest.

    Args:
        stack: The process is killed when this stack is closed.
    """

    def __init__(self, stack: ExitStack) -> None:
        command = [sys.executable, "-c", _SCRIPT, *sys.path]
        self._process = Popen(command, stdin=PIPE, stdout=PIPE)
        stack.callback(self._kill)

    def send(self, request: object) -> None:
        """Send a request; the response to the one before must have been received."""
        pipe = cast(IO[bytes], self._process.stdin)
        try:
            pickle.dump(request, pipe, pickle.HIGHEST_PROTOCOL)
            pipe.flush()
        except OSError:
            raise self._died() from None

    def receive(self) -> object:
        """Wait for the response; an error of the worker is raised here."""
        try:
            response: object = pickle.load(cast(IO[bytes], self._process.stdout))
        except (EOFError, OSError, pickle.UnpicklingError):
            raise self._died() from None
        if isinstance(response, Exception):
            raise response
        return response

    def _died(self) -> UserError:
        status = self._process.wait()
        reason = signal.Signals(-status).name if status < 0 else f"status {status}"
        return UserError(
            f"a worker process that encodes texts has ended: {reason}",
            location="data.workers",
            remedy="if memory ran out, -o data.workers=1 needs less; otherwise see its own message",
        )

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # closing flushes a request that the worker never read
                cast(IO[bytes], pipe).close()
