import signal
import threading
from collections.abc import Iterator

import pytest

from seqlab.training.interrupts import Interrupted, Interrupts


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """As in a process that a shell has not started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_obeyed_at_once(number: signal.Signals) -> None:
    with Interrupts().watched(), pytest.raises(Interrupted, match=number.name) as found:
        signal.raise_signal(number)
    assert found.value.number == number


def test_a_held_signal_waits_for_a_check() -> None:
    interrupts, done = Interrupts(), []
    with interrupts.watched(), pytest.raises(Interrupted), interrupts.held():
        interrupts.check()
        signal.raise_signal(signal.SIGTERM)
        done.append("step")
        interrupts.check()
        done.append("never")
    assert done == ["step"]


def test_a_held_signal_is_not_forgotten_at_the_end() -> None:
    interrupts = Interrupts()
    with interrupts.watched(), pytest.raises(Interrupted), interrupts.held():
        signal.raise_signal(signal.SIGTERM)


def test_a_second_one_does_not_wait() -> None:
    interrupts, done = Interrupts(), []
    with interrupts.watched(), pytest.raises(Interrupted), interrupts.held():
        signal.raise_signal(signal.SIGINT)
        done.append("waits")
        signal.raise_signal(signal.SIGINT)
        done.append("never")
    assert done == ["waits"]


def test_a_released_part_is_left_at_once() -> None:
    interrupts = Interrupts()
    with interrupts.watched(), interrupts.held():
        with pytest.raises(Interrupted), interrupts.released():
            signal.raise_signal(signal.SIGTERM)
        interrupts.received = 0
        signal.raise_signal(signal.SIGTERM)  # held again
        with pytest.raises(Interrupted), interrupts.released():
            pytest.fail("a waiting signal is obeyed first")
        interrupts.received = 0


def test_handlers_are_put_back_and_ignored_signals_stay_ignored() -> None:
    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts().watched():
            assert signal.getsignal(signal.SIGTERM) != before
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    assert signal.getsignal(signal.SIGTERM) == before


def test_another_thread_leaves_signals_alone() -> None:
    before, seen = signal.getsignal(signal.SIGTERM), []

    def work() -> None:
        with Interrupts().watched():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
