import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqlab.cli import COMMANDS, cli

PLUGIN = """
import seqlab

@seqlab.hookimpl
def register_layers(register):
    register("broken-layer", "no_such_package:Layer", summary="Is listed before it is loaded")
"""


@pytest.fixture
def plugin(tmp_path: Path) -> str:
    file = tmp_path / "myplugin.py"
    file.write_text(PLUGIN)
    return str(file)


def call(*arguments: str) -> str:
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    return done.stdout


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
    found = json.loads(call("list", kind, "--json"))
    assert {frozenset(each) for each in found} == {frozenset(("name", "kind", "summary", "plugin"))}
    chosen = next(each for each in found if each["name"] == name)
    assert chosen["kind"] == entry
    assert chosen["summary"]
    assert name in call("list", kind)


def test_list_without_a_kind_holds_all() -> None:
    kinds = {each["kind"] for each in json.loads(call("list", "--json"))}
    assert kinds >= {"layer", "task", "tokenizer", "data"}


def test_list_with_a_plugin_file(plugin: str) -> None:
    found = json.loads(call("list", "models", "--plugin", plugin, "--json"))
    assert {"broken-layer"} == {e["name"] for e in found if e["plugin"] == "myplugin.py"}


def test_plugins(plugin: str) -> None:
    found = {each["name"]: each for each in json.loads(call("plugins", "--json"))}
    assert found["recurrent"]["state"] == "loaded"
    assert found["recurrent"]["origin"].startswith("seqlab ")
    assert found["recurrent"]["failures"] == []
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
    shown = json.loads(call("show", kind, name, "--json"))
    assert shown["name"] == name
    assert shown["origin"].startswith("seqlab ")
    options = {each["name"]: each for each in shown["options"]}
    assert set(options[option]) == {"name", "type", "default", "meaning"}
    assert all(each["meaning"] for each in shown["options"])
    assert f"{kind}.{option}" in call("show", kind, name)


def test_show_task_has_columns_and_defaults() -> None:
    shown = json.loads(call("show", "task", "sentiment", "--json"))
    assert [column["role"] for column in shown["columns"]] == ["text", "series", "label"]
    assert shown["defaults"]["tokenizer.name"] == "word"
    assert "column text: text" in call("show", "task", "sentiment")


@pytest.mark.parametrize("section", ["data", "train", "evaluate"])
def test_show_section(section: str) -> None:
    shown = json.loads(call("show", section, "--json"))
    assert all(each["meaning"] for each in shown["options"])
    assert f"{section}." in call("show", section)


def test_doctor() -> None:
    found = json.loads(call("doctor", "--json"))
    assert found["healthy"]
    assert "cpu" in [device["name"] for device in found["devices"]]
    assert found["versions"]["torch"]
    assert "cpu" in call("doctor")
