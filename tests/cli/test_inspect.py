import json
from pathlib import Path
from unittest.mock import ANY

import pytest
from click.testing import CliRunner, Result

import seqlab
from seqlab.cli import cli

SMALL = {"model.hidden_size": 4, "model.embedding_size": 4, "train.max_steps": 2}


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, ["inspect", "errors", *map(str, words)])


def run(folder: Path, task: str, **options: object) -> Path:
    seqlab.run(task=task, model="lstm", options={**SMALL, **options}, out=folder)
    return folder


@pytest.fixture(scope="module")
def sentiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("a") / "run", "sentiment", **{"data.rows": 200})


def test_errors_of_texts(sentiment: Path) -> None:
    report = json.loads(call(sentiment, "--top", 3, "--json").stdout)
    assert (report["run"], report["split"], report["count"]) == (str(sentiment), "test", 20)
    metrics = json.loads((sentiment / "result.json").read_text())["metrics"]["test"]
    assert 1 - report["wrong"] / report["count"] == pytest.approx(metrics["accuracy"]["value"])
    f1 = [record["f1"] for record in report["labels"]]
    assert sum(f1) / len(f1) == pytest.approx(metrics["macro_f1"]["value"])
    assert len(report["worst"]) == min(3, report["wrong"])
    shown = call(sentiment).stdout
    assert f"test: {report['wrong']} of 20 texts are wrong" in shown
    assert "target \\ predicted  negative  positive" in shown
    assert "precision" in shown
    assert report["worst"][0]["columns"]["text"][:40] in shown


def test_errors_of_other_data(sentiment: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text("text,label\nthe film was good,positive\nthe film was good,nobody knows\n")
    report = json.loads(call(sentiment, "--data", file, "--json").stdout)
    assert report["count"] == 2
    assert {"target": None, "predicted": ANY, "count": 1} in report["confusion"]
    assert "nobody knows" not in str(report["worst"])
    shown = call(sentiment, "--data", file)
    assert "(not in training)" in shown.stdout
    assert "counted wrong" in shown.stderr


def test_data_without_a_known_label_are_refused(sentiment: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text("text,label\nthe film was good,nobody knows\n")
    refused = call(sentiment, "--data", file)
    assert refused.exit_code == 2
    assert "labels that the training split does not have" in refused.stderr


def test_windows_of_a_series_have_no_input_column(tmp_path: Path) -> None:
    file = tmp_path / "series.csv"
    file.write_text("value\n" + "".join(f"{i % 7}\n" for i in range(120)))
    folder = run(tmp_path / "run", "regression", **{"data.source": str(file)})
    shown = call(folder).stdout
    assert "the largest errors" in shown
    assert "input" not in shown


def test_errors_of_tags(tmp_path: Path) -> None:
    folder = run(tmp_path / "run", "pos", **{"data.rows": 100})
    report = json.loads(call(folder, "--split", "validation", "--json").stdout)
    assert (report["split"], report["per"]) == ("validation", "step")
    case = report["worst"][0]
    shown = call(folder, "--split", "validation").stdout
    assert f"[{case['token']}]" in shown
    assert "steps are wrong" in shown


def test_white_space_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"text": "a\\nb c", "target": "zyxwv"}\n' * 10)
    folder = run(tmp_path / "run", "chars", **{"data.source": str(file)})
    shown = call(folder, "--top", 5, "--data", file).stdout
    assert "a ['\\n'] b ' ' c" in shown


def test_errors_of_values(tmp_path: Path) -> None:
    folder = run(tmp_path / "run", "regression")
    report = json.loads(call(folder, "--json").stdout)
    assert report["kind"] == "value"
    errors = [case["error"] for case in report["worst"]]
    assert errors == sorted(errors, reverse=True)
    shown = call(folder).stdout
    assert "the largest errors" in shown
    assert f"{errors[0]:.4g}" in shown


def test_mistakes(sentiment: Path, tmp_path: Path) -> None:
    missing = call(tmp_path / "none")
    assert missing.exit_code == 2
    assert "there is no run" in missing.stderr
    assert call(sentiment, "--top", -1).exit_code == 2


def test_rows_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    texts = [f"text {i}" for i in range(40)]
    lines = [f"{text},{'ab'[i % 2]}" for i, text in enumerate(texts)]
    path.write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    out = run(tmp_path / "run", "classify", **{"data.source": str(path)})
    worst = json.loads(call(out, "--json").stdout)["worst"]
    assert worst
    for case in worst:  # the test split has some rows of the file
        assert texts[case["number"] - 1] == case["columns"]["text"]
    shown = call(out).stdout.split("input\n")[1].splitlines()
    assert [int(line.split()[0]) for line in shown] == [case["number"] for case in worst]
