"""Every model × task × direction × depth × pooling trains, evaluates and predicts, or is refused.

Models, tasks and tokenizers come from the registries, so that new ones are tested without a change
here. The prediction for a row is the same alone, in a batch, and in a batch with a row of at least
four times its length.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, get_args

import pytest

import seqlab
from seqlab.errors import UserError
from seqlab.inference.predictor import Predictor
from seqlab.nn import build_model, model_options
from seqlab.nn.pooling import PoolingKind
from seqlab.options import validate
from seqlab.plugin.manager import installed
from seqlab.spec import ModelSpec
from seqlab.types import JsonObject, Options
from tests.e2e.tiny import NUMBERS, Splits, as_integers, repeated, tiny_splits

KNOWN = installed()
MODELS = [entry.name for entry in KNOWN.models]
TASKS = [entry.name for entry in KNOWN.tasks]
TEXT_TASKS = [t for t in TASKS if "tokenizer.name" in KNOWN.tasks.get(t).load().defaults]
TOKENIZERS = [entry.name for entry in KNOWN.tokenizers]

SMALL = {"hidden_size": 6, "embedding_size": 5}
AXES: Mapping[str, Sequence[object]] = {
    "bidirectional": (False, True),
    "num_layers": (1, 3),
    "pooling": get_args(PoolingKind),
}


class Form(NamedTuple):
    """A form of a task other than its default, with the data and options for it."""

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


def known_options(model: str, options: Options) -> Options:
    """Those of the options that the model has."""
    known = model_options(KNOWN.models.get(model).load())
    return {name: value for name, value in options.items() if name in known}


def shapes(model: str) -> Iterator[Options]:
    """Direction × depth × pooling, as far as the model has these options."""
    axes = known_options(model, AXES)
    for values in product(*axes.values()):
        yield dict(zip(axes, values, strict=True))


def shape_id(shape: Options) -> str:
    """An id such as "bidirectional-3-mean"."""
    direction = "bidirectional" if shape.get("bidirectional") else "forward"
    return "-".join([direction, *(str(shape[name]) for name in list(AXES)[1:] if name in shape)])


CASES = [
    pytest.param(model, task, shape, id=f"{model}-{task}-{shape_id(shape)}")
    for model in MODELS
    for task in TASKS
    for shape in shapes(model)
]


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are hundreds of runs, and none is kept."""
    monkeypatch.setattr(os, "fsync", lambda file: None)


@pytest.fixture(scope="session")
def spec_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ModelSpec]:
    """Task → the spec of its models; each task is fitted once."""

    @cache
    def fit(task: str) -> ModelSpec:
        folder = tmp_path_factory.mktemp(task) / "run"
        train(task, MODELS[0], tiny_splits(task), {}, folder)
        return seqlab.load(folder).fitted.spec

    return fit


@pytest.mark.parametrize(("model", "task", "shape"), CASES)
def test_every_model_does_every_task(
    model: str, task: str, shape: Options, spec_of: Callable[[str], ModelSpec], tmp_path: Path
) -> None:
    spec, splits = spec_of(task), tiny_splits(task)
    options = {f"model.{name}": value for name, value in shape.items()}
    if spec.causal and shape.get("bidirectional"):
        assert_refused(task, model, splits, options, tmp_path / "run")
    elif spec.outputs.per == "step" and shape.get("pooling", "last") != "last":
        assert_pooling_is_ignored(model, spec, shape)
    else:
        predictor = train_and_load(task, model, splits, options, tmp_path / "run")
        assert_independent_of_the_batch(predictor, splits["test"])


