import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seqlab.types import JsonObject
from tests.e2e.conftest import MAIN, SMALL, call, done, done_json

TEXTS = ["the film was not good", "the meal was great, but the phone was bad", ""]
MYLAYER = Path(__file__).with_name("mylayer.py")


def test_run_as_json(tmp_path: Path) -> None:
    result = done_json(*MAIN, *SMALL, "--smoke", "--seed", 3, "--out", tmp_path / "run")
    assert result["run"] == str(tmp_path / "run")
    names = [result[key] for key in ("task", "model", "tokenizer", "precision", "seed")]
    assert names == ["sentiment", "lstm", "word", "fp32", 3]
    assert result["device"]
    assert set(result["parameters"]) == {"total", "trainable"}
    assert set(result["metrics"]) == {"train", "validation", "test"}
    for split in result["metrics"].values():
        assert set(split) == {"accuracy", "macro_f1", "loss"}
        for metric in split.values():
            assert set(metric) == {"value", "low", "high"}
            assert metric["low"] <= metric["value"] <= metric["high"]
    assert set(result["baseline"]) == {"kind", "metrics"}
    assert result["resumed_from"] is None
    assert set(result["seconds"]) == {"start", "data", "train", "evaluate", "total"}
    assert result["smoke"]
    assert result["steps"] == 2
    assert result == json.loads((tmp_path / "run" / "result.json").read_text())


def test_run_as_text(tmp_path: Path) -> None:
    result = call(*MAIN, *SMALL, "--smoke", "--out", tmp_path / "run")
    lines = result.stdout.splitlines()
    assert "sentiment · lstm · word" in lines[0]
    assert "smoke" in lines[0]
    assert lines[1].endswith("  baseline")
    assert "baseline: most frequent class" in lines
    assert sum(line.startswith("test ") for line in lines) == 3
    assert lines[-1] == f"run: {tmp_path / 'run'}"
    assert "epoch 1" in result.stderr


def test_default_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = done_json(*MAIN, *SMALL, "--smoke")
    assert result["run"].startswith("runs/sentiment-lstm-")
    assert (tmp_path / result["run"] / "model.safetensors").is_file()


def test_dry_run_prints_a_configuration_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plan = done(*MAIN, *SMALL, "--smoke", "--dry-run")
    assert not list(tmp_path.iterdir())
    (tmp_path / "plan.toml").write_text(plan)
    assert done("run", "--config", "plan.toml", "--dry-run") == plan
    assert done_json("run", "--config", "plan.toml", "--dry-run")["dry_run"]
    assert [path.name for path in tmp_path.iterdir()] == ["plan.toml"]


def test_evaluate(finished: Path) -> None:
    result = json.loads((finished / "result.json").read_text())
    for split in ("validation", "test"):
        expected = {"run": str(finished), "split": split, "metrics": result["metrics"][split]}
        expected |= {"notices": [], "findings": []}
        assert done_json("evaluate", finished, "--split", split) == expected
    assert "accuracy" in done("evaluate", finished)


def test_evaluate_other_data(finished: Path, tmp_path: Path) -> None:
    lines = [{"sentence": text, "sentiment": "positive"} for text in TEXTS]
    file = tmp_path / "more.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    labels = [record["predicted"] for record in records(finished, *TEXTS)]
    metrics = done_json("evaluate", finished, "--data", file)["metrics"]
    assert metrics["accuracy"]["value"] == pytest.approx(labels.count("positive") / len(TEXTS))


def records(run: Path, *arguments: object, stdin: str | None = None) -> list[JsonObject]:
    lines = done("predict", run, *arguments, "--json", stdin=stdin).splitlines()
    return [json.loads(line) for line in lines]


def test_predict_from_every_kind_of_input(finished: Path, tmp_path: Path) -> None:
    expected = records(finished, *TEXTS)
    assert [record["text"] for record in expected] == TEXTS
    for record in expected:
        assert set(record) == {"text", "predicted", "score", "probabilities"}
        assert record["score"] == record["probabilities"][record["predicted"]]
        assert sum(record["probabilities"].values()) == pytest.approx(1)
    text = "".join(line + "\n" for line in TEXTS)
    (tmp_path / "a.txt").write_text(text)
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in TEXTS))
    with (tmp_path / "a.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["text"], *([line] for line in TEXTS)])
    assert records(finished, stdin=text) == expected
    assert records(finished, "--input", "-", stdin=text) == expected
    for name in ("a.txt", "a.jsonl"):
        assert records(finished, "--input", tmp_path / name) == expected


def test_predict_from_csv_keeps_other_columns(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text,id\n"good, bad",7\n')
    (record,) = records(finished, "--input", tmp_path / "a.csv")
    assert (record["text"], record["id"]) == ("good, bad", "7")


def test_predict_to_a_file(finished: Path, tmp_path: Path) -> None:
    assert done("predict", finished, *TEXTS, "--output", tmp_path / "o.jsonl") == ""
    written = (tmp_path / "o.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in written] == records(finished, *TEXTS)
    assert [path.name for path in tmp_path.iterdir()] == ["o.jsonl"]


def test_predict_as_text(finished: Path) -> None:
    label, score, text = done("predict", finished, "so\nso").rstrip("\n").split("\t")
    assert label in ("negative", "positive")
    assert 0.5 <= float(score) <= 1
    assert text == "so so"


def test_failed_prediction_leaves_no_file(finished: Path, tmp_path: Path) -> None:
    result = call("predict", finished, "--output", tmp_path / "o.txt", stdin=b"good\n\xff\n")
    assert result.exit_code == 2
    assert "standard input, line 2" in result.stderr
    assert not list(tmp_path.iterdir())


def test_moved_run_in_a_new_process(finished: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(finished, moved)
    command = [sys.executable, "-m", "seqlab", "predict", str(moved), *TEXTS, "--json"]
    process = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    predicted = [json.loads(line) for line in process.stdout.splitlines()]
    assert predicted == records(finished, *TEXTS)


def test_a_layer_in_one_file(tmp_path: Path) -> None:
    assert len(MYLAYER.read_text().splitlines()) <= 25
    run = tmp_path / "run"
    command = ("run", "--task", "sentiment", "--model", "average", "--plugin", MYLAYER)
    done(*command, "-o", "data.rows=300", "--epochs", 1, "--out", run)
    assert len(records(run, *TEXTS, "--plugin", MYLAYER)) == 3
    refused = call("predict", run, *TEXTS)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--plugin PATH/mylayer.py" in refused.stderr
    changed = tmp_path / "mylayer.py"
    changed.write_text(MYLAYER.read_text() + "# changed\n")
    refused = call("predict", run, *TEXTS, "--plugin", changed)
    assert refused.exit_code == 2
    assert "not the file that the run was made with" in refused.stderr


def test_a_layer_that_fails_leaves_no_folder(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text(MYLAYER.read_text().replace("return torch.stack(y[1:], 1)", "return y.odd"))
    command = ("run", "--task", "sentiment", "--model", "average", "--plugin", broken, *SMALL)
    result = call(*command, "--out", tmp_path / "run")
    assert result.exit_code == 2  # before the first step
    assert "AttributeError" in result.stderr
    assert "layer 'average'" in result.stderr
    assert "broken.py:20" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "run").exists()
