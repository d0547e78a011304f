import pytest

from seqlab.config.run_config import assemble
from seqlab.errors import UserError
from seqlab.plugin.manager import installed
from seqlab.plugin.resolve import Resolved, resolve


def resolved(*texts: str) -> Resolved:
    names = ["task.name=sentiment", "model.name=lstm"]
    return resolve(assemble(None, {}, [*names, *texts]), installed())


def test_every_option_has_a_value() -> None:
    found = resolved("model.hidden_size=8", "train.max_grad_norm=none")
    assert found.config["model"]["hidden_size"] == 8
    assert found.config["model"]["bias"] is True
    assert found.config["tokenizer"]["name"] == "word"
    assert found.train.max_grad_norm is None
    assert found.source_options() == {"rows": found.config["data"]["rows"], "seed": 0}


def test_the_task_sets_defaults_that_the_user_overrides() -> None:
    assert resolved().config["model"]["bidirectional"] is True
    assert resolved("model.bidirectional=false").config["model"]["bidirectional"] is False


def test_a_complete_configuration_resolves_to_itself() -> None:
    once = resolved("model.hidden_size=8")
    assert resolve(once.config, installed()).config.sections == once.config.sections


@pytest.mark.parametrize(
    ("text", "said"),
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
def test_mistakes_are_named(text: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        resolved(text)
    assert said in str(caught.value)
