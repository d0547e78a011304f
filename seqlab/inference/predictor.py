"""A finished run, ready to predict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypedDict

from seqlab.config.keywords import takes
from seqlab.data.reading.chunks import chunked
from seqlab.device import Device, choose
from seqlab.errors import UserError
from seqlab.evaluation.errors import find_errors
from seqlab.evaluation.evaluate import evaluate, outcomes
from seqlab.evaluation.gradients import measure
from seqlab.evaluation.predictions import RowPredictor
from seqlab.inference.generation import Sampling, Writer
from seqlab.inference.inspection import Inspection
from seqlab.nn import Objective
from seqlab.plugin.manager import Plugins, installed
from seqlab.plugin.resolve import Resolved, resolve_saved
from seqlab.prepare.encoded import FittedColumns
from seqlab.prepare.evaluation_data import evaluation_data
from seqlab.prepare.prepare import Prepared
from seqlab.runs.folder import RunFolder
from seqlab.runs.weights import restore
from seqlab.types import JsonObject, Options, Row


@dataclass(frozen=True, kw_only=True)
class DataRequest:
    """Which data a finished run is evaluated on.

    Args:
        data: Other data than those of the run. If they are not divided into splits, all of them
            are taken.
        split: "train", "validation" or "test".
        options: Of the other data: `{"data.columns.text": "review"}`, or
            `"data.columns.text=review"` each.
    """

    data: object | None = None
    split: str = "test"
    options: Options | Iterable[str] = ()


@dataclass(frozen=True, kw_only=True)
class ErrorsRequest(DataRequest):
    """Which errors of a finished run are shown.

    Args:
        top: How many of the worst cases.
    """

    top: int = 10


@dataclass(frozen=True, kw_only=True)
class GradientsRequest(DataRequest):
    """For which rows gradients are measured.

    Args:
        rows: Over how many rows the norms are averaged.
    """

    rows: int = 32


class _Reading(TypedDict):
    """How examples are read in evaluation."""

    device: Device
    batch_size: int
    stateful: bool


class Predictor:
    """Predicts with a trained model. Made by `seqlab.load`.

    Args:
        resolved: The configuration of the run.
        plugins: Whose data sources count.
        saved: The fitted task, and which column fills each role.
        objective: Model and criterion, with their weights.
        device: Where to compute.
    """

    def __init__(
        self,
        resolved: Resolved,
        plugins: Plugins,
        saved: FittedColumns,
        objective: Objective,
        device: Device,
    ) -> None:
        self.resolved, self.fitted, self.columns = resolved, saved.fitted, saved.columns
        self._plugins, self._objective, self._device = plugins, objective, device
        size = resolved.evaluate.batch_size
        self._rows = RowPredictor(
            self.fitted, self.columns, objective, device=device, batch_size=size
        )

    def predict(self, rows: Sequence[str | Row]) -> list[JsonObject]:
        """A record for each row: for a text `{text, label, score, probabilities}`.

        Args:
            rows: Lines as a person types them, or rows with the columns of the task.
        """
        return list(self.predict_stream(rows))

    def predict_stream(self, rows: Iterable[str | Row]) -> Iterator[JsonObject]:
        """As `predict`, for any number of rows in constant memory; the order is kept."""
        for chunk in chunked(map(self._row, rows, count(1))):
            yield from self._rows.records(chunk)

    @takes(Sampling)
    def generate(self, prompt: str, sampling: Sampling) -> list[str]:
        """Texts that start with the prompt.

        Takes the fields of `seqlab.Sampling` as keyword arguments, such as
        `generate("def ", length=200, temperature=0.8, samples=3)`. The first text is that of
        `generate_stream`.

        Args:
            prompt: What the model reads first; at least one token.
            sampling: Its fields, as keywords.

        Raises:
            UserError: The run predicts something else, or a value does not fit.
        """
        return self._writer().texts(prompt, sampling)

    @takes(Sampling)
    def generate_stream(self, prompt: str, sampling: Sampling) -> Iterator[str]:
        """The continuation in chunks, as it is generated; arguments as in `generate`."""
        return self._writer().stream_text(prompt, sampling)

    def _writer(self) -> Writer:
        task = self.resolved.task.name
        return Writer(self._objective.model, self.fitted, task, self._device)

    @takes(DataRequest)
    def evaluate(self, request: DataRequest) -> JsonObject:
        """Metrics with 95 % intervals.

        Takes the fields of `DataRequest` as keyword arguments, such as
        `evaluate(data="more.csv", split="test")`.

        Args:
            request: Its fields, as keywords.

        Raises:
            UserError: The data have no such split.
        """
        examples = self._prepare(request).examples[request.split]
        evaluation = evaluate(self._objective, examples, self.fitted.metrics, **self._reading())
        return dict(evaluation.intervals(self.resolved.evaluate.resamples))

    @takes(ErrorsRequest)
    def errors(self, request: ErrorsRequest) -> JsonObject:
        """What is predicted instead of what, and the worst cases; see `Inspection.report`.

        Takes the fields of `DataRequest` as keyword arguments, and `top`: how many of the worst
        cases.

        Args:
            request: Its fields, as keywords.

        Raises:
            UserError: The data have no such split.
        """
        prepared = self._prepare(request)
        examples = prepared.examples[request.split]
        passes = outcomes(self._objective, examples, **self._reading())
        classes = self.fitted.spec.outputs.kind == "class"
        errors = find_errors(passes, classes=classes, top=request.top)
        target = self.resolved.task.cls.target  # an error has it as a label already
        columns = {role: name for role, name in prepared.columns.items() if role != target}
        split = prepared.splits[request.split]
        return Inspection(self.fitted, split, columns, examples).report(errors)

    @takes(GradientsRequest)
    def gradients(self, request: GradientsRequest) -> JsonObject:
        """How far back the loss of the last step reaches: ‖∂loss/∂h_t‖; see `measure`.

        Takes the fields of `DataRequest` as keyword arguments, and `rows`: over how many rows the
        norms are averaged.

        Args:
            request: Its fields, as keywords.

        Raises:
            UserError: The data have no such split, or the model cannot be stepped.
        """
        examples = self._prepare(request).examples[request.split]
        return measure(self._objective, examples, rows=request.rows)

    def _reading(self) -> _Reading:
        settings = self.resolved.evaluate
        return {
            "device": self._device,
            "batch_size": settings.batch_size,
            "stateful": settings.state == "carried",
        }

    def _prepare(self, request: DataRequest) -> Prepared:
        return evaluation_data(
            self.resolved,
            self._plugins,
            FittedColumns(self.fitted, self.columns),
            data=request.data,
            name=request.split,
            options=request.options,
        )

    def _row(self, row: str | Row, number: int) -> JsonObject:
        """A row under the column names that the run was trained on."""
        if not isinstance(row, str):
            return dict(row)
        try:
            values = self.fitted.presenter.parse(row)
        except UserError as error:
            error.location = f"row {number} to predict"
            raise
        return {self.columns.get(role, role): value for role, value in values.items()}


def load(
    run: str | Path,
    *,
    model: type | None = None,
    task: type | None = None,
    plugins: Iterable[str | Path] = (),
    device: str | None = None,
) -> Predictor:
    """A finished run, ready to predict.

    Args:
        run: Its folder.
        model: The class, if the run was given one from Python.
        task: The same of the task.
        plugins: The one-file plugins that it was made with.
        device: Another device than that of the run; "auto" takes the best of this machine.

    Raises:
        UserError: Not a run, not finished, or made with a plugin that is missing.
    """
    folder = RunFolder(run)
    config = folder.read_config()
    known = installed().with_files(plugins, config.plugins)
    known, _ = known.with_classes({"task": task, "model": model})
    resolved = resolve_saved(config, known, device)
    tokenizer = resolved.tokenizer.cls if resolved.tokenizer else None
    saved = folder.read_fitted(resolved.task.cls, tokenizer)
    objective = restore(folder, resolved, saved.fitted)
    chosen = choose(resolved.device, resolved.precision, resolved.model.cls.devices)
    objective.to(chosen.torch_device).eval()
    return Predictor(resolved, known, saved, objective, chosen)
