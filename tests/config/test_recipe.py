import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

import seqlab
from seqlab.config.recipe import describe, read_recipe
from seqlab.errors import PluginError, UserError
from seqlab.plugin.manager import installed
from seqlab.plugin.resolve import resolve
from seqlab.registry import Entry
from seqlab.training.weights import find_weights
from tests.recipes import QUICK, write_plugin


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    (tmp_path / "plugin").mkdir()
    return write_plugin(tmp_path / "plugin")


def run(plugin: Path, **arguments: Any) -> dict[str, Any]:
    return seqlab.run(recipe="quick", plugins=[plugin], **arguments)


def test_a_recipe_says_whether_it_was_reached(plugin: Path, tmp_path: Path) -> None:
    result = run(plugin, out=tmp_path / "run")
    assert (result["task"], result["model"], result["seed"]) == ("sentiment", "lstm", 7)
    assert result["steps"] == 2
    assert result["recipe"] == {"name": "quick", "overridden": []}
    values = [result["metrics"][split]["accuracy"]["value"] for split in ("train", "test")]
    assert result["expected"] == [
        {"name": "train.accuracy", "condition": ">= 0", "value": values[0], "reached": True},
        {"name": "test.accuracy", "condition": "> 1", "value": values[1], "reached": False},
    ]
    config = tomllib.loads((tmp_path / "run" / "config.toml").read_text())
    assert config["recipe"]["name"] == "quick"
    again = seqlab.run(config=tmp_path / "run" / "config.toml", plugins=[plugin], dry_run=True)
    assert again["recipe"] is None  # what stands in a file may have been changed


def test_without_a_recipe_nothing_is_expected(tmp_path: Path) -> None:
    arguments: Any = {"task": "sentiment", "model": "lstm", "options": {"data.rows": 200}}
    result = seqlab.run(**arguments, smoke=True, out=tmp_path / "run")
    assert (result["recipe"], result["expected"]) == (None, [])


def test_whoever_comes_later_wins(plugin: Path, tmp_path: Path) -> None:
    file = tmp_path / "file.toml"
    file.write_text("seed = 3\n[model]\nhidden_size = 5\nembedding_size = 6\n[train]\nepochs = 9\n")
    arguments: dict[str, Any] = {
        "config": file,
        "options": {"model.embedding_size": 7},
        "epochs": 1,
    }
    plan = run(plugin, dry_run=True, **arguments)
    assert plan["seed"] == 3
    model, train = plan["config"]["model"], plan["config"]["train"]
    assert (model["hidden_size"], model["embedding_size"]) == (5, 7)  # file, command line
    assert (train["max_steps"], train["epochs"]) == (2, 1)  # recipe, command line
    assert train["learning_rate"] == 2e-3  # task
    assert plan["recipe"]["overridden"] == [
        "model.embedding_size", "model.hidden_size", "seed", "train.epochs",
    ]  # fmt: skip


def test_the_same_value_again_overrides_nothing(plugin: Path) -> None:
    plan = run(plugin, dry_run=True, seed=7, options=["model.hidden_size=4"], device="cpu")
    assert plan["recipe"]["overridden"] == []


def test_other_data(plugin: Path) -> None:
    rows = [{"review": f"so {i}", "label": label} for i in range(20) for label in ("a", "b")]
    plan = run(plugin, data=rows, options={"data.columns.text": "review"}, dry_run=True)
    assert "rows" not in plan["config"]["data"]  # an option of the recipe's own source
    assert plan["recipe"]["overridden"] == ["data.columns", "data.source"]
    assert plan["data"]["train"]["examples"] == 32


def test_a_trial_of_a_recipe(plugin: Path) -> None:
    changed = run(plugin, smoke=True, dry_run=True)["recipe"]["overridden"]
    assert changed == ["evaluate.train_rows", "smoke"]  # it makes two steps itself


def test_a_resumed_run_keeps_its_recipe(plugin: Path, tmp_path: Path) -> None:
    result = run(plugin, out=tmp_path / "run")
    (tmp_path / "run" / "result.json").unlink()
    plugin.with_name("quick.toml").unlink()  # all that counts lies in the run's folder
    again = seqlab.run(resume=tmp_path / "run", plugins=[plugin])
    assert again["recipe"] == result["recipe"]
    assert [each["condition"] for each in again["expected"]] == [">= 0", "> 1"]
    with pytest.raises(UserError, match="keeps its recipe"):
        run(plugin, resume=tmp_path / "run")


