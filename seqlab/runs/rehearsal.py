"""What a run does late, gone through on a few examples before the first step."""

from __future__ import annotations

import json
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.nn.parameter import is_lazy

from seqlab.data.encoding.examples import CharacterTable, Examples, Stream
from seqlab.data.sampling.batching import gather
from seqlab.device import Device
from seqlab.errors import SeqlabError, UserError
from seqlab.evaluation.evaluate import evaluate, evaluate_baseline
from seqlab.evaluation.predictions import RowPredictor
from seqlab.nn import Layer, Model, Objective, build_model
from seqlab.plugin.resolve import Resolved
from seqlab.prepare.prepare import Prepared
from seqlab.runs.reload import Unsaved, check_reload
from seqlab.training.randomness import seeded
from seqlab.types import Integers

EXAMPLES, STEPS, ROWS, CHARACTERS = 4, 16, 2, 200
"""Examples that are evaluated and their steps; rows whose predictions are presented, and their
characters."""

LONGEST = 512
"""Steps of the longest example that is read alone."""

MAX_NAMED = 5
"""Weights that a notice lists."""


def rehearse(
    resolved: Resolved, prepared: Prepared, objective: Objective, device: Device
) -> list[str]:
    """Evaluate, present, save and load, so that what fails does so before the time is spent.

    Weights, random state and folder of the run are not changed.

    Args:
        resolved: The configuration.
        prepared: The data.
        objective: Model and criterion, before training.
        device: The device and the precision.

    Returns:
        Notices about the model.

    Raises:
        UserError: Something that a run does late fails.
    """
    alone = Device(device.torch_device, device.precision)  # processes do not wait for each other
    rehearsal = _Rehearsal(resolved, prepared, objective, alone)
    with seeded(resolved.seed), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a run itself warns, of all of its examples
        rehearsal.reload()
        rehearsal.predict_alone()
        rehearsal.evaluate()
        rehearsal.present()
    return rehearsal.untrained()


def check_sizes(model: Model, name: str) -> None:
    """Refuse weights that get their size from the first batch.

    Raises:
        UserError: A weight has no size.
    """
    for parameter_name, parameter in model.named_parameters():
        if is_lazy(parameter):
            raise UserError(
                f"'{parameter_name}' has no size before the first batch, so it could not be loaded",
                location=f"model '{name}'",
                remedy="create it with its size: a layer is given `input_size`, so torch.nn.Linear "
                "instead of torch.nn.LazyLinear",
            )


