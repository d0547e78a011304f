"""The Python API."""

import json
import signal
from pathlib import Path
from typing import Any

import datasets
import pytest
import torch
from torch import Tensor, nn

import seqlab
from seqlab.data.encoding import encoding
from seqlab.data.encoding.workers import encode_in_workers, worker_count
from seqlab.errors import UserError
from seqlab.nn import Layer
from seqlab.runs.reproduce import reproduce
from seqlab.training.checkpoint_schedule import CheckpointSchedule
from seqlab.training.interrupts import Interrupted

ROWS = [
    {"text": text, "label": label}
    for i in range(40)
    for text, label in ((f"good film {i}", "yes"), (f"bad film {i}", "no"))
]
SMALL = {
    "model.hidden_size": 8,
    "train.epochs": 6,
    "train.learning_rate": 0.03,
    "train.batch_size": 8,
    "data.validation_fraction": 0.2,
}


class Mixing(Layer):
    """A layer from Python."""

    def __init__(self, input_size: int, hidden_size: int = 8) -> None:
        super().__init__()
        self.output_size = hidden_size
        self.linear = nn.Linear(input_size, hidden_size)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return torch.tanh(self.linear(x))


def test_rows_from_python(tmp_path: Path) -> None:
    result = seqlab.run(
        task="sentiment", model="lstm", data=ROWS, options=SMALL, out=tmp_path / "run"
    )
    assert result["metrics"]["test"]["accuracy"]["value"] >= 0.9
    assert set(result["metrics"]) == {"train", "validation", "test"}
    assert result == json.loads((tmp_path / "run" / "result.json").read_text())
    predictor = seqlab.load(tmp_path / "run")
    predictions = predictor.predict(["good film", {"text": "bad film"}])
    assert [record["predicted"] for record in predictions] == ["yes", "no"]
    again = predictor.evaluate(data={"train": ROWS, "test": ROWS[:10]})
    assert again["accuracy"]["value"] >= 0.9
    with pytest.raises(UserError, match="rows that were passed from Python"):
        predictor.evaluate()


