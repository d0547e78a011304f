"""Prediction of any number of rows in constant memory."""

from __future__ import annotations

import gc
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import seqlab
from seqlab.cli import cli
from seqlab.data.reading import chunks
from seqlab.data.reading.rows import read_rows

LINES = 20_000


class Line(str):
    """A line that is counted while anybody holds it."""

    alive = 0
    most = 0

    def __init__(self, text: str) -> None:
        Line.alive += 1
        Line.most = max(Line.most, Line.alive)

    def __del__(self) -> None:
        Line.alive -= 1


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    rows = [{"text": f"so {'good' if n % 2 else 'bad'}", "label": n % 2} for n in range(40)]
    options = {"model.hidden_size": 2, "model.embedding_size": 2, "tokenizer.min_count": 1}
    seqlab.run(task="classify", model="rnn", data=rows, options=options, out=folder, smoke=True)
    return folder


def lines(count: int) -> Iterator[Line]:
    for number in range(count):
        yield Line(f"{number} is {'good' if number % 3 else 'bad'}")


def test_few_rows_are_held_at_a_time(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "ROWS", 256)
    loaded, seen = seqlab.load(run), 0
    for number, record in enumerate(loaded.predict_stream(lines(LINES))):
        assert record["text"].startswith(f"{number} is ")
        seen += 1
    gc.collect()
    assert seen == LINES
    assert 256 <= Line.most <= 3 * 256


def test_long_rows_are_fewer_at_a_time(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHARACTERS", 1000)
    rows_read: list[int] = []

    def long_rows() -> Iterator[str]:
        for number in range(40):
            rows_read.append(number)
            yield "so good " * 25

    first = next(seqlab.load(run).predict_stream(long_rows()))
    assert first["text"] == "so good " * 25
    assert len(rows_read) == 5


def test_the_buffer_does_not_change_what_is_predicted(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = seqlab.load(run)
    whole = loaded.predict(list(lines(300)))
    monkeypatch.setattr(chunks, "ROWS", 7)
    for one, other in zip(whole, loaded.predict(list(lines(300))), strict=True):
        assert one["predicted"] == other["predicted"]
        assert one["score"] == pytest.approx(other["score"], abs=1e-6)


def test_standard_input_is_read_as_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(io.RawIOBase):
        read_so_far = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            self.read_so_far += len(buffer)
            buffer[:] = (b"so good\n" * (1 + len(buffer) // 8))[: len(buffer)]
            return len(buffer)

    raw = Endless()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(raw)))
    rows = read_rows("-")
    assert [next(rows) for _ in range(3)] == ["so good"] * 3
    assert raw.read_so_far < 1 << 20


def test_standard_input_goes_to_a_file_in_order(run: Path, tmp_path: Path) -> None:
    standard_input = "".join(f"{line}\n" for line in lines(3000))
    target = tmp_path / "notices.jsonl"
    arguments = ["predict", str(run), "--input", "-", "--output", str(target)]
    done = CliRunner().invoke(cli, arguments, input=standard_input)
    assert done.exit_code == 0, done.output
    texts = [json.loads(line)["text"] for line in target.read_text().splitlines()]
    assert texts == standard_input.splitlines()
