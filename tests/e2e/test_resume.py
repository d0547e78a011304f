import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from seqlab.data.sampling.bucket import StepBatch
from seqlab.runs.folder import RunFolder
from seqlab.training.checkpoint_schedule import CheckpointSchedule
from seqlab.training.trainer import Trainer
from tests.e2e.conftest import MAIN, SMALL, call, done, done_json

LONG = (*MAIN, "-o", "data.rows=2000", "-o", "train.save_steps=5", "-o", "train.batch_size=16")
TIMEOUT = 600


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Ctrl-C interrupts, as in a process that a shell has started in the foreground."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, handler)


def kill_within_an_epoch(run: Path) -> None:
    command = [sys.executable, "-m", "seqlab", *LONG, "--epochs", "2", "--out", str(run)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + TIMEOUT
    while not list((run / "checkpoints").glob("step-*")):
        assert process.poll() is None, "ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_killed_and_resumed_run_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    killed, uninterrupted = tmp_path / "killed", tmp_path / "uninterrupted"
    kill_within_an_epoch(killed)
    resumed = done_json("run", "--resume", killed)
    done(*LONG, "--epochs", 2, "--out", uninterrupted)
    assert resumed["resumed_from"] % 100 != 0  # not between two epochs
    assert resumed["steps"] == 200
    tensors, expected = (load_file(run / "model.safetensors") for run in (killed, uninterrupted))
    assert set(tensors) == set(expected)
    assert all(torch.equal(tensors[name], expected[name]) for name in expected)
    assert (killed / "metrics.jsonl").read_text() == (uninterrupted / "metrics.jsonl").read_text()
    results = [json.loads((run / "result.json").read_text()) for run in (killed, uninterrupted)]
    assert results[0]["metrics"] == results[1]["metrics"]


def test_resuming_a_finished_run_does_nothing(finished: Path) -> None:
    before = (finished / "model.safetensors").stat().st_mtime_ns
    result = call("run", "--resume", finished, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["run"] == str(finished)
    assert "nothing to do" in result.stderr
    assert (finished / "model.safetensors").stat().st_mtime_ns == before


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_a_checkpoint_and_the_message_explains_how_to_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, status: int
) -> None:
    step = Trainer._step

    def interrupted_step(self: Trainer, step_batch: StepBatch) -> None:
        if self.run.step == 1:
            signal.raise_signal(number)  # in the middle of the second step
        step(self, step_batch)

    monkeypatch.setattr(Trainer, "_step", interrupted_step)
    run = tmp_path / "run"
    result = call(*MAIN, *SMALL, "--epochs", 1, "--out", run)
    assert (result.exit_code, result.stdout) == (status, "")
    assert result.stderr.count(f"interrupted by {number.name}; continue with: ") == 1
    assert f"seqlab run --resume {run}" in result.stderr
    assert "Traceback" not in result.stderr
    monkeypatch.setattr(Trainer, "_step", step)
    assert done_json("run", "--resume", run)["resumed_from"] == 2


@pytest.fixture
def interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that was interrupted after its second step."""
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointSchedule, "due", lambda _, step: interrupt(step == 2))
        assert call(*MAIN, *SMALL, "--epochs", 1, "--out", run).exit_code == 143
    return run


def interrupt(now: bool) -> bool:
    if now:
        signal.raise_signal(signal.SIGTERM)
    return False


def test_changed_options_are_refused_or_recorded(interrupted: Path) -> None:
    changed = ("run", "--resume", interrupted, "--epochs", 2, "-o", "train.learning_rate=0.005")
    refused = call(*changed)
    assert refused.exit_code == 2
    assert "train.epochs: 1, now 2" in refused.stderr
    assert "train.learning_rate: 0.00" in refused.stderr
    assert "--accept-changes" in refused.stderr
    result = done_json(*changed, "--accept-changes")
    assert result["epochs"] == 2
    assert result["changed"][0].startswith("after step 2: train.")
    assert len(result["changed"]) == 2
    assert "changed after step 2" not in call("run", "--resume", interrupted).stderr
    reproduced = call("reproduce", interrupted)
    assert reproduced.exit_code == 2
    assert "changed when it was resumed" in reproduced.stderr


def test_changes_that_cannot_be_resumed_with_leave_the_run_as_it_was(interrupted: Path) -> None:
    before = (interrupted / "config.toml").read_text()
    words = ("run", "--resume", interrupted, "--accept-changes")
    assert call(*words, "-o", "model.hidden_size=5").exit_code == 1
    assert (interrupted / "config.toml").read_text() == before
    assert done_json("run", "--resume", interrupted)["changed"] == []


def test_an_option_with_the_same_value_is_not_a_change(interrupted: Path) -> None:
    result = done_json("run", "--resume", interrupted, "--epochs", 1)
    assert (result["changed"], result["epochs"]) == ([], 1)


def test_task_data_and_seed_cannot_be_changed(interrupted: Path) -> None:
    for arguments in (
        ("--task", "pos"),
        ("--seed", 3),
        ("-o", "tokenizer.min_count=3"),
        ("--smoke",),
    ):
        refused = call("run", "--resume", interrupted, *arguments, "--accept-changes")
        assert refused.exit_code == 2, arguments
        assert "resumed run" in refused.stderr
    where = call("run", "--resume", interrupted, "--seed", 3, "--accept-changes").stderr
    assert "where: --seed" in where


def test_accept_changes_needs_resume() -> None:
    assert "--resume RUN" in call(*MAIN, "--accept-changes").stderr


def test_changed_data_are_refused(tmp_path: Path) -> None:
    rows = [f"good {i},yes\nbad {i},no\n" for i in range(40)]
    file, run = tmp_path / "rows.csv", tmp_path / "run"
    file.write_text("text,label\n" + "".join(rows))
    started = (*MAIN, *SMALL[2:], "--data", file, "--epochs", 1, "-o", "train.batch_size=8")
    done(*started, "--out", run)
    (run / "result.json").unlink()  # as if it had been killed before the end
    moved = file.rename(tmp_path / "moved.csv")
    assert done_json("run", "--resume", run, "--data", moved)["changed"] == []
    (run / "result.json").unlink()
    moved.write_text("text,label\n" + "".join(reversed(rows)))
    refused = call("run", "--resume", run)
    assert refused.exit_code == 2
    assert "the data, split train" in refused.stderr


def test_findings_are_the_same_after_resuming(tmp_path: Path) -> None:
    rows = [f"good {i},yes\nbad {i},no\n" for i in range(20)]
    file, run = tmp_path / "rows.csv", tmp_path / "run"
    file.write_text("text,label\n" + "".join(rows) + ",yes\n")  # one without text
    started = (*MAIN, *SMALL[2:], "--data", file, "--epochs", 1, "-o", "data.faulty=drop")
    before = done_json(*started, "--out", run)
    assert "dropped" in [finding["action"] for finding in before["findings"]]
    (run / "result.json").unlink()  # as if it had been killed before the end
    after = done_json("run", "--resume", run)
    assert after["findings"] == before["findings"]
    assert after["notices"][: len(before["notices"])] == before["notices"]


def test_changed_code_is_refused_before_it_is_imported(tmp_path: Path) -> None:
    plugin, run = tmp_path / "mylayer.py", tmp_path / "run"
    source = (Path(__file__).parent / "mylayer.py").read_text()
    plugin.write_text(source)
    done("run", "--task", "sentiment", "--model", "average", "--plugin", plugin, *SMALL[:2],
         "--smoke", "--out", run)  # fmt: skip
    (run / "result.json").unlink()
    plugin.write_text(f"open({str(tmp_path / 'imported')!r}, 'w')\n{source}")
    assert call("run", "--resume", run, "--plugin", plugin).exit_code == 2
    assert not (tmp_path / "imported").exists()


def test_options_of_a_finished_run_cannot_be_changed(finished: Path) -> None:
    refused = call("run", "--resume", finished, "--epochs", 77)
    assert refused.exit_code == 2
    assert "a new train.epochs" in refused.stderr
    assert "--init-from" in refused.stderr
    size = RunFolder(finished).read_config()["train"]["batch_size"]
    assert call("run", "--resume", finished, "-o", f"train.batch_size={size}").exit_code == 0


def test_a_divergence_names_the_rows_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    lines = ["text,label", *(f"good {i},yes\nbad {i},no" for i in range(20))]
    file.write_text("\n".join(lines) + "\n")
    failed = call(*MAIN, *SMALL[2:], "--data", file, "--epochs", 3, "--out", tmp_path / "run",
                  "-o", "train.optimizer=sgd", "-o", "train.learning_rate=1e38",
                  "-o", "train.max_grad_norm=none", "-o", "train.batch_size=4")  # fmt: skip
    assert failed.exit_code == 1
    match = re.search(r"step \d+, 4 rows of (\S+): ([\d, ]+)", failed.stderr)
    assert match is not None
    assert match[1] == "rows.csv" or match[1] == str(file)
    assert all(1 <= int(row) <= 40 for row in match[2].split(", "))


def test_changed_code_is_refused(tmp_path: Path) -> None:
    plugin, run = tmp_path / "mylayer.py", tmp_path / "run"
    source = (Path(__file__).parent / "mylayer.py").read_text()
    plugin.write_text(source)
    done("run", "--task", "sentiment", "--model", "average", "--plugin", plugin, *SMALL[:2],
         "--smoke", "--out", run)  # fmt: skip
    (run / "result.json").unlink()
    plugin.write_text(source + "\n# changed\n")
    refused = call("run", "--resume", run, "--plugin", plugin)
    assert refused.exit_code == 2
    assert "mylayer.py is not the file" in refused.stderr
    assert "--accept-changes" in refused.stderr
    result = done_json("run", "--resume", run, "--plugin", plugin, "--accept-changes")
    assert "mylayer.py: " in result["changed"][0]
    call("evaluate", run, "--plugin", plugin)  # the run records its new hash now


def test_a_run_is_reproducible(finished: Path, tmp_path: Path) -> None:
    comparison = done_json("reproduce", finished, "--out", tmp_path / "again")
    assert comparison["equal"]
    assert comparison["weights_equal"]
    assert comparison["metrics"] == comparison["differing"] == []
    assert (tmp_path / "again" / "result.json").is_file()
    assert "metrics equal, weights equal" in done("reproduce", finished)


def test_differences_of_a_reproduced_run_are_named(finished: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    saved = json.loads((run / "result.json").read_text())
    saved["metrics"]["test"]["accuracy"]["value"] = 2.0
    saved["versions"]["torch"] = "1.0"
    saved["weights_sha256"] = ""
    (run / "result.json").write_text(json.dumps(saved))
    result = call("reproduce", run)
    assert result.exit_code == 1
    assert "accuracy  2.0" in result.stdout
    assert "versions torch: was 1.0, now " in result.stdout
    assert "metrics differ, weights differ" in result.stdout


def test_only_a_finished_run_can_be_reproduced(interrupted: Path) -> None:
    refused = call("reproduce", interrupted)
    assert refused.exit_code == 2
    assert "not finished" in refused.stderr