def test_a_stream_trains_as_its_rows_do(tmp_path: Path) -> None:
    arguments: Any = {"task": "sentiment", "model": "lstm", "epochs": 2}
    options = {**SMALL, "evaluate.show": 2}  # for which data is opened a second time
    kinds = {
        "rows": ROWS,
        "generator": (dict(row) for row in ROWS),
        "datasets": datasets.Dataset.from_list(ROWS).to_iterable_dataset(),
    }
    results = [
        seqlab.run(**arguments, data=data, options=options, out=tmp_path / name)
        for name, data in kinds.items()
    ]
    summary = seqlab.run_seeds(
        [0, 1], **arguments, data=iter(ROWS), options=options, out=tmp_path / "seeds"
    )
    results.append(json.loads((Path(summary["runs"][0]) / "result.json").read_text()))
    for name in ("weights_sha256", "metrics", "data_fingerprint"):
        assert [each[name] for each in results] == [results[0][name]] * 4


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many processes encoded a part, of each that is not too small."""
    seen: list[int] = []

    def beside(*arguments: Any) -> Any:
        seen.append(worker_count())
        return encode_in_workers(*arguments)

    monkeypatch.setattr(encoding, "_MAX_TEXTS", 16)
    monkeypatch.setattr(encoding, "encode_in_workers", beside)
    return seen


def test_data_workers_change_nothing(tmp_path: Path, workers: list[int]) -> None:
    arguments: dict[str, Any] = {"task": "sentiment", "model": "lstm", "data": ROWS, "epochs": 1}
    results = [
        seqlab.run(**arguments, options={**SMALL, "data.workers": count}, out=tmp_path / str(count))
        for count in (1, 2)
    ]
    assert workers == [2]
    for name in ("weights_sha256", "metrics", "data_fingerprint"):
        assert results[0][name] == results[1][name]
    predictor = seqlab.load(tmp_path / "1")
    predictor.evaluate(data=ROWS, options={"data.workers": 3})
    assert workers == [2, 3]


def test_a_run_goes_on_from_its_stream_only(tmp_path: Path, workers: list[int]) -> None:
    def due(pace: CheckpointSchedule, step: int) -> bool:
        if step == 3:
            signal.raise_signal(signal.SIGTERM)
        return False

    arguments: dict[str, Any] = {
        "task": "sentiment",
        "model": "lstm",
        "options": SMALL,
        "epochs": 2,
    }
    whole = seqlab.run(**arguments, data=iter(ROWS), out=tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patched, pytest.raises(Interrupted):
        patched.setattr(CheckpointSchedule, "due", due)
        seqlab.run(**arguments, data=iter(ROWS), out=tmp_path / "run")
    other = [*ROWS[:-1], {**ROWS[-1], "text": "other words"}]
    with pytest.raises(UserError, match="would not be resumed as it was started: the data, split"):
        seqlab.run(resume=tmp_path / "run", data=iter(other))
    # who encodes is no change
    resumed = seqlab.run(resume=tmp_path / "run", data=iter(ROWS), options={"data.workers": 2})
    assert (resumed["changed"], workers) == ([], [2])
    assert resumed["resumed_from"] == 3
    assert resumed["weights_sha256"] == whole["weights_sha256"]


def test_a_run_of_a_class_is_resumed_and_reproduced(tmp_path: Path) -> None:
    def due(schedule: CheckpointSchedule, step: int) -> bool:
        if step == 3:
            signal.raise_signal(signal.SIGTERM)
        return False

    folder = tmp_path / "run"
    with pytest.MonkeyPatch.context() as patched, pytest.raises(Interrupted):
        patched.setattr(CheckpointSchedule, "due", due)
        seqlab.run(task="sentiment", model=Mixing, data=ROWS, options=SMALL, out=folder)
    with pytest.raises(UserError, match="passed from Python") as caught:
        seqlab.run(resume=folder, data=ROWS)
    assert caught.value.remedy == "in Python, pass the class as model=Mixing"
    result = seqlab.run(resume=folder, model=Mixing, data=ROWS)
    assert (result["model"], result["resumed_from"]) == ("python:Mixing", 3)
    assert reproduce(folder, model=Mixing, data=ROWS)["equal"]
    with pytest.raises(UserError, match="rows that were passed from Python"):
        reproduce(folder, model=Mixing)


def test_rows_are_shown_while_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = [{**row, "text": row["text"] + 20 * " so"} for row in ROWS]
    arguments: dict[str, Any] = {"task": "sentiment", "model": "lstm", "data": long}
    plain = seqlab.run(**arguments, options=SMALL, epochs=2, out=tmp_path / "plain")
    assert "probabilities" not in capsys.readouterr().err
    options = {**SMALL, "evaluate.show": 2}
    shown = seqlab.run(**arguments, options=options, epochs=2, out=tmp_path / "shown")
    assert shown["metrics"] == plain["metrics"]  # training does not notice
    lines = [line for line in capsys.readouterr().err.splitlines() if "probabilities" in line]
    assert len(lines) == 3 * 2
    assert all(" film " in line and "…" in line and len(line) < 200 for line in lines)
    record = json.loads((tmp_path / "shown" / "metrics.jsonl").read_text().splitlines()[-1])
    texts = [row["text"] for row in record["shown"]]
    predictions = seqlab.load(tmp_path / "shown").predict(texts)
    if shown["best_epoch"] == 2:
        assert [row["predicted"] for row in predictions] == [
            row["predicted"] for row in record["shown"]
        ]


def test_the_best_epoch_by_another_metric(tmp_path: Path) -> None:
    """Fourteen steps learn the string; the fifteenth lowers the loss and spoils a letter."""
    results = {
        name: seqlab.run(recipe="hihell", options={"train.monitor": name}, out=tmp_path / name)
        for name in ("loss", "accuracy")
    }
    assert [results[name]["best_epoch"] for name in ("loss", "accuracy")] == [15, 14]
    with pytest.raises(UserError, match="unknown metric 'acuracy'") as error:
        seqlab.run(recipe="hihell", options={"train.monitor": "acuracy"}, dry_run=True)
    assert "did you mean 'accuracy'?" in error.value.remedy


def test_evaluation_on_a_file_of_its_own(tmp_path: Path) -> None:
    seqlab.run(task="sentiment", model="lstm", data=ROWS, options=SMALL, out=tmp_path / "run")
    file = tmp_path / "test.csv"
    file.write_text("text,label\ngood film 1,yes\nbad film 2,no\ngood film 3,no\n")
    metrics = seqlab.load(tmp_path / "run").evaluate(data=file)
    assert metrics["accuracy"]["value"] == pytest.approx(2 / 3)


def test_a_layer_from_python(tmp_path: Path) -> None:
    seqlab.run(task="classify", model=Mixing, data=ROWS, options=SMALL, out=tmp_path / "run")
    with pytest.raises(UserError, match="Mixing"):
        seqlab.load(tmp_path / "run")
    predictor = seqlab.load(tmp_path / "run", model=Mixing)
    assert len(predictor.predict(["good film"])) == 1


def test_the_same_seed_gives_the_same_run(tmp_path: Path) -> None:
    def once(name: str, seed: int) -> Any:
        seqlab.run(task="sentiment", model="lstm", data=ROWS, options=SMALL, seed=seed,
                   out=tmp_path / name)  # fmt: skip
        return (tmp_path / name / "model.safetensors").read_bytes()

    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = once("a", 1)
    assert torch.equal(torch.get_rng_state(), before)  # the caller's numbers are untouched
    assert once("b", 1) == first
    assert once("c", 2) != first


def test_predictions_do_not_depend_on_their_company(tmp_path: Path) -> None:
    seqlab.run(task="sentiment", model="lstm", data=ROWS, options=SMALL, out=tmp_path / "run")
    predictor = seqlab.load(tmp_path / "run")
    texts = ["good", "", "bad " * 300, "a film that is good"]
    together = predictor.predict(texts)
    for text, record in zip(texts, together, strict=True):
        alone = predictor.predict([text])[0]
        assert record["text"] == text
        assert record["score"] == pytest.approx(alone["score"], abs=1e-5)


def test_a_dry_run_leaves_nothing(tmp_path: Path) -> None:
    plan = seqlab.run(task="sentiment", model="lstm", data=ROWS, out=tmp_path / "run", dry_run=True)
    assert plan["dry_run"] is True
    assert plan["parameters"]["total"] > 0
    assert not (tmp_path / "run").exists()