def test_weights_lie_beside_the_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = QUICK.replace("[train]", '[train]\ninit_from = "some.safetensors"')
    file = write_plugin(tmp_path, started=text)
    save_file({"head.linear.bias": torch.tensor([3.0, 4.0])}, tmp_path / "some.safetensors")
    monkeypatch.chdir(tmp_path.parent)
    run: dict[str, Any] = {"recipe": "started", "plugins": [file.relative_to(tmp_path.parent)]}
    plan = seqlab.run(**run, dry_run=True)
    assert plan["config"]["train"]["init_from"] == str(tmp_path / "some.safetensors")
    assert plan["recipe"]["overridden"] == []
    result = seqlab.run(**run, out=tmp_path / "run")
    assert any("1 of " in notice and "some.safetensors" in notice for notice in result["notices"])
    none = seqlab.run(**run, options={"train.init_from": "none"}, dry_run=True)
    assert none["recipe"]["overridden"] == ["train.init_from"]


def test_weights_of_an_installed_plugin_s_recipe_are_found_anywhere(tmp_path: Path) -> None:
    plan = seqlab.run(recipe="hihell", dry_run=True)
    initial = plan["config"]["train"]["init_from"]
    assert initial == "seqlab_chars:recipes/hihell.safetensors"  # no path of this machine
    assert find_weights(initial).is_file()
    assert find_weights("no_such_package:a.safetensors") == Path("no_such_package:a.safetensors")
    odd = tmp_path / "a:b.safetensors"
    assert find_weights(str(odd)) == odd


def test_a_run_without_a_checkpoint_starts_from_the_recipe_s_weights_again(tmp_path: Path) -> None:
    result = seqlab.run(recipe="hihell", out=tmp_path / "first")
    shutil.copytree(tmp_path / "first", tmp_path / "moved")
    (tmp_path / "moved" / "result.json").unlink()
    again = seqlab.run(resume=tmp_path / "moved")
    assert again["metrics"] == result["metrics"]


def test_an_unknown_recipe(plugin: Path) -> None:
    with pytest.raises(UserError, match="unknown recipe 'quik'") as error:
        seqlab.run(recipe="quik", plugins=[plugin])
    assert "did you mean 'quick'?" in error.value.remedy


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("summary = ", "Invalid value"),
        (QUICK.replace("summary", "sumary"), "it has no summary"),
        (QUICK.replace("[model]", "[modell]"), "it has no model"),
        (QUICK.replace("[train]", "[trian]"), "unknown section or key 'trian'"),
        (QUICK.replace("seed = 7", 'device = "cuda"'), "it sets device"),
        (QUICK.replace("seed = 7", "seed = -7"), "seed takes int"),
        (QUICK.replace('"> 1"', '"much"'), "'much' is not a comparison"),
        (QUICK.replace("condition", "conditon"), "conditon"),
    ],
)
def test_a_broken_recipe_costs_itself_alone(tmp_path: Path, text: str, cause: str) -> None:
    plugins = installed().with_files([write_plugin(tmp_path, broken=text)])
    recipes, broken = describe(plugins.recipes)
    assert "quick" in [each["name"] for each in recipes]
    assert len(broken) == 1
    assert "recipe 'broken' cannot be read" in broken[0].cause
    assert cause in broken[0].cause
    assert "broken.toml" in broken[0].location


def test_a_recipe_that_is_not_there() -> None:
    for target in ("seqlab:no/such.toml", "no_such_package:a.toml", Path("no/such.toml"), dict):
        with pytest.raises(PluginError, match="cannot be read"):
            read_recipe(Entry("a", "recipe", target, "", "test"))


@pytest.mark.parametrize("entry", list(installed().recipes), ids=lambda entry: entry.name)
def test_built_in_recipes_are_whole(entry: Entry[Any]) -> None:
    recipe = read_recipe(entry)
    assert recipe.summary
    assert recipe.source
    assert recipe.expected
    resolve(recipe.config, installed())  # every name and option exists


def test_the_tutorial_s_network_for_reviews() -> None:
    """10,000 × 100 + two LSTM layers (four gates, two biases each) + one logit."""
    rows = [
        {"text": " ".join(f"w{n}" for n in range(i, 11_000, 100)), "label": i % 2}
        for i in range(100)
    ]
    plan = seqlab.run(recipe="sentiment-lstm", data=rows, dry_run=True,
                      options={"data.validation_fraction": 0.01})  # fmt: skip
    first, second = (4 * 256 * (size + 256 + 2) for size in (100, 256))
    assert plan["parameters"]["total"] == 10_000 * 100 + first + second + 257 == 1_893_185


def test_the_result_is_plain_json(plugin: Path, tmp_path: Path) -> None:
    result = run(plugin, out=tmp_path / "run")
    assert json.loads((tmp_path / "run" / "result.json").read_text()) == result
