"""A run that is killed, or finds a full disk or damaged files, is resumed to the same result."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.faults.runs import MODES, Fault, finish, newest, outcome, write_data

KILLS = 20
"""How often the run of each mode is killed."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_data(folder)
    return folder


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The outcome of each mode without faults."""
    outcomes = {}
    for mode in MODES:
        run = tmp_path_factory.mktemp("whole") / "run"
        assert finish(mode, data, run) == 0, (run.parent / "run.log").read_text()
        outcomes[mode] = outcome(run)
    return outcomes


def assert_outcome(run: Path, expected: dict[str, Any]) -> None:
    actual = outcome(run)
    for name, value in expected.items():
        assert actual[name] == value, name


@pytest.mark.parametrize("mode", MODES)
def test_killed_at_random_steps(
    mode: str, data: Path, whole: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    steps = whole[mode]["steps"]
    run = tmp_path / "run"
    for step in sorted(random.Random(mode).sample(range(1, steps + 1), KILLS)):
        assert finish(mode, data, run, Fault("kill", step)) == -9, step
    assert finish(mode, data, run) == 0
    assert_outcome(run, whole[mode])


def test_streamed_rows_have_the_outcome_of_their_file(whole: dict[str, dict[str, Any]]) -> None:
    assert whole["stream"] == whole["length buckets"]


@pytest.mark.parametrize(("kind", "status"), [("term", 143), ("interrupt", 130)])
def test_ended_by_a_signal(
    kind: str, status: int, data: Path, whole: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    mode, run = "carried state", tmp_path / "run"
    for step in (1, 5, 6, 20, whole[mode]["steps"]):
        assert finish(mode, data, run, Fault(kind, step)) == status
        assert newest(run).name == f"step-{step:09d}"  # no step is lost
    assert finish(mode, data, run) == 0
    assert_outcome(run, whole[mode])


def test_a_full_disk(data: Path, whole: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    mode, run = "length buckets", tmp_path / "run"
    assert finish(mode, data, run, Fault("kill", 8)) == -9
    sizes = [path.stat().st_size for path in newest(run).iterdir()]
    for step, size in ((12, 0), (20, min(sizes) // 2), (40, max(sizes) // 2)):
        before = newest(run)
        assert finish(mode, data, run, Fault("full", step, size)) == 1
        assert newest(run) >= before
        assert not list((run / "checkpoints").glob(".*"))  # unfinished files are removed
        lines = (tmp_path / "run.log").read_text().splitlines()
        assert any("cannot be saved: " in line for line in lines)
        assert lines[-1] == f"continue with: seqlab run --resume {run}"
    assert finish(mode, data, run) == 0
    assert_outcome(run, whole[mode])


@pytest.mark.parametrize(("file", "twentieths"), [("tensors.safetensors", 10), ("state.json", 19)])
def test_a_truncated_newest_checkpoint(
    file: str, twentieths: int, data: Path, whole: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    mode, run = "series", tmp_path / "run"
    assert finish(mode, data, run, Fault("kill", 20)) == -9
    damaged = newest(run)
    content = (damaged / file).read_bytes()
    (damaged / file).write_bytes(content[: len(content) * twentieths // 20])
    assert finish(mode, data, run) == 0
    log = (tmp_path / "run.log").read_text()
    assert "checkpoint of step 18 is damaged and skipped" in log
    assert "from step 15" in log
    assert_outcome(run, whole[mode])
