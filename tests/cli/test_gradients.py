import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner, Result

import seqlab
from seqlab.cli import cli
from seqlab.evaluation.gradients import horizon

SMALL = {"model.hidden_size": 4, "model.embedding_size": 4, "train.max_steps": 2, "data.rows": 100}


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, ["inspect", "gradients", *map(str, words)])


def run(folder: Path, model: str, options: dict[str, object], task: str = "sentiment") -> Path:
    seqlab.run(task=task, model=model, options={**SMALL, **options}, out=folder)
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A run with last pooling, one with two directions, and one with a target at every step."""
    folder = tmp_path_factory.mktemp("runs")
    last = {"model.pooling": "last", "model.bidirectional": False}
    return [
        run(folder / "a", "rnn", last),
        run(folder / "b", "lstm", {"model.pooling": "max", "model.num_layers": 2}),
        run(folder / "c", "gru", {}, "pos"),
    ]


def test_norms_and_the_plot(
    runs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
    plot = tmp_path / "all.svg"
    document = json.loads(call(*runs, "--rows", 8, "--out", plot, "--json").stdout)
    assert document["picture"] == str(plot)
    first, second, third = document["runs"]
    assert [record["run"] for record in document["runs"]] == [str(run) for run in runs]
    assert (first["task"], first["model"], first["loss"]) == ("sentiment", "rnn", "sequence")
    assert first["norms"].keys() == {"state"}
    assert first["horizon"] == horizon(first["norms"]["state"])
    assert (second["bidirectional"], second["pooling"]) == (True, "max")
    assert second["norms"].keys() == {"state", "1.h", "1.c", "2.h", "2.c"}
    assert (third["loss"], third["pooling"]) == ("last step", None)
    for record in document["runs"]:
        curves = np.array(list(record["norms"].values()))
        assert curves.shape[1] > 3
        assert np.isfinite(curves).all()
    text = "".join(ElementTree.parse(plot).getroot().itertext())
    for word in ("rnn", "lstm, forward direction", "gru", "horizon", "loss"):
        assert word in text or word in plot.read_text()
    assert "matplotlib.pyplot" not in sys.modules


def test_a_table(runs: list[Path], tmp_path: Path) -> None:
    shown = call(*runs[:2], "--out", tmp_path / "all.PNG").stdout.splitlines()
    assert shown[0].split()[:2] == ["run", "model"]
    assert shown[0].endswith("memory horizon")
    assert " 1 back" in shown[0]
    assert "rnn" in shown[1]
    assert "steps" in shown[1]
    assert shown[3] == f"{runs[1]}: pooling=max connects every step directly to the loss"
    assert shown[-1] == f"plot written to {tmp_path / 'all.PNG'}"
    assert (tmp_path / "all.PNG").read_bytes()[:4] == b"\x89PNG"


def test_other_data(runs: list[Path], tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text("text,label\nthe film was good and long,positive\nbad,negative\n")
    document = json.loads(
        call(runs[0], "--data", file, "--out", tmp_path / "a.svg", "--json").stdout
    )
    (record,) = document["runs"]
    assert record["rows"] == 1  # the longer one
    assert len(record["norms"]["state"]) == 6


def test_mistakes(runs: list[Path], tmp_path: Path) -> None:
    assert call().exit_code == 2
    other = call(runs[0], "--out", tmp_path / "all.bmp")
    assert other.exit_code == 2
    assert "unknown plot format '.bmp'" in other.stderr
    nowhere = call(runs[0], "--out", tmp_path / "no" / "all.svg")
    assert nowhere.exit_code == 2
    assert "the plot cannot be written" in nowhere.stderr
    assert "there is no run" in call(tmp_path / "none").stderr
