from pathlib import Path

import pytest

from seqlab.config.document import read_config
from seqlab.config.plugin_file import PluginFile
from seqlab.config.run_config import RecipeRecord, RunConfig, assemble
from seqlab.errors import UserError


def write(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text)
    return path


def test_later_values_win(tmp_path: Path) -> None:
    file = read_config(write(tmp_path, 'seed = 3\n[model]\nname = "lstm"\nhidden_size = 8\n'))
    config = assemble(file, {"train.epochs": 2}, ["model.hidden_size=16", "data.columns.text=a"])
    assert config.seed == 3
    assert config["model"] == {"name": "lstm", "hidden_size": "16"}
    assert config["data"]["columns"] == {"text": "a"}
    assert config["train"]["epochs"] == 2
    assert file["model"]["hidden_size"] == 8  # the configuration of the file is untouched


def test_toml_goes_round(tmp_path: Path) -> None:
    config = RunConfig(seed=7, plugins=[PluginFile("a.py", "0" * 64)])
    config.recipe = RecipeRecord("r", ["seed"], [{"name": "test.loss", "condition": "< 1"}])
    config.set("model.dropout", 0.5, "here")
    config.set("train.max_grad_norm", None, "here")
    config.set("data.columns", {"text": "a"}, "here")
    again = read_config(write(tmp_path, config.to_toml()))
    assert again.seed == 7
    assert again.plugins == config.plugins
    assert again.recipe == config.recipe
    assert again["model"] == {"dropout": 0.5}
    assert again["train"] == {"max_grad_norm": "none"}
    assert again["data"] == {"columns": {"text": "a"}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model = [", "not TOML"),
        ("[modle]\nname = 'x'", "did you mean 'model'?"),
        ("sede = 1", "did you mean 'seed'?"),
        ("seed = 'a'", "seed takes int"),
        ("seed = -1", "seed takes int"),
        ("model = 'lstm'", "'model' is a section"),
        ("[data]\nsource = []", "'data.source' is not text"),
        ("recipe = 3", "'recipe' is not a table"),
        ("plugins = [{name = '/a.py', sha256 = ''}]", "not the file of a plugin"),
        ("[model]\nname = 3", "'model.name' is not text"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        read_config(write(tmp_path, text))
    assert message in str(caught.value)
    assert "run.toml" in caught.value.location


def test_for_a_missing_file_the_nearest_is_named(tmp_path: Path) -> None:
    write(tmp_path, "")
    with pytest.raises(UserError, match=r"run\.toml"):
        read_config(tmp_path / "rnu.toml")


@pytest.mark.parametrize("text", ["model.hidden_size", "modle.x=1", "model=3"])
def test_a_broken_override_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        assemble(None, {}, [text])
