import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from seqlab.data.sampler import Group
from seqlab.training.loop import Loop
from tests.e2e.conftest import MAIN, SMALL, call, done, done_json

LONG = (*MAIN, "-o", "data.rows=2000", "-o", "train.save_steps=5", "-o", "train.batch_size=16")
SECONDS = 60


def kill_in_mid_epoch(run: Path) -> None:
    command = [sys.executable, "-m", "seqlab", *LONG, "--epochs", "2", "--out", str(run)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + SECONDS
    while not list((run / "checkpoints").glob("step-*")):
        assert process.poll() is None, "ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_killed_and_resumed_is_as_uninterrupted(tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    kill_in_mid_epoch(killed)
    resumed = done_json("run", "--resume", killed)
    done(*LONG, "--epochs", 2, "--out", whole)
    assert resumed["resumed_from"] % 100 != 0  # not between two epochs
    assert resumed["steps"] == 200
    tensors, expected = (load_file(run / "model.safetensors") for run in (killed, whole))
    assert set(tensors) == set(expected)
    assert all(torch.equal(tensors[name], expected[name]) for name in expected)
    assert (killed / "metrics.jsonl").read_text() == (whole / "metrics.jsonl").read_text()
    results = [json.loads((run / "result.json").read_text()) for run in (killed, whole)]
    assert results[0]["metrics"] == results[1]["metrics"]


def test_finished_run_has_nothing_to_do(finished: Path) -> None:
    before = (finished / "model.safetensors").stat().st_mtime_ns
    result = call("run", "--resume", finished, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["run"] == str(finished)
    assert "nothing to do" in result.stderr
    assert (finished / "model.safetensors").stat().st_mtime_ns == before


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_and_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, status: int
) -> None:
    real = Loop._step

    def stepped(self: Loop, group: Group) -> None:
        if self.run.step == 1:
            signal.raise_signal(number)  # in the middle of the second step
        real(self, group)

    monkeypatch.setattr(Loop, "_step", stepped)
    run = tmp_path / "run"
    result = call(*MAIN, *SMALL, "--epochs", 1, "--out", run)
    assert (result.exit_code, result.stdout) == (status, "")
    assert result.stderr.count(f"interrupted by {number.name}; go on with: ") == 1
    assert f"seqlab run --resume {run}" in result.stderr
    assert "Traceback" not in result.stderr
    monkeypatch.setattr(Loop, "_step", real)
    assert done_json("run", "--resume", run)["resumed_from"] == 2
