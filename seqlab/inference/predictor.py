"""A saved run, ready to predict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Unpack

from seqlab.data.reading.chunks import some_at_a_time
from seqlab.device import Device, choose
from seqlab.errors import UserError
from seqlab.evaluation.errors import find_errors
from seqlab.evaluation.evaluate import evaluate, outcomes
from seqlab.evaluation.gradients import measure
from seqlab.evaluation.predictions import Presenter
from seqlab.inference.generation import Sampling, SamplingOptions, Writer
from seqlab.inference.inspection import Inspection
from seqlab.nn import Objective
from seqlab.plugin.manager import Plugins, installed
from seqlab.plugin.resolve import Resolved, resolve_saved
from seqlab.prepare.data_options import Options
from seqlab.prepare.evaluation_data import EvaluationData, open_split
from seqlab.runs import folder as runfolder
from seqlab.runs.restored import restore
from seqlab.task import Fitted


class Predictor:
    """Predicts with a trained model. Made by `seqlab.load`.

    Args:
        resolved: The run's configuration.
        plugins: Whose data sources count.
        fitted: The fitted task.
        columns: Which column fills each role.
        objective: Model and criterion, with their weights.
        device: Where.
    """

    def __init__(
        self,
        resolved: Resolved,
        plugins: Plugins,
        fitted: Fitted,
        columns: Mapping[str, str],
        objective: Objective,
        device: Device,
    ) -> None:
        self.resolved, self.fitted, self.columns = resolved, fitted, dict(columns)
        self._plugins, self._objective, self._device = plugins, objective, device
        size = resolved.evaluate.batch_size
        self._presenter = Presenter(fitted, columns, objective, device=device, batch_size=size)

    def predict(self, rows: Sequence[str | Mapping[str, Any]]) -> list[dict[str, Any]]:
        """A record for each row: for a text `{text, label, score, probabilities}`.

        Args:
            rows: Lines as a person types them, or rows with the task's columns.
        """
        return list(self.predict_stream(rows))

    def predict_stream(self, rows: Iterable[str | Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """As `predict`, for any number of rows in constant memory; the order is kept."""
        for chunk in some_at_a_time(map(self._row, rows, count(1))):
            yield from self._presenter.records(chunk)

    def generate(
        self,
        prompt: str,
        *,
        length: int = 200,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 0,
        samples: int = 1,
    ) -> list[str]:
        """Texts that start with the prompt.

        Args:
            prompt: What the model reads first; at least one symbol.
            length: How many symbols are drawn after it.
            temperature: Below 1 likelier text, above 1 odder; 0 takes the likeliest symbol.
            top_k: Only so many of the likeliest symbols; None for all.
            top_p: Only the likeliest symbols with this probability together; None for all.
            seed: The same seed gives the same texts; the first is that of `generate_stream`.
            samples: How many texts.

        Raises:
            UserError: The run predicts something else, or a value does not fit.
        """
        sampling = Sampling(length, temperature, top_k, top_p, seed)
        return self._writer().texts(prompt, sampling, samples)

    def generate_stream(self, prompt: str, **options: Unpack[SamplingOptions]) -> Iterator[str]:
        """What follows the prompt, in pieces as they are drawn; options as in `generate`."""
        return self._writer().stream_text(prompt, Sampling(**options))

    def _writer(self) -> Writer:
        name = str(self.resolved.config["task"]["name"])
        return Writer(self._objective.model, self.fitted, name, self._device)

    def evaluate(
        self, *, data: object | None = None, split: str = "test", options: Options = ()
    ) -> dict[str, Any]:
        """Metrics with 95 % intervals.

        Args:
            data: Other data than the run's own. Where it is not divided into parts, all of it
                is evaluated.
            split: "train", "validation" or "test".
            options: Of the other data: `{"data.columns.text": "review"}`, or
                `"data.columns.text=review"` each.

        Raises:
            UserError: The data has no such split.
        """
        examples = self._opened(data, split, options).examples
        found = evaluate(self._objective, examples, self.fitted.metrics, **self._reading())
        return found.intervals(self.resolved.evaluate.resamples)

    def errors(
        self,
        *,
        data: object | None = None,
        split: str = "test",
        options: Options = (),
        top: int = 10,
    ) -> dict[str, Any]:
        """What is taken for what, and the worst cases; see `Inspection.report`.

        Args:
            data: As in `evaluate`.
            split: As in `evaluate`.
            options: As in `evaluate`.
            top: How many of the worst cases.

        Raises:
            UserError: The data has no such split.
        """
        opened = self._opened(data, split, options)
        passes = outcomes(self._objective, opened.examples, **self._reading())
        classes = self.fitted.spec.outputs.kind == "class"
        found = find_errors(passes, classes=classes, top=top)
        return Inspection(self.fitted, **vars(opened)).report(found)

    def gradients(
        self,
        *,
        data: object | None = None,
        split: str = "test",
        options: Options = (),
        rows: int = 32,
    ) -> dict[str, Any]:
        """How far back the loss of the last step reaches: ‖∂loss/∂h_t‖; see `measure`.

        Args:
            data: As in `evaluate`.
            split: As in `evaluate`.
            options: As in `evaluate`.
            rows: Over how many rows the norms are averaged.

        Raises:
            UserError: The data has no such split, or the model cannot be stepped.
        """
        examples = self._opened(data, split, options).examples
        return measure(self._objective, examples, rows=rows)

    def _reading(self) -> dict[str, Any]:
        """How examples are read in evaluation."""
        settings = self.resolved.evaluate
        carried = settings.state == "carried"
        return {"device": self._device, "batch_size": settings.batch_size, "stateful": carried}

    def _opened(self, data: object | None, split: str, options: Options) -> EvaluationData:
        given = (self.resolved, self._plugins, self.fitted, self.columns)
        return open_split(*given, data=data, name=split, options=options)

    def _row(self, row: str | Mapping[str, Any], number: int) -> dict[str, Any]:
        """A row under the column names that the run was trained on."""
        if not isinstance(row, str):
            return dict(row)
        try:
            given = self.fitted.presenter.parse(row)
        except UserError as error:
            error.location = f"row {number} to predict"
            raise
        return {self.columns.get(role, role): value for role, value in given.items()}


def load(
    run: str | Path,
    *,
    model: type | None = None,
    plugins: Iterable[str | Path] = (),
    device: str | None = None,
) -> Predictor:
    """A finished run, ready to predict.

    Args:
        run: Its folder.
        model: The class, where the run was given one from Python.
        plugins: The one-file plugins that it was made with.
        device: Another device than the run's; "auto" takes the best of this machine.

    Raises:
        UserError: No run, not finished, or made with a plugin that is missing.
    """
    folder = Path(run)
    asked = runfolder.read_config(folder)
    known = installed().with_files(plugins, asked.plugins)
    if model is not None:
        known, _ = known.with_class("model", model)
    resolved = resolve_saved(asked, known, device)
    fitted, columns = runfolder.read_fitted(folder, resolved.task, resolved.tokenizer)
    objective = restore(folder, resolved, fitted)
    torch_device = choose(resolved.config.device, resolved.config.precision, resolved.model.devices)
    objective.to(torch_device.torch_device).eval()
    return Predictor(resolved, known, fitted, columns, objective, torch_device)
