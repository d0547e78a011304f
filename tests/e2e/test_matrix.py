"""Every model × task × direction × depth × pooling: trains, evaluates, predicts, or is refused.

Models, tasks and tokenizers come from the registries, so that a new one is tested at once. What is
predicted for a row is the same alone, beside others, and beside a row of at least four times its
length.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, get_args

import pytest

import seqlab
from seqlab.errors import UserError
from seqlab.inference.predictor import Predictor
from seqlab.nn import model_options
from seqlab.nn.pooling import PoolingKind
from seqlab.plugin.manager import installed
from tests.e2e.tiny import NUMBERS, Parts, Row, as_integers, many_times, tiny_parts

KNOWN = installed()
MODELS = [entry.name for entry in KNOWN.models]
TASKS = [entry.name for entry in KNOWN.tasks]
TEXT_TASKS = [t for t in TASKS if "tokenizer.name" in KNOWN.tasks.get(t).load().defaults]
TOKENIZERS = [entry.name for entry in KNOWN.tokenizers]

SMALL = {"hidden_size": 6, "embedding_size": 5}

Options = Mapping[str, Any]


class Form(NamedTuple):
    """Another form of a task, with the data and options that make it so."""

    task: str
    data: str
    options: Options = MappingProxyType({})

    def __str__(self) -> str:
        return "-".join([self.task, self.data, *map(str, self.options.values())])


FORMS = [
    Form("chars", "stdlib", {"task.mode": "windows", "task.length": 9}),
    Form("chars", "stdlib", {"task.mode": "last", "task.length": 5, "task.stride": 20}),
    Form("chars", "strings"),
    Form("regression", "count-steps"),
    Form("regression", "waves", {"task.window": 3}),
    Form("regression", "counting", {"tokenizer.name": "integer"}),
    Form("pos", "tagged", {"task.inputs": "both"}),
    Form("tag", "two-sentences", {"task.inputs": "characters"}),
    Form("classify", NUMBERS),
]


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are hundreds of runs, and none is kept."""
    monkeypatch.setattr(os, "fsync", lambda file: None)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("model", MODELS)
def test_every_model_does_every_task(model: str, task: str, tmp_path: Path) -> None:
    splits = tiny_parts(task)
    causal = per_step = False
    for number, shape in enumerate(shapes(model)):
        if per_step and shape.get("model.pooling", "last") != "last":
            continue  # nothing is pooled
        folder = tmp_path / str(number)
        if causal and shape["model.bidirectional"]:
            refused(task, model, splits, shape, folder)
            continue
        predictor = works(task, model, splits, shape, folder)
        causal = predictor.fitted.spec.causal
        per_step = predictor.fitted.spec.outputs.per == "step"
        same_beside_others(predictor, splits["test"])


@pytest.mark.parametrize("bidirectional", [False, True], ids=["ahead", "both ways"])
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_form_of_a_task(form: Form, bidirectional: bool, tmp_path: Path) -> None:
    splits = tiny_parts(form.task, form.data)
    options = {"model.bidirectional": bidirectional, "model.num_layers": 2, **form.options}
    if bidirectional and options.get("task.mode") == "windows":
        refused(form.task, "lstm", splits, options, tmp_path / "run")
        return
    predictor = works(form.task, "lstm", splits, options, tmp_path / "run")
    if form.data == "waves":  # a row to predict is a series so far
        series = [row["value"] for row in splits["test"]]
        same_beside_others(predictor, [{"value": series[:2]}, {"value": series[3:7]}])
    else:
        same_beside_others(predictor, splits["test"])


@pytest.mark.parametrize("task", TEXT_TASKS)
@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_every_tokenizer_does_every_task(tokenizer: str, task: str, tmp_path: Path) -> None:
    splits, options = tiny_parts(task), {"tokenizer.name": tokenizer}
    if tokenizer == "integer":  # the texts hold none
        with pytest.raises(UserError, match="is no integer"):
            works(task, "lstm", splits, options, tmp_path / "words")
        splits = as_integers(splits)
    same_beside_others(works(task, "lstm", splits, options, tmp_path / "run"), splits["test"])


def shapes(model: str) -> Iterator[Options]:
    """Direction × depth × pooling, as far as the model has them, one way first."""
    axes: dict[str, Sequence[Any]] = {
        "bidirectional": (False, True),
        "num_layers": (1, 3),
        "pooling": get_args(PoolingKind),
    }
    known = model_options(KNOWN.models.get(model).load())
    axes = {name: values for name, values in axes.items() if name in known}
    for values in product(*axes.values()):
        yield {f"model.{name}": value for name, value in zip(axes, values, strict=True)}


def train(task: str, model: str, splits: Parts, options: Options, folder: Path) -> dict[str, Any]:
    known = model_options(KNOWN.models.get(model).load())
    small = {f"model.{name}": value for name, value in SMALL.items() if name in known}
    few = {"evaluate.resamples": 100, "train.batch_size": 4, "train.epochs": 1}
    return seqlab.run(
        task=task,
        model=model,
        data=splits,
        options={**small, **few, **options},
        seed=1,
        device="cpu",
        out=folder,
        smoke=True,
    )


def works(task: str, model: str, splits: Parts, options: Options, folder: Path) -> Predictor:
    """A step or two of training, then the run that they left: evaluated again."""
    result = train(task, model, splits, options, folder)
    assert 1 <= result["steps"] <= 2
    assert set(result["metrics"]) == {"train", "validation", "test"}
    assert all(map(math.isfinite, numbers_in(result["metrics"])))
    predictor = seqlab.load(folder)
    again = predictor.evaluate(data=splits)
    assert numbers_in(again) == pytest.approx(numbers_in(result["metrics"]["test"]))
    return predictor


def refused(task: str, model: str, splits: Parts, options: Options, folder: Path) -> None:
    with pytest.raises(UserError, match="a backward direction would see it") as refusal:
        train(task, model, splits, options, folder)
    assert refusal.value.location == "model.bidirectional"
    assert refusal.value.remedy == "-o model.bidirectional=false"
    assert not folder.exists()


def same_beside_others(predictor: Predictor, rows: Sequence[Row]) -> None:
    """A row alone, between the others, and padded to the length of a far longer one."""
    rows = rows[:3]
    alone = [numbers_in(predictor.predict([row])) for row in rows]
    together = predictor.predict([*rows, many_times(max(rows, key=lambda row: len(str(row))))])
    for own, record in zip(alone, together, strict=False):
        assert numbers_in([record]) == pytest.approx(own, rel=1e-5, abs=1e-5)
    assert len(rows) == 1 or any(one != other for one, other in pairwise(alone))


def numbers_in(value: Any) -> list[float]:
    """All numbers of a record."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        return [number for entry in value for number in numbers_in(entry)]
    return [float(value)] if isinstance(value, int | float) else []
