"""Several processes, as `torchrun` starts them, give what one gives."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch.distributed
from safetensors.torch import load_file

import seqlab

pytestmark = pytest.mark.skipif(
    not torch.distributed.is_gloo_available(), reason="torch without gloo"
)

PLAIN = ["model.embedding_dropout=0", "model.token_dropout=0", "model.head_dropout=0"]
SMALL = [*PLAIN, "model.hidden_size=8", "model.embedding_size=8", "train.batch_size=7"]


def torchrun(processes: int, *arguments: str) -> subprocess.Popen[str]:
    """`torchrun -m seqlab run` on this machine."""
    own = {"OMP_NUM_THREADS": "1"}
    if sys.platform == "linux":
        own["GLOO_SOCKET_IFNAME"] = "lo"  # a host name may not resolve
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    return subprocess.Popen(
        [*launch, f"--nproc-per-node={processes}", "-m", "seqlab", "run", *arguments],
        env=os.environ | own,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def options(chosen: list[str]) -> list[str]:
    return [word for option in chosen for word in ("-o", option)]


def assert_same(found: Path, expected: Path) -> None:
    """Metrics, the training loss and weights, but for the order of sums."""
    ours, one = (json.loads((run / "result.json").read_text()) for run in (found, expected))
    for split, metrics in one["metrics"].items():
        for name, metric in metrics.items():
            # with the interval, which tells how many examples were counted
            assert ours["metrics"][split][name] == pytest.approx(metric, abs=1e-5)
    lines, known = ((run / "metrics.jsonl").read_text().splitlines() for run in (found, expected))
    for line, other in zip(lines, known, strict=True):
        losses = [json.loads(each)["train_loss"] for each in (line, other)]
        assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    weights = load_file(expected / "model.safetensors")
    for name, tensor in load_file(found / "model.safetensors").items():
        torch.testing.assert_close(tensor, weights[name], rtol=0, atol=1e-5)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one process."""
    folder = tmp_path_factory.mktemp("one") / "run"
    seqlab.run(
        task="sentiment", model="lstm", options=["data.rows=120", *SMALL], epochs=2, out=folder
    )
    return folder


@pytest.mark.parametrize("processes", [2, 3])
def test_one_result_however_many_processes(tmp_path: Path, alone: Path, processes: int) -> None:
    """The 96 texts of very unequal lengths are no multiple of the batch, nor that of processes."""
    asked = ["--task", "sentiment", "--model", "lstm", "--epochs", "2", "--json"]
    started = torchrun(
        processes, *asked, *options(["data.rows=120", *SMALL]), "--out", str(tmp_path / "run")
    )
    said, errors = started.communicate(timeout=300)
    assert started.returncode == 0, errors
    assert json.loads(said)["processes"] == processes  # one of them has spoken
    assert_same(tmp_path / "run", alone)


def test_a_process_dies_and_the_run_goes_on_with_another_number(tmp_path: Path) -> None:
    draw = random.Random(0)
    (tmp_path / "text.txt").write_text("".join(draw.choice("abcde ") for _ in range(20_000)))
    chosen = [*SMALL, "train.save_steps=10", "task.length=16", "train.reset_state=0.1"]
    folder = tmp_path / "cut"
    asked = ["--task", "chars", "--model", "lstm", "--epochs", "3"]
    asked += ["--data", str(tmp_path / "text.txt"), *options(chosen)]
    started = torchrun(2, *asked, "--out", str(folder))
    _kill_one(started, folder)
    _, errors = started.communicate(timeout=300)
    assert started.returncode != 0
    assert "another process of this run has ended" in errors
    result = seqlab.run(resume=folder)
    assert result["resumed_from"] >= 10
    whole = tmp_path / "whole"
    data = str(tmp_path / "text.txt")
    seqlab.run(task="chars", model="lstm", data=data, options=chosen, epochs=3, out=whole)
    assert_same(folder, whole)


def _kill_one(started: subprocess.Popen[str], folder: Path) -> None:
    """`kill -9` the second worker, once a checkpoint within the first epoch is there."""
    end = time.monotonic() + 240
    while not any((folder / "checkpoints").glob("step-*")) and time.monotonic() < end:
        assert started.poll() is None, started.communicate()
        time.sleep(0.02)
    children = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
    for child in children:
        environment = Path(f"/proc/{child}/environ").read_text().split("\0")
        if "RANK=1" in environment:
            os.kill(int(child), signal.SIGKILL)
            return
    raise AssertionError("there is no second worker")
