import signal
import threading
from collections.abc import Iterator

import pytest

from seqlab.training.interrupts import Interrupted, Interrupts


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Handle SIGINT, which a shell lets a background process ignore."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_raises_immediately(number: signal.Signals) -> None:
    with Interrupts().watched(), pytest.raises(Interrupted, match=number.name) as caught:
        signal.raise_signal(number)
    assert caught.value.number == number


def test_a_held_signal_is_kept_for_a_check() -> None:
    interrupts, events = Interrupts(), []
    with interrupts.watched(), pytest.raises(Interrupted), interrupts.held():
        interrupts.check()
        signal.raise_signal(signal.SIGTERM)
        events.append("step")
        interrupts.check()
        events.append("never")
    assert events == ["step"]


def test_a_held_signal_raises_at_the_end() -> None:
    interrupts = Interrupts()
    with interrupts.watched(), pytest.raises(Interrupted), interrupts.held():
        signal.raise_signal(signal.SIGTERM)


def test_a_second_signal_raises_immediately() -> None:
    interrupts, events = Interrupts(), []
    with interrupts.watched(), pytest.raises(Interrupted), interrupts.held():
        signal.raise_signal(signal.SIGINT)
        events.append("kept")
        signal.raise_signal(signal.SIGINT)
        events.append("never")
    assert events == ["kept"]


def test_a_signal_raises_immediately_while_released() -> None:
    interrupts = Interrupts()
    with interrupts.watched(), interrupts.held():
        with pytest.raises(Interrupted), interrupts.released():
            signal.raise_signal(signal.SIGTERM)
        interrupts.received = 0
        signal.raise_signal(signal.SIGTERM)  # held again
        with pytest.raises(Interrupted), interrupts.released():
            pytest.fail("a kept signal raises first")
        interrupts.received = 0


def test_handlers_are_restored_and_ignored_signals_stay_ignored() -> None:
    handler = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts().watched():
            assert signal.getsignal(signal.SIGTERM) != handler
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    assert signal.getsignal(signal.SIGTERM) == handler


def test_another_thread_does_not_change_handlers() -> None:
    handler, handlers = signal.getsignal(signal.SIGTERM), []

    def work() -> None:
        with Interrupts().watched():
            handlers.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [handler]
