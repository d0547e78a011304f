from pathlib import Path

import pytest

from seqlab.config.run_config import RunConfig, assemble, read_toml
from seqlab.errors import UserError


def write(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text)
    return path


def test_later_values_win(tmp_path: Path) -> None:
    file = read_toml(write(tmp_path, 'seed = 3\n[model]\nname = "lstm"\nhidden_size = 8\n'))
    config = assemble(file, {"train.epochs": 2}, ["model.hidden_size=16", "data.columns.text=a"])
    assert config.seed == 3
    assert config["model"] == {"name": "lstm", "hidden_size": "16"}
    assert config["data"]["columns"] == {"text": "a"}
    assert config["train"]["epochs"] == 2
    assert file["model"]["hidden_size"] == 8  # the file's own is untouched


def test_toml_goes_round(tmp_path: Path) -> None:
    config = RunConfig(seed=7, plugins=[{"name": "a.py", "sha256": "0" * 64}])
    config.set("model.dropout", 0.5, "here")
    config.set("train.max_grad_norm", None, "here")
    config.set("data.columns", {"text": "a"}, "here")
    again = read_toml(write(tmp_path, config.to_toml()))
    assert again.seed == 7
    assert again.plugins == config.plugins
    assert again["model"] == {"dropout": 0.5}
    assert again["train"] == {"max_grad_norm": "none"}
    assert again["data"] == {"columns": {"text": "a"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model = [", "not TOML"),
        ("[modle]\nname = 'x'", "did you mean 'model'?"),
        ("sede = 1", "did you mean 'seed'?"),
        ("seed = 'a'", "seed takes int"),
        ("seed = -1", "seed takes int"),
        ("model = 'lstm'", "'model' is a section"),
        ("[data]\nsource = []", "'data.source' is no text"),
        ("[model]\nname = 3", "'model.name' is no text"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        read_toml(write(tmp_path, text))
    assert said in str(caught.value)
    assert "run.toml" in caught.value.location


def test_a_missing_file_is_answered_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, "")
    with pytest.raises(UserError, match=r"run\.toml"):
        read_toml(tmp_path / "rnu.toml")


@pytest.mark.parametrize("text", ["model.hidden_size", "modle.x=1", "model=3"])
def test_a_broken_override_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        assemble(None, {}, [text])
