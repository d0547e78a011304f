"""Memory of a finished run: it grows with the longest row, not with the rows beside it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import done

MEASURED = """
import atexit, pathlib, sys
atexit.register(lambda: sys.stderr.write(pathlib.Path("/proc/self/status").read_text()))
from seqlab.cli import main
main()
"""
"""The command, which prints its peak: `ru_maxrss` of a child may be that of its parent."""

SENTENCE = "the lamp works."


def peak(*arguments: object, output: Path | None = None) -> int:
    """The peak memory of a command in bytes; its standard output goes to a file."""
    with (output or Path(os.devnull)).open("wb") as file:
        command = [sys.executable, "-c", MEASURED, *map(str, arguments)]
        result = subprocess.run(command, stdout=file, stderr=subprocess.PIPE, text=True, check=True)
    return 1024 * int(re.findall(r"VmHWM:\s+(\d+) kB", result.stderr)[-1])


@pytest.fixture(scope="module")
def language_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chars") / "run"
    done("run", "--task", "chars", "--model", "gru", "--smoke", "--out", folder)
    return folder


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tag") / "run"
    done("run", "--task", "tag", "--model", "lstm", "--smoke", "--out", folder)
    return folder


def test_one_long_line_among_short_ones(language_model: Path, tmp_path: Path) -> None:
    long = f"{SENTENCE} " * 250
    (tmp_path / "lines.txt").write_text(f"{SENTENCE}\n" * 255 + long + "\n")
    (tmp_path / "long.txt").write_text(long + "\n")
    outputs = [tmp_path / "lines.out", tmp_path / "long.out"]
    together, alone = (
        peak("predict", language_model, "--input", path.with_suffix(".txt"), output=path)
        for path in outputs
    )
    assert together < min(2 * alone, 700_000_000)
    lines, (last,) = (path.read_text().splitlines() for path in outputs)
    first = done("predict", language_model, SENTENCE).rstrip("\n")
    assert len(lines) == 256
    for line, other in ((lines[0], first), (lines[254], first), (lines[-1], last)):
        score, text, nats, character = line.split("\t")
        assert [score, text, character] == [other.split("\t")[index] for index in (0, 1, 3)]
        assert float(nats) == pytest.approx(float(other.split("\t")[2]), rel=1e-5)


def test_one_long_sentence_among_short_ones(tagger: Path, tmp_path: Path) -> None:
    tags = ["DET", "NOUN", "VERB", "DET"]
    short, long = (
        json.dumps({"words": ["a", "b", "c", "d"] * count, "tags": tags * count}) + "\n"
        for count in (4, 1000)
    )
    (tmp_path / "lines.jsonl").write_text(short * 255 + long)
    (tmp_path / "long.jsonl").write_text(long)
    together, alone = (
        peak("inspect", "errors", tagger, "--data", tmp_path / name)
        for name in ("lines.jsonl", "long.jsonl")
    )
    assert together < 2 * alone
