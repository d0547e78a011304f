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
from seqlab.runs import folder as runfolder
from seqlab.training.checkpoint_schedule import CheckpointSchedule
from seqlab.training.trainer import Trainer
from tests.e2e.conftest import MAIN, SMALL, call, done, done_json

LONG = (*MAIN, "-o", "data.rows=2000", "-o", "train.save_steps=5", "-o", "train.batch_size=16")
SECONDS = 600


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """As in a process that a shell has not started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


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
    real = Trainer._step

    def stepped(self: Trainer, group: StepBatch) -> None:
        if self.run.step == 1:
            signal.raise_signal(number)  # in the middle of the second step
        real(self, group)

    monkeypatch.setattr(Trainer, "_step", stepped)
    run = tmp_path / "run"
    result = call(*MAIN, *SMALL, "--epochs", 1, "--out", run)
    assert (result.exit_code, result.stdout) == (status, "")
    assert result.stderr.count(f"interrupted by {number.name}; go on with: ") == 1
    assert f"seqlab run --resume {run}" in result.stderr
    assert "Traceback" not in result.stderr
    monkeypatch.setattr(Trainer, "_step", real)
    assert done_json("run", "--resume", run)["resumed_from"] == 2


@pytest.fixture
def interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that was ended after its second step."""
    run = tmp_path / "run"
    with monkeypatch.context() as patched:
        patched.setattr(CheckpointSchedule, "due", lambda pace, step: interrupt(step == 2))
        assert call(*MAIN, *SMALL, "--epochs", 1, "--out", run).exit_code == 143
    return run


def interrupt(now: bool) -> bool:
    if now:
        signal.raise_signal(signal.SIGTERM)
    return False


def test_other_options_are_refused_or_named(interrupted: Path) -> None:
    other = ("run", "--resume", interrupted, "--epochs", 2, "-o", "train.learning_rate=0.005")
    refused = call(*other)
    assert refused.exit_code == 2
    assert "train.epochs: 1, now 2" in refused.stderr
    assert "train.learning_rate: 0.00" in refused.stderr
    assert "--accept-changes" in refused.stderr
    result = done_json(*other, "--accept-changes")
    assert result["epochs"] == 2
    assert result["changed"][0].startswith("after step 2: train.")
    assert len(result["changed"]) == 2
    assert "changed after step 2" not in call("run", "--resume", interrupted).stderr
    reproduced = call("reproduce", interrupted)
    assert reproduced.exit_code == 2
    assert "changed under way" in reproduced.stderr


def test_an_option_as_it_was_is_no_change(interrupted: Path) -> None:
    result = done_json("run", "--resume", interrupted, "--epochs", 1)
    assert (result["changed"], result["epochs"]) == ([], 1)


def test_what_the_run_is_made_of_stays(interrupted: Path) -> None:
    for more in (("--task", "pos"), ("--seed", 3), ("-o", "tokenizer.min_count=3"), ("--smoke",)):
        refused = call("run", "--resume", interrupted, *more, "--accept-changes")
        assert refused.exit_code == 2, more
        assert "keeps" in refused.stderr


def test_nothing_to_accept_without_resume() -> None:
    assert "--resume RUN" in call(*MAIN, "--accept-changes").stderr


def test_other_data_are_refused(tmp_path: Path) -> None:
    rows = [f"good {i},yes\nbad {i},no\n" for i in range(40)]
    file, run = tmp_path / "rows.csv", tmp_path / "run"
    file.write_text("text,label\n" + "".join(rows))
    started = (*MAIN, *SMALL[2:], "--data", file, "--epochs", 1, "-o", "train.batch_size=8")
    done(*started, "--out", run)
    (run / "result.json").unlink()  # as if it had been killed in the end
    moved = file.rename(tmp_path / "moved.csv")
    assert done_json("run", "--resume", run, "--data", moved)["changed"] == []
    (run / "result.json").unlink()
    moved.write_text("text,label\n" + "".join(reversed(rows)))
    refused = call("run", "--resume", run)
    assert refused.exit_code == 2
    assert "the data, part train" in refused.stderr


