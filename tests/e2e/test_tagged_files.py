"""Tagged words from the file to the prediction, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seqlab.cli import cli

ROOT = ["--model", "rnn", "--epochs", "1", "-o", "model.hidden_size=8"]


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, words)))


def conllu(count: int) -> str:
    """Sentences of three words, the first of which is tagged in every other sentence."""
    lines = []
    for number in range(count):
        first = "1\tthey\t_\tPRON" if number % 2 else "1\twell\t_\t_"
        words = [first, "2\tfish\t_\tVERB", f"3\t{number}\t_\tNUM"]
        lines += [f"{word}\t_\t_\t0\t_\t_\t_" for word in words] + [""]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tagged")
    (folder / "words.conllu").write_text(conllu(40), encoding="utf-8")
    entities = "visit\tO\ngreen\tB-LOC\nharbour\tI-LOC\n\nask\tO\nmara\tB-PER\ntwice\tO\n\n"
    (folder / "entities.txt").write_text(entities * 30, encoding="utf-8")
    return folder


def test_words_without_a_tag(folder: Path) -> None:
    data, run = folder / "words.conllu", folder / "pos"
    shown = call("data", "show", data, "--task", "pos").output
    assert "VERB    40" in shown and "PRON    20" in shown and "_  " not in shown
    result = call("run", "--task", "pos", *ROOT, "--data", data, "--out", run)
    assert result.exit_code == 0
    said = "20 rows hold 20 words without a tag: rows 1, 3, 5, 7, 9, …"
    assert said in result.output
    checked = json.loads(call("data", "check", data, "--task", "pos", "--json").output)
    kept = json.loads((run / "result.json").read_text())["findings"]
    for findings in (checked["findings"], kept):
        assert [f["cause"] for f in findings if f["kind"] == "no tag"] == [said]
    report = json.loads(call("inspect", "errors", run, "--json").output)
    assert report["count"] == 10
    assert {cell["target"] for cell in report["confusion"]} == {"NUM", "PRON", "VERB"}


def test_entities(folder: Path) -> None:
    """A .txt file that is clear; words alone are predicted, and a table of the types is shown."""
    data, run = folder / "entities.txt", folder / "ner"
    result = call("run", "--task", "tag", *ROOT, "--data", data, "--out", run)
    assert "one word per line with its tags" in result.output
    metrics = json.loads((run / "result.json").read_text())
    assert "entity_f1" in metrics["metrics"]["test"]
    assert metrics["baseline"]["metrics"]["entity_f1"] == 1.0
    words = folder / "new.conll"
    words.write_text("visit\nmara\n\nask\n", encoding="utf-8")
    records = call("predict", run, "--input", words, "--json").output.splitlines()
    assert [len(json.loads(record)["predicted"]) for record in records] == [2, 1]
    records = call("predict", run, "--input", data, "--json").output.splitlines()
    assert len(records) == 60
    shown = call("evaluate", run, "--data", data).output
    assert "entity_f1" in shown
    assert "entity" in call("inspect", "errors", run, "--data", data).output


@pytest.mark.parametrize("name", ["words.conllu", "entities.txt"])
@pytest.mark.parametrize("target", ["out.jsonl", "out.conllu", "out.conll"])
def test_conversion(folder: Path, tmp_path: Path, name: str, target: str) -> None:
    result = call("data", "convert", folder / name, "--to", tmp_path / target)
    fits = (name, target) in {
        ("words.conllu", "out.jsonl"),
        ("words.conllu", "out.conllu"),
        ("entities.txt", "out.jsonl"),
        ("entities.txt", "out.conll"),
    }
    assert (result.exit_code == 0) == fits
    if fits:
        task = "pos" if name == "words.conllu" else "tag"
        tables = [
            call("data", "show", path, "--task", task).output.partition("column")[2]
            for path in (folder / name, tmp_path / target)
        ]
        assert tables[0] == tables[1]
