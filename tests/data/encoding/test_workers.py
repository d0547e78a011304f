from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqlab.data.contracts import Text
from seqlab.data.encoding import encoding
from seqlab.data.encoding.encoding import count_ids, encode_texts
from seqlab.data.encoding.growing import Growing
from seqlab.data.encoding.workers import data_workers, encode_in_workers, worker_count
from seqlab.errors import PluginError, UserError
from seqlab.plugin.manager import installed

TEXTS = [f"a film {n} " * (n % 5) for n in range(40)]

PLUGIN = '''
import os
import signal

import numpy as np

from seqlab import Ragged, UserError, hookimpl


class Lengths:
    """Encodes each text as its length.

    Args:
        fault: How `encode` fails.
    """

    cut_at, size, unknown = "anywhere", 1_000, None

    def __init__(self, fault: str = ""):
        self.fault = fault

    def fit(self, texts):
        list(texts)

    def encode(self, texts):
        print("not a response")
        if self.fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fault == "user":
            raise UserError("not this text", location="here", remedy="another")
        if self.fault == "any":
            raise LookupError("not found")
        if self.fault == "odd":
            raise Odd(1, 2)
        ids = [5_000 if self.fault == "large" else len(text) for text in texts]
        return Ragged(np.array(ids, np.int32), np.ones(len(ids), np.int64))

    def decode(self, ids):
        return ""

    def to_json(self):
        return {"fault": self.fault}

    @classmethod
    def from_json(cls, state):
        return cls(**state)


class Odd(Exception):
    def __init__(self, one, two):
        super().__init__("odd")


@hookimpl
def register_tokenizers(register):
    register("lengths", Lengths, summary="Lengths of texts")
'''


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "_MAX_TEXTS", 3)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "lengths.py").write_text(PLUGIN)
    return tmp_path / "lengths.py"


def plugin_tokenizer(file: Path, fault: str = "") -> Any:
    kind: Any = installed().with_files([file]).tokenizers.get("lengths").load()
    return kind(fault)


def tokenizer(name: str, **options: object) -> Any:
    fitted = installed().tokenizers.get(name).load()(**options)
    fitted.fit(TEXTS)
    return fitted


@pytest.mark.parametrize(
    ("name", "options"),
    [("word", {}), ("char", {"unknown": "drop"}), ("bpe", {"vocab_size": 260})],
)
def test_any_number_of_workers_gives_the_same_ids_in_order(
    name: str, options: dict[str, object]
) -> None:
    fitted = tokenizer(name, **options)
    expected, counts = encode_texts(fitted, TEXTS), count_ids(fitted, TEXTS)
    for count in (2, 3):
        with data_workers(count):
            encoded = encode_texts(fitted, iter(TEXTS))
            np.testing.assert_array_equal(encoded.values, expected.values)
            np.testing.assert_array_equal(encoded.lengths, expected.lengths)
            np.testing.assert_array_equal(count_ids(fitted, TEXTS), counts)
    assert worker_count() == 1


def test_a_one_file_plugin_is_imported(file: Path) -> None:
    with data_workers(2):
        encoded = encode_texts(plugin_tokenizer(file), TEXTS)
    assert encoded.values.tolist() == list(map(len, TEXTS))
    changed = plugin_tokenizer(file)
    file.write_text(PLUGIN + "# changed")
    with data_workers(2), pytest.raises(UserError, match=r"lengths\.py' has changed"):
        encode_texts(changed, TEXTS)


def test_modules_are_imported_from_the_same_path(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(file.parent))
    monkeypatch.delitem(sys.modules, "lengths", raising=False)
    with data_workers(2):
        encoded = encode_texts(importlib.import_module("lengths").Lengths(), TEXTS)
    assert encoded.values.tolist() == list(map(len, TEXTS))


def test_a_single_batch_needs_no_worker(file: Path) -> None:
    with data_workers(2), pytest.raises(LookupError) as caught:
        encode_texts(plugin_tokenizer(file, "any"), TEXTS[:3])
    assert not hasattr(caught.value, "__notes__")


