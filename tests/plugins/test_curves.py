import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

import seqlab
from seqlab import TrainerState
from seqlab.config.run_config import RunConfig
from seqlab_reporting import curves

FACTS = {"task": "sentiment", "model": "lstm", "tokenizer": None}
SMALL = {"data.rows": 200, "model.hidden_size": 4, "model.embedding_size": 4, "train.epochs": 3}


def run_with(folder: Path, *validation: dict[str, float]) -> TrainerState:
    records = [
        {"epoch": epoch, "step": 10 * epoch, "train_loss": 1 / epoch, "validation": metrics}
        for epoch, metrics in enumerate(validation, 1)
    ]
    return TrainerState(folder, RunConfig(), facts=FACTS, records=records, result={"best_epoch": 1})


@pytest.mark.parametrize(
    ("metrics", "names"),
    [
        ({"accuracy": 0.5, "macro_f1": 0.4, "loss": 3.0}, ["accuracy", "macro_f1"]),
        ({"mae": 2.0, "rmse": 3.0, "loss": 1.0}, ["mae"]),
        ({"loss": 2.0, "bits": 3.0, "accuracy": 0.1}, ["accuracy"]),
        ({"loss": 2.0}, []),
    ],
)
def test_loss_and_metrics_are_drawn(
    tmp_path: Path, metrics: dict[str, float], names: list[str]
) -> None:
    run = run_with(tmp_path, metrics, {**metrics, "loss": float("nan")})
    assert curves.metrics_to_plot(run.records) == names
    assert curves.draw(run) == tmp_path / "curves.svg"
    assert ET.parse(tmp_path / "curves.svg").getroot().tag.endswith("svg")
    assert [path.name for path in tmp_path.iterdir()] == ["curves.svg"]


def test_global_state_does_not_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
    before = str(mpl.rcParams.copy())  # reading single parameters would choose a backend
    curves.draw(run_with(tmp_path, {"accuracy": 0.5, "loss": 1.0}))
    assert str(mpl.rcParams.copy()) == before
    assert "matplotlib.pyplot" not in sys.modules


def test_a_run_prints_its_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seqlab.run(task="sentiment", model="lstm", options=SMALL, out=tmp_path / "run")
    lines = capsys.readouterr().err.splitlines()
    picture = tmp_path / "run" / "curves.svg"
    assert lines[-1] == f"saved in {tmp_path / 'run'}, learning curve in {picture}"
    assert picture.stat().st_size > 5000


def test_an_error_while_drawing_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(run: TrainerState) -> Any:
        raise OSError("no space left")

    monkeypatch.setattr(curves, "draw", broken)
    seqlab.run(task="sentiment", model="lstm", options=SMALL, out=tmp_path / "run")
    lines = capsys.readouterr().err.splitlines()
    assert "the learning curve could not be drawn: OSError: no space left" in lines
    assert lines[-1] == f"saved in {tmp_path / 'run'}"
    assert (tmp_path / "run" / "result.json").is_file()
