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

from seqlab.data.encoding.examples import CharacterTable, Examples, Stream
from seqlab.data.sampling.batching import gather
from seqlab.device import Device
from seqlab.errors import SeqlabError, UserError
from seqlab.evaluation.evaluate import evaluate, evaluate_baseline
from seqlab.evaluation.predictions import RowPredictor
from seqlab.nn import Layer, Objective, build_model
from seqlab.plugin.resolve import Resolved
from seqlab.prepare.prepare import Prepared
from seqlab.runs.reload import Unsaved, check_reload
from seqlab.training.randomness import seeded
from seqlab.types import Integers

EXAMPLES, STEPS, ROWS, CHARACTERS = 4, 16, 2, 200
"""Examples that are evaluated and their steps; rows whose predictions are presented, and their
characters."""


def rehearse(resolved: Resolved, prepared: Prepared, objective: Objective, device: Device) -> None:
    """Evaluate, present, save and load, so that what fails does so before the time is spent.

    Weights, random state and folder of the run are not changed.

    Args:
        resolved: The configuration.
        prepared: The data.
        objective: Model and criterion, before training.
        device: The device and the precision.

    Raises:
        UserError: Something that a run does late fails.
    """
    alone = Device(device.torch_device, device.precision)  # processes do not wait for each other
    rehearsal = _Rehearsal(resolved, prepared, objective, alone)
    with seeded(resolved.seed), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a run itself warns, of all of its examples
        rehearsal.reload()
        rehearsal.evaluate()
        rehearsal.present()


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
