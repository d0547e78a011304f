import json
from dataclasses import replace

import pytest

from seqlab.config.run_config import RunConfig
from seqlab.errors import UserError
from seqlab.plugin.manager import installed
from seqlab.plugin.resolve import resolve
from seqlab.runs.provenance import Provenance, check_changeable, continued, provenance_of
from tests.examples import random_examples

BEFORE = Provenance(
    {"seqlab": "0.1.0", "torch": "2.13"},
    {"mine.py": "a" * 64},
    {"train": "1", "test": "2"},
    {"train.epochs": 3, "train.max_grad_norm": None},
)


def test_the_same_continues() -> None:
    now = Provenance.from_json(json.loads(json.dumps(BEFORE.to_json())))
    assert continued(BEFORE, now, step=5, accept=False) == BEFORE


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"code": {"seqlab": "0.1.0", "torch": "2.14"}}, "torch: 2.13, now 2.14"),
        ({"plugins": {"mine.py": "b" * 64}}, "mine.py: aaaaaaaaaaaa…, now bbbbbbbbbbbb…"),
        ({"data": {"train": "9", "test": "2"}}, "the data, split train: 1, now 9"),
        ({"options": {"train.epochs": 4, "train.max_grad_norm": None}}, "train.epochs: 3, now 4"),
        (
            {"options": {"train.epochs": 3, "train.max_grad_norm": 1.0}},
            "train.max_grad_norm: none, now 1.0",
        ),
        ({"options": {"train.epochs": 3, "more": 1}}, "more: none, now 1"),
    ],
)
def test_differences_are_refused_or_named(changed: dict[str, dict[str, object]], line: str) -> None:
    now = replace(BEFORE, **changed)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="--accept-changes") as caught:
        continued(BEFORE, now, step=5, accept=False)
    assert line in caught.value.cause
    accepted = continued(BEFORE, now, step=5, accept=True)
    assert accepted.changed == [f"after step 5: {line}"]
    assert continued(accepted, now, step=9, accept=False) == accepted  # asked once only


def test_a_new_option_with_no_value_is_no_change() -> None:
    now = replace(BEFORE, options={**BEFORE.options, "train.new": None})
    assert BEFORE.differences(now) == []


@pytest.mark.parametrize("other", [{"code": None}, {"data": []}, {"changed": [1]}, {"more": {}}])
def test_what_is_not_provenance_is_refused(other: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        Provenance.from_json({**BEFORE.to_json(), **other})


@pytest.mark.parametrize("name", ["task.window", "tokenizer.name", "model.name", "seed"])
def test_what_is_fitted_stays(name: str) -> None:
    with pytest.raises(UserError, match=name):
        check_changeable({name: f"-o {name}"})
    names = ("train.epochs", "model.dropout", "evaluate.resamples", "device", "precision")
    check_changeable({name: f"-o {name}" for name in names})


def test_it_holds_all_that_is_decisive() -> None:
    config = RunConfig()
    config.set("task.name", "sentiment", "here")
    config.set("model.name", "lstm", "here")
    resolved = resolve(config, installed())
    examples = {"train": random_examples()}
    provenance = provenance_of(resolved, examples)
    assert {"seqlab", "torch", "numpy", "seqlab_recurrent", "seqlab_sentiment"} <= set(
        provenance.code
    )
    assert provenance.data == {"train": examples["train"].fingerprint()}
    assert provenance.options["train.epochs"] == resolved.train.epochs
    assert provenance.options["model.name"] == "lstm"
    assert not {"device", "data.source"} & set(provenance.options)
