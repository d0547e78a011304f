import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqlab.cli import COMMANDS, cli

PLUGIN = """
import seqlab

@seqlab.hookimpl
def register_layers(register):
    register("broken-layer", "no_such_package:Layer", summary="Listed without being loaded")
"""


@pytest.fixture
def plugin(tmp_path: Path) -> str:
    file = tmp_path / "myplugin.py"
    file.write_text(PLUGIN)
    return str(file)


def call(*arguments: str) -> str:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return result.stdout


def test_help_names_every_command() -> None:
    text = call("--help")
    assert all(f"\n  {name} " in text for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    assert call(command, "--help").startswith("Usage: ")


@pytest.mark.parametrize(
    ("kind", "name", "entry"),
    [
        ("models", "lstm", "layer"),
        ("tasks", "sentiment", "task"),
        ("tokenizers", "word", "tokenizer"),
        ("data", "reviews", "data"),
    ],
)
def test_list(kind: str, name: str, entry: str) -> None:
    records = json.loads(call("list", kind, "--json"))
    assert all(set(record) == {"name", "kind", "summary", "plugin"} for record in records)
    record = next(record for record in records if record["name"] == name)
    assert record["kind"] == entry
    assert record["summary"]
    assert name in call("list", kind)


def test_list_without_a_kind_lists_everything() -> None:
    kinds = {record["kind"] for record in json.loads(call("list", "--json"))}
    assert kinds >= {"layer", "task", "tokenizer", "data"}


def test_list_with_a_plugin_file(plugin: str) -> None:
    records = json.loads(call("list", "models", "--plugin", plugin, "--json"))
    names = [record["name"] for record in records if record["plugin"] == "myplugin.py"]
    assert names == ["broken-layer"]


def test_plugins(plugin: str) -> None:
    records = {record["name"]: record for record in json.loads(call("plugins", "--json"))}
    assert records["recurrent"]["state"] == "loaded"
    assert records["recurrent"]["origin"].startswith("seqlab ")
    assert records["recurrent"]["failures"] == []
    assert "myplugin.py" in call("plugins", "--plugin", plugin)


@pytest.mark.parametrize(
    ("kind", "name", "option"),
    [
        ("model", "lstm", "hidden_size"),
        ("model", "lstm", "embedding_size"),
        ("task", "sentiment", "max_length"),
        ("tokenizer", "word", "min_count"),
        ("data", "reviews", "rows"),
    ],
)
def test_show(kind: str, name: str, option: str) -> None:
    document = json.loads(call("show", kind, name, "--json"))
    assert document["name"] == name
    assert document["origin"].startswith("seqlab ")
    options = {record["name"]: record for record in document["options"]}
    assert set(options[option]) == {"name", "type", "default", "meaning"}
    assert all(record["meaning"] for record in document["options"])
    assert f"{kind}.{option}" in call("show", kind, name)


def test_show_task_has_columns_and_defaults() -> None:
    document = json.loads(call("show", "task", "sentiment", "--json"))
    assert [column["role"] for column in document["columns"]] == ["text", "series", "label"]
    assert document["defaults"]["tokenizer.name"] == "word"
    assert "column text: text" in call("show", "task", "sentiment")


@pytest.mark.parametrize("section", ["data", "train", "evaluate"])
def test_show_section(section: str) -> None:
    document = json.loads(call("show", section, "--json"))
    assert all(record["meaning"] for record in document["options"])
    assert f"{section}." in call("show", section)


def test_doctor() -> None:
    report = json.loads(call("doctor", "--json"))
    assert report["healthy"]
    assert "cpu" in [device["name"] for device in report["devices"]]
    assert report["versions"]["torch"]
    assert "cpu" in call("doctor")


def test_a_column_of_any_kind() -> None:
    shown = CliRunner().invoke(cli, ["show", "task", "chars"]).stdout
    assert "column target: any kind; default names target, " in shown