def test_what_was_said_of_the_data_stays(tmp_path: Path) -> None:
    rows = [f"good {i},yes\nbad {i},no\n" for i in range(20)]
    file, run = tmp_path / "rows.csv", tmp_path / "run"
    file.write_text("text,label\n" + "".join(rows) + ",yes\n")  # one without text
    started = (*MAIN, *SMALL[2:], "--data", file, "--epochs", 1, "-o", "data.faulty=drop")
    before = done_json(*started, "--out", run)
    assert "dropped" in [each["action"] for each in before["findings"]]
    (run / "result.json").unlink()  # as if it had been killed in the end
    after = done_json("run", "--resume", run)
    assert after["findings"] == before["findings"]
    assert after["notices"][: len(before["notices"])] == before["notices"]


def test_other_code_is_not_even_imported(tmp_path: Path) -> None:
    plugin, run = tmp_path / "mylayer.py", tmp_path / "run"
    source = (Path(__file__).parent / "mylayer.py").read_text()
    plugin.write_text(source)
    done("run", "--task", "sentiment", "--model", "average", "--plugin", plugin, *SMALL[:2],
         "--smoke", "--out", run)  # fmt: skip
    (run / "result.json").unlink()
    plugin.write_text(f"open({str(tmp_path / 'seen')!r}, 'w')\n{source}")
    assert call("run", "--resume", run, "--plugin", plugin).exit_code == 2
    assert not (tmp_path / "seen").exists()


def test_a_finished_run_cannot_be_changed(finished: Path) -> None:
    refused = call("run", "--resume", finished, "--epochs", 77)
    assert refused.exit_code == 2
    assert "another train.epochs" in refused.stderr
    assert "--init-from" in refused.stderr
    size = runfolder.read_config(finished)["train"]["batch_size"]
    assert call("run", "--resume", finished, "-o", f"train.batch_size={size}").exit_code == 0


def test_rows_of_a_divergence_are_those_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    lines = ["text,label", *(f"good {i},yes\nbad {i},no" for i in range(20))]
    file.write_text("\n".join(lines) + "\n")
    failed = call(*MAIN, *SMALL[2:], "--data", file, "--epochs", 3, "--out", tmp_path / "run",
                  "-o", "train.optimizer=sgd", "-o", "train.learning_rate=1e38",
                  "-o", "train.max_grad_norm=none", "-o", "train.batch_size=4")  # fmt: skip
    assert failed.exit_code == 1
    named = re.search(r"step \d+, 4 rows of (\S+): ([\d, ]+)", failed.stderr)
    assert named is not None
    assert named[1] == "rows.csv" or named[1] == str(file)
    assert all(1 <= int(row) <= 40 for row in named[2].split(", "))


def test_other_code_is_refused(tmp_path: Path) -> None:
    plugin, run = tmp_path / "mylayer.py", tmp_path / "run"
    source = (Path(__file__).parent / "mylayer.py").read_text()
    plugin.write_text(source)
    done("run", "--task", "sentiment", "--model", "average", "--plugin", plugin, *SMALL[:2],
         "--smoke", "--out", run)  # fmt: skip
    (run / "result.json").unlink()
    plugin.write_text(source + "\n# other\n")
    refused = call("run", "--resume", run, "--plugin", plugin)
    assert refused.exit_code == 2
    assert "mylayer.py is not the file" in refused.stderr
    assert "--accept-changes" in refused.stderr
    result = done_json("run", "--resume", run, "--plugin", plugin, "--accept-changes")
    assert "mylayer.py: " in result["changed"][0]
    call("evaluate", run, "--plugin", plugin)  # it is known by its new hash now


def test_a_run_is_reproduced(finished: Path, tmp_path: Path) -> None:
    found = done_json("reproduce", finished, "--out", tmp_path / "again")
    assert found["equal"]
    assert found["weights_equal"]
    assert found["metrics"] == found["differing"] == []
    assert (tmp_path / "again" / "result.json").is_file()
    assert "metrics equal, weights equal" in done("reproduce", finished)


def test_a_run_that_is_not_reproduced_says_where(finished: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    result = json.loads((run / "result.json").read_text())
    result["metrics"]["test"]["accuracy"]["value"] = 2.0
    result["versions"]["torch"] = "1.0"
    result["weights_sha256"] = ""
    (run / "result.json").write_text(json.dumps(result))
    found = call("reproduce", run)
    assert found.exit_code == 1
    assert "accuracy  2.0" in found.stdout
    assert "versions torch: was 1.0, now " in found.stdout
    assert "metrics not equal, weights other" in found.stdout


def test_only_a_finished_run_is_reproduced(interrupted: Path) -> None:
    refused = call("reproduce", interrupted)
    assert refused.exit_code == 2
    assert "not finished" in refused.stderr
