"""Recipes and seeds on the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seqlab.cli import cli
from tests.recipes import QUICK, write_plugin


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    (tmp_path / "plugin").mkdir()
    reached = QUICK.replace('"> 1"', '">= 0"')
    reached += '[[expected]]\nname = "parameters.total"\ncondition = "> 1000"\n'
    return write_plugin(tmp_path / "plugin", reached=reached, broken="x =")


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_a_recipe(plugin: Path, tmp_path: Path) -> None:
    result = call("run", "--recipe", "quick", "--plugin", plugin, "--epochs", 1, "--out",
                tmp_path / "run")  # fmt: skip
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert "recipe quick, except train.epochs" in lines
    assert any(line.startswith("expected train.accuracy >= 0: 0") for line in lines)
    assert [line.rpartition(", ")[2] for line in lines if line.startswith("expected")] == [
        "reached", "missed",
    ]  # fmt: skip
    assert lines[-1] == f"run: {tmp_path / 'run'}"


def test_parameters_are_counted(plugin: Path, tmp_path: Path) -> None:
    words = ("run", "--recipe", "quick", "--plugin", plugin)
    frozen = call(*words, "-o", "train.freeze=embedder.*", "--out", tmp_path / "run")
    result = json.loads((tmp_path / "run" / "result.json").read_text())["parameters"]
    embedder = result["total"] - result["trainable"]
    assert embedder % 4 == 0  # vectors of four numbers
    assert result["trainable"] == 2 * 4 * 4 * (4 + 4 + 2) + 2 * (8 + 1)  # LSTM and head
    counts = f" · {result['total']:,} parameters, {result['trainable']:,} trainable"
    assert frozen.stdout.splitlines()[0].endswith(counts)


@pytest.mark.parametrize(("recipe", "status"), [("quick", 1), ("reached", 0)])
def test_strict(plugin: Path, tmp_path: Path, recipe: str, status: int) -> None:
    words = ("run", "--recipe", recipe, "--plugin", plugin, "--strict", "--json")
    result = call(*words, "--out", tmp_path / "run")
    assert result.exit_code == status
    assert (
        json.loads(result.stdout)["recipe"]["name"] == recipe
    )  # the result is written all the same
    assert ("missed: test.accuracy" in result.stderr) is bool(status)
    again = call("run", "--resume", tmp_path / "run", "--strict", "--plugin", plugin)
    assert again.exit_code == status
    assert ("expected parameters.total > 1000: 1," in again.stdout) is not bool(status)
    several_seeds = call(*words, "--out", tmp_path / "both", "--seeds", "0,1")
    assert several_seeds.exit_code == status


def test_why_a_run_stopped_is_shown(tmp_path: Path) -> None:
    # nothing is learned, so that validation does not improve
    options = ("data.rows=200", "train.epochs=9", "train.patience=1", "train.learning_rate=1e-30",
               "train.monitor=accuracy")  # fmt: skip
    flags = [word for option in options for word in ("-o", option)]
    result = call("run", "--task", "sentiment", "--model", "rnn", *flags, "--out",
                  tmp_path / "run")  # fmt: skip
    stopped = json.loads((tmp_path / "run" / "result.json").read_text())["stopped"]
    assert stopped, "the run was meant to stop early"
    assert f": {stopped}" in result.stdout


def test_several_seeds(plugin: Path, tmp_path: Path) -> None:
    result = call("run", "--recipe", "quick", "--plugin", plugin, "--seeds", "3,4", "--out",
                tmp_path / "two")  # fmt: skip
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "sentiment · lstm · word · 2 seeds"
    assert lines[1].split() == ["split", "metric", "mean", "std", "seed", "3", "seed", "4"]
    assert "2 of 2 seeds, reached" in result.stdout
    assert "0 of 2 seeds, missed" in result.stdout
    assert lines[-1] == f"runs: {tmp_path / 'two'}"
    listed = json.loads(call("list", "runs", tmp_path / "two", "--json").stdout)
    assert {record["seed"] for record in listed} == {3, 4}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("--seeds", "0,x", "--task", "sentiment", "--model", "lstm"),
            "'0,x' is not a list of seeds",
        ),
        (("--seeds", "0", "--task", "sentiment", "--model", "lstm"), "two or more different"),
        (("--seeds", "0,1", "--seed", "0"), "--seeds and --seed exclude each other"),
        (("--seeds", "0,1", "--resume", "x"), "--seeds and --resume exclude each other"),
        (("--seeds", "0,1", "--dry-run"), "--seeds and --dry-run exclude each other"),
        (("--strict", "--task", "sentiment", "--model", "lstm"), "--strict needs a recipe"),
        (("--recipe", "sentiment-lstn"), "did you mean 'sentiment-lstm'?"),
    ],
)
def test_mistakes(
    words: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("run", *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not list(tmp_path.iterdir())


def test_list_and_show_recipes(plugin: Path) -> None:
    listed = call("list", "recipes", "--plugin", plugin, "--json")
    assert "recipe 'broken' cannot be read" in listed.stderr
    records = {record["name"]: record for record in json.loads(listed.stdout)}
    assert "broken" not in records
    assert records["quick"] == {
        "name": "quick",
        "kind": "recipe",
        "summary": "A few reviews, two steps",
        "source": "these tests",
        "expected": [
            {"name": "train.accuracy", "condition": ">= 0"},
            {"name": "test.accuracy", "condition": "> 1"},
        ],
        "plugin": "recipes.py",
    }
    table = call("list", "recipes", "--plugin", plugin).stdout
    assert "train.accuracy >= 0; test.accuracy > 1" in table
    shown = call("show", "recipe", "quick", "--plugin", plugin)
    assert "expected test.accuracy > 1" in shown.stdout
    assert 'source = "reviews"' in shown.stdout
    as_json = json.loads(call("show", "recipe", "quick", "--plugin", plugin, "--json").stdout)
    assert as_json["config"]["model"] == {"name": "lstm", "hidden_size": 4, "embedding_size": 4}
    assert call("show", "recipe", "broken", "--plugin", plugin).exit_code == 2


def test_list_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert json.loads(call("list", "runs", "--json").stdout) == []
    assert call("list", "runs", "elsewhere").exit_code == 2
    assert call("list", "models", "elsewhere").exit_code == 2
    small = ("-o", "data.rows=200", "-o", "model.hidden_size=4", "--smoke")
    assert call("run", "--task", "sentiment", "--model", "lstm", *small).exit_code == 0
    (tmp_path / "runs" / "odd").mkdir()
    result = call("list", "runs")
    assert result.exit_code == 0
    header, row = result.stdout.splitlines()
    assert header.split()[:3] == ["run", "state", "task"]
    assert row.startswith("runs/sentiment-lstm-")
    assert "finished" in row
    assert "broken: runs/odd: it has no config.toml" in result.stderr