@pytest.mark.parametrize("bidirectional", [False, True], ids=["forward", "bidirectional"])
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_form_of_a_task(form: Form, bidirectional: bool, tmp_path: Path) -> None:
    splits = tiny_splits(form.task, form.data)
    options = {"model.bidirectional": bidirectional, "model.num_layers": 2, **form.options}
    if bidirectional and options.get("task.mode") == "windows":
        assert_refused(form.task, "lstm", splits, options, tmp_path / "run")
        return
    predictor = train_and_load(form.task, "lstm", splits, options, tmp_path / "run")
    if form.data == "waves":  # a row to predict is the beginning of a series
        series = [row["value"] for row in splits["test"]]
        assert_independent_of_the_batch(predictor, [{"value": series[:2]}, {"value": series[3:7]}])
    else:
        assert_independent_of_the_batch(predictor, splits["test"])


@pytest.mark.parametrize("task", TEXT_TASKS)
@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_every_tokenizer_does_every_task(tokenizer: str, task: str, tmp_path: Path) -> None:
    splits, options = tiny_splits(task), {"tokenizer.name": tokenizer}
    if tokenizer == "integer":  # the texts contain none
        with pytest.raises(UserError, match="is not an integer"):
            train_and_load(task, "lstm", splits, options, tmp_path / "words")
        splits = as_integers(splits)
    predictor = train_and_load(task, "lstm", splits, options, tmp_path / "run")
    assert_independent_of_the_batch(predictor, splits["test"])


def train(task: str, model: str, splits: Splits, options: Options, folder: Path) -> JsonObject:
    """Train for one or two steps."""
    small = {f"model.{name}": value for name, value in known_options(model, SMALL).items()}
    short = {"evaluate.resamples": 100, "train.batch_size": 4, "train.epochs": 1}
    return seqlab.run(
        task=task,
        model=model,
        data=splits,
        options={**small, **short, **options},
        seed=1,
        device="cpu",
        out=folder,
        smoke=True,
    )


def train_and_load(
    task: str, model: str, splits: Splits, options: Options, folder: Path
) -> Predictor:
    """Train, load the run, and check that it evaluates to the same metrics."""
    result = train(task, model, splits, options, folder)
    assert 1 <= result["steps"] <= 2
    assert set(result["metrics"]) == {"train", "validation", "test"}
    assert all(map(math.isfinite, numbers_in(result["metrics"])))
    predictor = seqlab.load(folder)
    metrics = predictor.evaluate(data=splits)
    assert numbers_in(metrics) == pytest.approx(numbers_in(result["metrics"]["test"]))
    return predictor


def assert_refused(task: str, model: str, splits: Splits, options: Options, folder: Path) -> None:
    with pytest.raises(UserError, match="a backward direction would see it") as caught:
        train(task, model, splits, options, folder)
    assert caught.value.location == "-o model.bidirectional"
    assert caught.value.remedy == "-o model.bidirectional=false"
    assert not folder.exists()


def assert_pooling_is_ignored(model: str, spec: ModelSpec, shape: Options) -> None:
    """The model has the same parameters with any pooling."""
    builder = KNOWN.models.get(model).load()

    def parameters(pooling: str) -> dict[str, tuple[int, ...]]:
        values = {**known_options(model, SMALL), **shape, "pooling": pooling}
        options = validate("model", values, model_options(builder))
        tensors = build_model(builder, spec, options).state_dict()
        return {name: tuple(tensor.shape) for name, tensor in tensors.items()}

    assert parameters(shape["pooling"]) == parameters("last")


def assert_independent_of_the_batch(predictor: Predictor, rows: Sequence[JsonObject]) -> None:
    """The prediction is the same alone, in a batch, and padded to the length of a long row."""
    rows = rows[:3]
    alone = [numbers_in(predictor.predict([row])) for row in rows]
    batch = [*rows, repeated(max(rows, key=lambda row: len(str(row))))]
    for numbers, record in zip(alone, predictor.predict(batch), strict=False):
        assert numbers_in([record]) == pytest.approx(numbers, rel=1e-5, abs=1e-5)
    assert len(rows) == 1 or any(one != other for one, other in pairwise(alone))


def numbers_in(value: object) -> list[float]:
    """All numbers of a record."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        return [number for entry in value for number in numbers_in(entry)]
    return [float(value)] if isinstance(value, int | float) else []
