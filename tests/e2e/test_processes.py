"""Several processes, started by `torchrun`, have the same result as one."""

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
    variables = {"OMP_NUM_THREADS": "1"}
    if sys.platform == "linux":
        variables["GLOO_SOCKET_IFNAME"] = "lo"  # a host name may not resolve
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    return subprocess.Popen(
        [*launch, f"--nproc-per-node={processes}", "-m", "seqlab", "run", *arguments],
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def flags(options: list[str]) -> list[str]:
    return [word for option in options for word in ("-o", option)]


def assert_same(run: Path, expected: Path) -> None:
    """Metrics, training loss and weights are equal up to the order of sums."""
    result, expected_result = (
        json.loads((folder / "result.json").read_text()) for folder in (run, expected)
    )
    for split, metrics in expected_result["metrics"].items():
        for name, metric in metrics.items():
            # including the interval, which depends on the number of examples
            assert result["metrics"][split][name] == pytest.approx(metric, abs=1e-5)
    assert train_losses(run) == pytest.approx(train_losses(expected), abs=1e-5)
    weights = load_file(expected / "model.safetensors")
    for name, tensor in load_file(run / "model.safetensors").items():
        torch.testing.assert_close(tensor, weights[name], rtol=0, atol=1e-5)


def train_losses(run: Path) -> list[float]:
    lines = (run / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["train_loss"] for line in lines]


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with one process."""
    folder = tmp_path_factory.mktemp("one") / "run"
    seqlab.run(
        task="sentiment", model="lstm", options=["data.rows=120", *SMALL], epochs=2, out=folder
    )
    return folder


@pytest.mark.parametrize("processes", [2, 3])
def test_the_result_does_not_depend_on_the_number_of_processes(
    tmp_path: Path, single: Path, processes: int
) -> None:
    """The 96 texts are not a multiple of the batch size, nor that of the number of processes."""
    command = ["--task", "sentiment", "--model", "lstm", "--epochs", "2", "--json"]
    launcher = torchrun(
        processes, *command, *flags(["data.rows=120", *SMALL]), "--out", str(tmp_path / "run")
    )
    output, errors = launcher.communicate(timeout=300)
    assert launcher.returncode == 0, errors
    assert json.loads(output)["processes"] == processes  # only one of them has written
    assert_same(tmp_path / "run", single)


def test_a_run_continues_with_fewer_processes_after_one_was_killed(tmp_path: Path) -> None:
    generator = random.Random(0)
    (tmp_path / "text.txt").write_text("".join(generator.choice("abcde ") for _ in range(20_000)))
    options = [*SMALL, "train.save_steps=10", "task.length=16", "train.reset_state=0.1"]
    folder = tmp_path / "killed"
    command = ["--task", "chars", "--model", "lstm", "--epochs", "3"]
    command += ["--data", str(tmp_path / "text.txt"), *flags(options)]
    launcher = torchrun(2, *command, "--out", str(folder))
    _kill_one(launcher, folder)
    _, errors = launcher.communicate(timeout=300)
    assert launcher.returncode != 0
    assert "another process of this run has ended" in errors
    result = seqlab.run(resume=folder)
    assert result["resumed_from"] >= 10
    uninterrupted = tmp_path / "uninterrupted"
    data = str(tmp_path / "text.txt")
    seqlab.run(task="chars", model="lstm", data=data, options=options, epochs=3, out=uninterrupted)
    assert_same(folder, uninterrupted)


def _kill_one(launcher: subprocess.Popen[str], folder: Path) -> None:
    """`kill -9` the second worker after the first checkpoint, within the first epoch."""
    deadline = time.monotonic() + 240
    while not any((folder / "checkpoints").glob("step-*")) and time.monotonic() < deadline:
        assert launcher.poll() is None, launcher.communicate()
        time.sleep(0.02)
    children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text().split()
    for child in children:
        environment = Path(f"/proc/{child}/environ").read_text().split("\0")
        if "RANK=1" in environment:
            os.kill(int(child), signal.SIGKILL)
            return
    raise AssertionError("there is no second worker")
