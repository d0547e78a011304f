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

from seqlab.data.encoding import encoding
from seqlab.data.encoding.encoding import count_ids, encode_texts
from seqlab.data.encoding.growing import Growing
from seqlab.data.encoding.workers import data_workers, encode_beside, worker_count
from seqlab.errors import PluginError, UserError
from seqlab.plugin.manager import installed

TEXTS = [f"a film {n} " * (n % 5) for n in range(40)]

PLUGIN = '''
import os
import signal

import numpy as np

from seqlab import Ragged, UserError, hookimpl


class Own:
    """Lengths of texts.

    Args:
        fault: What befalls it.
    """

    cut_at, size, unknown = "anywhere", 1_000, None

    def __init__(self, fault: str = ""):
        self.fault = fault

    def fit(self, texts):
        list(texts)

    def encode(self, texts):
        print("no answer")
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
    register("own", Own, summary="Own")
'''


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "_TEXTS", 3)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(PLUGIN)
    return tmp_path / "own.py"


def own(file: Path, fault: str = "") -> Any:
    made: Any = installed().with_files([file]).tokenizers.get("own").load()
    return made(fault)


def tokenizer(name: str, **options: Any) -> Any:
    made = installed().tokenizers.get(name).load()(**options)
    made.fit(TEXTS)
    return made


@pytest.mark.parametrize(
    ("name", "options"),
    [("word", {}), ("char", {"unknown": "drop"}), ("bpe", {"vocab_size": 260})],
)
def test_any_number_gives_the_same_ids_in_order(name: str, options: dict[str, Any]) -> None:
    given = tokenizer(name, **options)
    expected, counts = encode_texts(given, TEXTS), count_ids(given, TEXTS)
    for count in (2, 3):
        with data_workers(count):
            found = encode_texts(given, iter(TEXTS))
            np.testing.assert_array_equal(found.values, expected.values)
            np.testing.assert_array_equal(found.lengths, expected.lengths)
            np.testing.assert_array_equal(count_ids(given, TEXTS), counts)
    assert worker_count() == 1


def test_a_plugin_of_one_file_is_found(file: Path) -> None:
    with data_workers(2):
        found = encode_texts(own(file), TEXTS)
    assert found.values.tolist() == list(map(len, TEXTS))
    changed = own(file)
    file.write_text(PLUGIN + "# changed")
    with data_workers(2), pytest.raises(UserError, match=r"own\.py' has changed"):
        encode_texts(changed, TEXTS)


def test_modules_are_found_where_this_process_finds_them(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(file.parent))
    monkeypatch.delitem(sys.modules, "own", raising=False)
    with data_workers(2):
        found = encode_texts(importlib.import_module("own").Own(), TEXTS)
    assert found.values.tolist() == list(map(len, TEXTS))


def test_a_single_piece_needs_nobody(file: Path) -> None:
    with data_workers(2), pytest.raises(LookupError) as caught:
        encode_texts(own(file, "any"), TEXTS[:3])
    assert not hasattr(caught.value, "__notes__")


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ("user", UserError, "not this text\n  where: here\n  try:   another"),
        ("large", PluginError, "a tokenizer of 1000 symbols gives ids from 5000"),
        ("any", LookupError, "not found"),
        ("odd", PluginError, "Odd: odd\n  where: data.workers"),
        (
            "kill",
            UserError,
            "that encodes texts has ended: SIGKILL\n  where: data.workers",
        ),
    ],
)
def test_an_error_comes_through(file: Path, fault: str, kind: type, said: str) -> None:
    with data_workers(2), pytest.raises(kind, match=said) as caught:
        encode_texts(own(file, fault), TEXTS)
    notes = getattr(caught.value, "__notes__", [])
    assert [str(file) in note and "in encode" in note for note in notes] == [True] * (
        fault == "any"
    )


def test_a_class_that_nobody_else_finds_is_named() -> None:
    class Local(type(tokenizer("word"))):  # type: ignore[misc]
        pass

    with data_workers(2), pytest.raises(UserError, match=r"find the tokenizer .*Local") as caught:
        encode_texts(Local(), TEXTS)
    assert "or -o data.workers=1" in caught.value.remedy


def test_no_more_pieces_than_workers_wait() -> None:
    taken = 0

    def pieces() -> Iterator[tuple[int, list[Any]]]:
        nonlocal taken
        for taken in range(1, 9):
            yield taken, ["a"]

    with data_workers(2):
        for done, (label, _) in enumerate(encode_beside(tokenizer("word"), pieces()), 1):
            assert label == done
            assert taken <= done + 2


def children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def test_whoever_stops_reading_leaves_nobody_behind() -> None:
    def texts() -> Iterator[str]:
        yield from TEXTS
        raise KeyboardInterrupt

    before = children(os.getpid())
    with data_workers(2), pytest.raises(KeyboardInterrupt):
        encode_texts(tokenizer("word"), texts())
    assert children(os.getpid()) == before


def test_whoever_cannot_keep_ids_leaves_nobody_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def append(values: Any) -> None:
        raise UserError("no room")

    before = children(os.getpid())
    monkeypatch.setattr(Growing, "append", lambda growing, values: append(values))
    with data_workers(2), pytest.raises(UserError, match="no room") as caught:
        encode_texts(tokenizer("word"), TEXTS)
    assert children(os.getpid()) == before, caught  # whose frames are still there


SCRIPT = """
import signal, sys, time
from seqlab.data.encoding import encoding
from seqlab.data.encoding.workers import data_workers
from seqlab.plugin.manager import installed

signal.signal(signal.SIGINT, signal.default_int_handler)
encoding._TEXTS = 3
made = installed().tokenizers.get("word").load()()
made.fit(["a b"])

def texts():
    yield from ["a"] * 12
    print("begun", flush=True)
    time.sleep(600)

with data_workers(2):  # without a guard: nobody imports this script once more
    encoding.encode_texts(made, texts())
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
        said = process.stderr.read()  # until the last of them is gone
    assert said.count("Traceback") == (number == signal.SIGINT)
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.01)
