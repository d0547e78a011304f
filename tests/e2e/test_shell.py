"""The command in a pipeline: closed and broken pipes, files, no terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import call, done_json


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "seqlab", *arguments]


def test_a_reader_that_closes_the_pipe() -> None:
    with subprocess.Popen(
        command("list"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()  # as `| head -1` does after the first line
        assert process.stderr.read() == ""
        assert process.wait() == 1


def test_no_standard_output() -> None:
    line = " ".join(command("list"))
    process = subprocess.run(["/bin/sh", "-c", f"{line} >&-"], capture_output=True, check=False)
    assert (process.returncode, process.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.txt", "not bad\nso, so\n"),
        ("rows.csv", 'text\nnot bad\n"so, so"\n'),
        ("rows.tsv", "text\tlabel\nnot bad\t?\nso, so\t?\n"),
        ("rows.jsonl", '{"text": "not bad"}\n\n{"text": "so, so"}\n'),
    ],
)
def test_every_input_gives_the_same_predictions(
    name: str, content: str, finished: Path, tmp_path: Path
) -> None:
    typed = call("predict", finished, "not bad", "so, so").stdout.splitlines()
    assert len(typed) == 2
    (tmp_path / name).write_text(content)
    read = call("predict", finished, "--input", tmp_path / name).stdout.splitlines()
    assert [line.split("\t")[:3] for line in read] == [line.split("\t") for line in typed]


def test_standard_input(finished: Path) -> None:
    typed = call("predict", finished, "not bad", "so, so").stdout
    for arguments in ([], ["--input", "-"]):
        assert call("predict", finished, *arguments, stdin="not bad\nso, so\n").stdout == typed
    assert call("predict", finished, stdin="").stdout == ""


def test_columns_of_other_data_are_named_by_options(finished: Path, tmp_path: Path) -> None:
    texts = [("not bad", "positive"), ("so, so", "negative"), ("odd", "negative")]
    file = tmp_path / "mine.csv"
    file.write_text("a,b\n" + "".join(f'"{text}",{label}\n' for text, label in texts))
    options = ("--data", file, "-o", "data.columns.text=a", "-o", "data.columns.label=b")
    metrics = done_json("evaluate", finished, *options)["metrics"]
    errors = done_json("inspect", "errors", finished, *options)
    assert errors["count"] == 3
    assert metrics["accuracy"]["value"] == pytest.approx(1 - errors["wrong"] / 3)
