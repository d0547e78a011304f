from pathlib import Path

import pytest

import seqlab
from seqlab.config.document import read_config
from seqlab.config.run_config import assemble
from seqlab.errors import PluginError, UserError
from seqlab.plugin.manager import installed
from seqlab.plugin.resolve import Resolved, resolve


def resolved(*texts: str) -> Resolved:
    names = ["task.name=sentiment", "model.name=lstm"]
    return resolve(assemble(None, {}, [*names, *texts]), installed())


def test_every_option_has_a_value() -> None:
    result = resolved("model.hidden_size=8", "train.max_grad_norm=none")
    assert result.model.options["hidden_size"] == 8
    assert result.model.options["bias"] is True
    assert result.tokenizer is not None
    assert result.tokenizer.name == "word"
    assert result.train.max_grad_norm is None
    assert result.source_options == {"rows": result.config()["data"]["rows"], "seed": 0}


def test_the_task_sets_defaults_that_the_user_overrides() -> None:
    assert resolved().model.options["bidirectional"] is True
    assert resolved("model.bidirectional=false").model.options["bidirectional"] is False


def test_a_complete_configuration_resolves_to_itself() -> None:
    once = resolved("model.hidden_size=8").config()
    assert resolve(once, installed()).config() == once


def test_a_wrong_value_names_the_file_or_flag(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text('[task]\nname = "sentiment"\n[model]\nname = "lstm"\nhidden_size = 0\n')
    with pytest.raises(UserError) as caught:
        resolve(read_config(file), installed())
    assert caught.value.location == f"{file}, [model]"
    with pytest.raises(UserError) as caught:
        resolved("model.hidden_size=0")
    assert caught.value.location == "-o model.hidden_size"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model.name=lsmt", "did you mean 'lstm'?"),
        ("task.name=sentimen", "did you mean 'sentiment'?"),
        ("tokenizer.name=wrod", "did you mean 'word'?"),
        ("model.hiden_size=8", "did you mean 'model.hidden_size'?"),
        ("train.epochs=0", "≥ 1"),
        ("task.max_length=a", "task.max_length takes int or none"),
        ("data.validation_fraction=0.9", "0.001 to 0.4"),
        ("evaluate.resamples=1", "≥ 100"),
    ],
)
def test_mistakes_are_named(text: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        resolved(text)
    assert message in str(caught.value)


class NotALayer:
    """A class that is neither a layer nor a model."""


def test_a_class_of_a_different_kind_is_refused() -> None:
    plugins, names = installed().with_classes({"model": NotALayer})
    config = assemble(None, {"task.name": "sentiment", **names})
    with pytest.raises(PluginError, match="'python:NotALayer' is not a Layer or Model"):
        resolve(config, plugins)


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ('precision = "fp8"', "FILE"),
        ('device = "gpu"', "FILE"),
        ('[train]\nmonitor = "acc"', "FILE, [train]"),
        ('[data]\ncolumns = {body = "text"}', "FILE, [data]"),
    ],
)
def test_a_value_that_is_wrong_for_the_data_or_device_names_the_file(
    tmp_path: Path, text: str, location: str
) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(f"{text}\n")
    with pytest.raises(UserError) as caught:
        seqlab.run(task="sentiment", model="rnn", config=file, smoke=True, dry_run=True)
    assert caught.value.location == location.replace("FILE", str(file))