@pytest.mark.parametrize(
    ("fault", "kind", "message"),
    [
        ("user", UserError, "not this text\n  where: here\n  try:   another"),
        ("large", PluginError, "a tokenizer with 1000 tokens returned ids from 5000"),
        ("any", LookupError, "not found"),
        ("odd", PluginError, "Odd: odd\n  where: data.workers"),
        (
            "kill",
            UserError,
            "that encodes texts has ended: SIGKILL\n  where: data.workers",
        ),
    ],
)
def test_an_error_is_raised_here(
    file: Path, fault: str, kind: type[Exception], message: str
) -> None:
    with data_workers(2), pytest.raises(kind, match=message) as caught:
        encode_texts(plugin_tokenizer(file, fault), TEXTS)
    notes = getattr(caught.value, "__notes__", [])
    assert [str(file) in note and "in encode" in note for note in notes] == [True] * (
        fault == "any"
    )


def test_a_class_that_workers_cannot_import_is_named() -> None:
    class Local(type(tokenizer("word"))):  # type: ignore[misc]
        pass

    with (
        data_workers(2),
        pytest.raises(UserError, match=r"cannot find the tokenizer .*Local") as caught,
    ):
        encode_texts(Local(), TEXTS)
    assert "or -o data.workers=1" in caught.value.remedy


def test_no_more_batches_than_workers_are_in_memory() -> None:
    batches_read = 0

    def batches() -> Iterator[tuple[int, list[Text]]]:
        nonlocal batches_read
        for batches_read in range(1, 9):
            yield batches_read, ["a"]

    with data_workers(2):
        for done, (label, _) in enumerate(encode_in_workers(tokenizer("word"), batches()), 1):
            assert label == done
            assert batches_read <= done + 2


def children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def test_an_interrupt_while_reading_ends_all_workers() -> None:
    def texts() -> Iterator[str]:
        yield from TEXTS
        raise KeyboardInterrupt

    before = children(os.getpid())
    with data_workers(2), pytest.raises(KeyboardInterrupt):
        encode_texts(tokenizer("word"), texts())
    assert children(os.getpid()) == before


def test_an_error_while_storing_ids_ends_all_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    def append(array: Growing, values: object) -> None:
        raise UserError("no room")

    before = children(os.getpid())
    monkeypatch.setattr(Growing, "append", append)
    with data_workers(2), pytest.raises(UserError, match="no room") as caught:
        encode_texts(tokenizer("word"), TEXTS)
    assert children(os.getpid()) == before, caught  # whose frames are alive


SCRIPT = """
import signal, sys, time
from seqlab.data.encoding import encoding
from seqlab.data.encoding.workers import data_workers
from seqlab.plugin.manager import installed

signal.signal(signal.SIGINT, signal.default_int_handler)
encoding._MAX_TEXTS = 3
tokenizer = installed().tokenizers.get("word").load()()
tokenizer.fit(["a b"])

def texts():
    yield from ["a"] * 12
    print("begun", flush=True)
    time.sleep(600)

with data_workers(2):  # without a guard: workers do not import this script
    encoding.encode_texts(tokenizer, texts())
"""


def ignores_interrupts(process: int) -> bool:
    status = Path(f"/proc/{process}/status").read_text()
    (ignored,) = (line for line in status.splitlines() if line.startswith("SigIgn:"))
    return bool(int(ignored.split()[1], 16) & 1 << signal.SIGINT - 1)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_their_process(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "script.py").write_text(textwrap.dedent(SCRIPT))
    command, pipe = [sys.executable, str(tmp_path / "script.py")], subprocess.PIPE
    with (
        subprocess.Popen(
            command, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        ) as process,
        ExitStack() as stack,
    ):
        stack.callback(process.kill)
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "begun\n"
        workers = children(process.pid)
        assert len(workers) == 2
        assert all(ignores_interrupts(worker) for worker in workers)
        os.killpg(process.pid, number) if number == signal.SIGINT else process.kill()
        errors = process.stderr.read()  # until the last of them has ended
    assert errors.count("Traceback") == (number == signal.SIGINT)
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.01)
