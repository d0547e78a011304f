"""Rows that weights were trained on before: resumed, reproduced and initialized runs."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import seqlab
from seqlab import UserError
from seqlab.runs.kept_rows import read_rows, write_rows
from seqlab.runs.reproduce import reproduce
from seqlab.training.checkpoint_schedule import CheckpointSchedule
from seqlab.training.interrupts import Interrupted

SMALL: dict[str, Any] = {
    "model.hidden_size": 4,
    "evaluate.resamples": 100,
    "train.batch_size": 16,
}
ARGUMENTS: dict[str, Any] = {"task": "classify", "model": "rnn", "epochs": 1, "options": SMALL}


def write(path: Path, first: int, last: int, word: str = "row") -> Path:
    rows = (
        f"{word} {i} of {i * i % 7},{'good' if i * i % 7 > 2 else 'bad'}\n"
        for i in range(first, last)
    )
    path.write_text("text,label\n" + "".join(rows))
    return path


def interrupted(data: Path, out: Path) -> Path:
    def due(schedule: CheckpointSchedule, step: int) -> bool:
        if step == 3:
            signal.raise_signal(signal.SIGTERM)
        return False

    with pytest.MonkeyPatch.context() as patched, pytest.raises(Interrupted):
        patched.setattr(CheckpointSchedule, "due", due)
        seqlab.run(**ARGUMENTS, data=data, out=out)
    return out


def test_a_run_is_not_resumed_with_other_rows(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", 0, 120)
    folder = interrupted(file, tmp_path / "run")
    write(file, 0, 180)
    with pytest.raises(UserError, match="would not be resumed as it was started") as refusal:
        seqlab.run(resume=folder)
    assert "the data, split test: 180 rows instead of 120, 120 of them as before" in (
        refusal.value.cause
    )
    write(file, 0, 120)  # the remedy: undo the changes
    assert seqlab.run(resume=folder)["changed"] == []
    assert seqlab.load(folder).evaluate()


def test_a_column_is_gone_when_a_run_is_resumed(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", 0, 120)
    folder = interrupted(file, tmp_path / "run")
    file.write_text(file.read_text().replace("text,label", "text,verdict"))
    with pytest.raises(UserError, match="they lack the column 'label'") as refusal:
        seqlab.run(resume=folder)
    assert refusal.value.remedy.startswith("restore the data of the run and resume it again")
    write(file, 0, 120)
    assert seqlab.run(resume=folder)["changed"] == []


def test_a_resumed_run_remembers_all_rows_that_it_was_trained_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "rows.csv", 0, 120)
    folder = interrupted(file, tmp_path / "run")
    first = read_rows(folder)
    write(file, 120, 240)
    result = seqlab.run(resume=folder, accept_changes=True)
    assert any("120 of 120 rows differ" in line for line in result["changed"])
    assert seqlab.load(folder).evaluate()  # on the rows that it was resumed with
    rows = read_rows(folder)
    assert first is not None
    assert rows is not None
    assert set(rows.earlier.tolist()) == set(first.splits["train"].inputs.tolist())
    capsys.readouterr()
    seqlab.load(folder).evaluate(data=str(write(tmp_path / "old.csv", 0, 120)))
    assert "96 of 120 rows were trained on by the run" in capsys.readouterr().err


def test_a_run_of_an_earlier_version_is_resumed(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", 0, 120)
    folder = interrupted(file, tmp_path / "run")
    (folder / "rows.safetensors").unlink()
    seqlab.run(resume=folder)
    write(file, 0, 180)
    with pytest.raises(UserError, match="180 rows instead of 120"):
        seqlab.load(folder).evaluate()


def test_a_reproduced_run_says_which_rows_have_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "rows.csv", 0, 120)
    seqlab.run(**ARGUMENTS, data=file, out=tmp_path / "run")
    assert reproduce(tmp_path / "run")["equal"]
    write(file, 0, 180)
    capsys.readouterr()
    comparison = reproduce(tmp_path / "run")
    message = capsys.readouterr().err.splitlines()[0]
    assert message.startswith("data: not those of the run, test: 180 rows instead of 120")
    (record,) = (r for r in comparison["differing"] if r["what"] == "rows test")
    assert record["was"] == "12 rows"
    assert record["now"].startswith("180 rows instead of 120")


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pretrained")
    seqlab.run(**ARGUMENTS, data=write(folder / "rows.csv", 0, 120), out=folder / "run")
    return folder / "run"


def test_test_rows_on_which_the_initial_weights_were_trained(
    pretrained: Path, tmp_path: Path
) -> None:
    weights = pretrained / "model.safetensors"
    file = write(tmp_path / "rows.csv", 0, 180)
    result = seqlab.run(**ARGUMENTS, data=file, init_from=weights, out=tmp_path / "run")
    leaks = [finding for finding in result["findings"] if finding["kind"] == "trained on"]
    assert [finding["split"] for finding in leaks] == ["validation", "test"]
    kept, now = read_rows(pretrained), read_rows(tmp_path / "run")
    assert kept is not None
    assert now is not None
    leaked = np.isin(now.splits["test"].inputs, kept.splits["train"].inputs).sum()
    assert leaked > 0
    assert leaks[1]["count"] == leaked
    assert f"{leaked} of 18 rows were trained on by the run '{pretrained}'" in leaks[1]["cause"]
    saved = json.loads((tmp_path / "run" / "result.json").read_text())
    assert saved["findings"] == result["findings"]
    # of the rows of the first run, those that this one does not train on are kept, too
    assert set(kept.splits["train"].inputs) <= {*now.splits["train"].inputs, *now.earlier}


def test_other_rows_and_the_same_split_do_not_leak(pretrained: Path, tmp_path: Path) -> None:
    weights = pretrained / "model.safetensors"
    for data in (pretrained.parent / "rows.csv", write(tmp_path / "other.csv", 0, 120, "line")):
        out = tmp_path / f"run-{data.stem}"
        result = seqlab.run(**ARGUMENTS, data=data, init_from=weights, out=out)
        assert not [finding for finding in result["findings"] if finding["kind"] == "trained on"]


def test_weights_whose_rows_are_not_known(pretrained: Path, tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes((pretrained / "model.safetensors").read_bytes())
    file = write(tmp_path / "rows.csv", 0, 180)
    result = seqlab.run(**ARGUMENTS, data=file, init_from=weights, out=tmp_path / "run")
    assert not [f for f in result["findings"] if f["kind"] in ("trained on", "not comparable")]
    (tmp_path / "config.toml").touch()  # a run of an earlier version
    result = seqlab.run(**ARGUMENTS, data=file, init_from=weights, out=tmp_path / "again")
    causes = [f["cause"] for f in result["findings"] if f["kind"] == "not comparable"]
    assert len(causes) == 2
    assert all("does not keep which rows those were" in cause for cause in causes)


@pytest.mark.parametrize(
    ("name", "array", "reason"),
    [
        ("train.inputs", np.zeros(3, np.uint64), "3 and 96 hashes of the train split"),
        ("test.whole", np.zeros((3, 4), np.uint64), "array of uint64"),
        ("earlier", np.zeros(3, np.float32), "array of float32"),
    ],
)
def test_rows_that_no_run_writes(
    pretrained: Path, tmp_path: Path, name: str, array: Any, reason: str
) -> None:
    from safetensors.numpy import load_file, save_file

    tensors = load_file(pretrained / "rows.safetensors")
    save_file({**tensors, name: array}, tmp_path / "rows.safetensors")
    with pytest.raises(UserError, match=reason):
        read_rows(tmp_path)


def test_rows_come_back(pretrained: Path, tmp_path: Path) -> None:
    rows = read_rows(pretrained)
    assert rows is not None
    write_rows(tmp_path, rows)
    again = read_rows(tmp_path)
    assert again is not None
    for name, split in rows.splits.items():
        assert np.array_equal(again.splits[name].inputs, split.inputs)
        assert np.array_equal(again.splits[name].whole, split.whole)
    assert read_rows(tmp_path / "elsewhere") is None
    assert (tmp_path / "rows.safetensors").stat().st_size < 16 * 120 + 1000