class _Rehearsal:
    def __init__(
        self, resolved: Resolved, prepared: Prepared, objective: Objective, device: Device
    ) -> None:
        self.resolved, self.prepared = resolved, prepared
        self.objective, self.device = objective, device
        self.examples = prepared.examples["validation"]
        kind = "layer" if issubclass(resolved.model.cls, Layer) else "model"
        self.model_name = f"{kind} '{resolved.model.name}'"
        self.task_name = f"task '{resolved.task.name}'"

    def reload(self) -> None:
        """Save and load a copy that has read a batch; the copy is used from then on."""
        few = compact(self.examples, representative(self.examples, EXAMPLES))
        batch = gather(few, np.arange(len(few))).to(self.device.torch_device)
        spec, options = self.prepared.fitted.spec, self.resolved.model.options
        with _explained("a trial of the model", self.model_name, _CHECK):
            try:
                self.objective = check_reload(
                    self.objective,
                    lambda: build_model(self.resolved.model.cls, spec, options),
                    batch,
                    self.device,
                )
            except Unsaved as problem:
                raise UserError(
                    problem.cause, location=self.model_name, remedy=problem.remedy
                ) from None

    def predict_alone(self) -> None:
        """Predict the shortest and the longest example, each as a batch of one."""
        splits = [split for split in self.prepared.examples.values() if not split.stateful]
        for extreme in (np.argmin, np.argmax):
            ends = [(split, int(extreme(split.lengths))) for split in splits if len(split)]
            lengths = [int(split.lengths[index]) for split, index in ends]
            if lengths and (length := lengths[extreme(lengths)]) <= LONGEST:
                split, index = ends[extreme(lengths)]
                self._predict_one(split, index, length)

    def _predict_one(self, split: Examples, index: int, length: int) -> None:
        model = self.objective.model
        what = f"a trial with a single row of {length} step" + ("" if length == 1 else "s")
        batch = gather(split, np.array([index])).to(self.device.torch_device)
        with _explained(what, self.model_name, _CHECK), torch.no_grad(), self.device.autocast():
            outputs = model(batch.inputs, batch.lengths)
            model.head.decode(outputs, batch.lengths)
        if outputs.isnan().any():
            raise UserError(
                f"{what} predicts NaN", location=self.model_name, remedy="fix it, or its options"
            )

    def untrained(self) -> list[str]:
        """A notice about weights that got no gradient from a batch."""
        parameters = self.objective.model.named_parameters()
        names = [name for name, p in parameters if p.requires_grad and p.grad is None]
        if not names:
            return []
        more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
        shown = ", ".join(names[:MAX_NAMED]) + more
        return [f"weights that get no gradient and are not trained: {shown}"]

    def evaluate(self) -> None:
        """Metrics with intervals, and those of the baseline, as JSON."""
        with _explained("the evaluation", self.task_name, _FIX):
            try:
                few = compact(self.examples, representative(self.examples, EXAMPLES))
                self._evaluate(few)
            except SeqlabError:
                raise
            except Exception:  # perhaps only because the examples are few
                self._evaluate(self.examples)

    def _evaluate(self, examples: Examples) -> None:
        fitted, settings = self.prepared.fitted, self.resolved.evaluate
        evaluation = evaluate(
            self.objective,
            examples,
            fitted.metrics,
            device=self.device,
            batch_size=settings.batch_size,
            stateful=settings.state == "carried",
        )
        baseline = fitted.baseline(examples)
        baseline_values = evaluate_baseline(
            baseline, examples, fitted.criterion(), fitted.metrics, batch_size=settings.batch_size
        ).values()
        result = [evaluation.values(), evaluation.intervals(100), baseline.kind, baseline_values]
        json.dumps(result)

    def present(self) -> None:
        """Predictions of rows, as JSON."""
        if not self.prepared.loaded:  # the rows of a large file are not read for this
            return
        split = self.prepared.splits["validation"]
        predictor = RowPredictor(
            self.prepared.fitted,
            self.prepared.columns,
            self.objective,
            device=self.device,
            batch_size=ROWS,
        )
        target = self.prepared.columns.get(self.resolved.task.cls.target or "")
        sample = split.sample(ROWS)  # a text that is larger than memory is not read
        inputs = [
            {name: _shortened(values[row]) for name, values in sample.items() if name != target}
            for row in range(min(ROWS, len(split)))
        ]
        with _explained("presenting a prediction", self.task_name, _FIX):
            try:
                # a value of the user's rows need not be one of JSON
                records = [record.prediction for record in predictor.records(inputs)]
            except Exception as error:  # the rows to predict of a series are not those of training
                if not _is_within(error, self.prepared.fitted.presenter.present):
                    return
                raise
            json.dumps(records)


_FIX = "fix it: a run would fail here after its training"
_CHECK = "fix it; seqlab.testing.check_layer and check_model find it, too"


@contextmanager
def _explained(what: str, subject: str, remedy: str) -> Iterator[None]:
    """Any exception of a plugin becomes an error that names what failed, and where."""
    try:
        yield
    except SeqlabError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if "site-packages" not in frame.filename]
        last = own[-1]  # not a line of torch, but that which calls it
        message = next(iter(str(error).strip().splitlines()), "")
        raise UserError(
            f"{what} fails: {type(error).__name__}: {message}",
            location=f"{subject}, {Path(last.filename).name}:{last.lineno}",
            remedy=remedy,
        ) from error


def _shortened(value: object) -> object:
    return value[:CHARACTERS] if isinstance(value, str) else value


def _is_within(error: Exception, function: Callable[..., object]) -> bool:
    """Whether an error comes from a call of a function."""
    code = function.__code__ if hasattr(function, "__code__") else None
    frames = (frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(frame is code for frame in frames)


def representative(examples: Examples, count: int) -> Integers:
    """Some short examples, but not the very shortest."""
    order = np.argsort(examples.lengths, kind="stable")
    start = max(0, min(len(order) // 10, len(order) - count))
    return np.sort(order[start : start + count])


def compact(examples: Examples, indices: Integers) -> Examples:
    """The first steps of some of the examples, over flat arrays that hold nothing else."""
    chosen = examples.select(indices)
    # a model of windows may rely on their length
    shortest = 1 if examples.stateful else int(examples.lengths.min())
    lengths = np.minimum(chosen.lengths, max(STEPS, shortest))
    ends = np.cumsum(lengths)
    steps = np.concatenate(
        [np.arange(s, s + n) for s, n in zip(chosen.starts, lengths, strict=True)]
    )
    per_step = examples.per == "step"
    return replace(
        chosen,
        inputs={name: _steps(stream, steps) for name, stream in chosen.inputs.items()},
        starts=ends - lengths,
        lengths=lengths,
        targets=chosen.targets[steps] if per_step else chosen.targets,
        metadata={
            name: values[steps] if per_step else values for name, values in chosen.metadata.items()
        },
    )


def _steps(stream: Stream, steps: Integers) -> Stream:
    if isinstance(stream, CharacterTable):
        return replace(stream, index=stream.index[steps])
    return stream[steps]
