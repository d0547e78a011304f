"""Load a finished run, predict, generate and evaluate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypedDict

from seqlab.config.data_settings import DataSettings
from seqlab.config.keywords import takes
from seqlab.data.checking.findings import Finding
from seqlab.data.columns.roles import conversions_of
from seqlab.data.decisions import notices_of
from seqlab.data.reading.chunks import chunked
from seqlab.data.reading.python_objects import rows_of
from seqlab.data.reading.rows import WrittenRow, read_rows
from seqlab.data.split import Split
from seqlab.device import Device, choose
from seqlab.errors import UserError
from seqlab.evaluation.errors import find_errors
from seqlab.evaluation.evaluate import evaluate, outcomes
from seqlab.evaluation.gradients import measure
from seqlab.evaluation.predictions import RowPredictor
from seqlab.evaluation.records import TypedRow
from seqlab.inference.forecast import check_steps, continued, forecast_table, is_lines
from seqlab.inference.gaps import Gaps
from seqlab.inference.generation import Sampling, Writer
from seqlab.inference.inspection import Inspection
from seqlab.nn import Objective
from seqlab.plugin.manager import Plugins, installed
from seqlab.plugin.resolve import Resolved, resolve_saved
from seqlab.prepare.data_options import read_options
from seqlab.prepare.encoded import FittedColumns
from seqlab.prepare.finished.evaluation_data import evaluation_data
from seqlab.prepare.finished.forecast_data import ForecastData, forecast_data
from seqlab.prepare.finished.own_data import FinishedRun
from seqlab.prepare.prepare import Prepared
from seqlab.runs.folder import RunFolder
from seqlab.runs.notices import print_lines
from seqlab.runs.weights import restore
from seqlab.types import JsonObject, Options, Row


@dataclass(frozen=True, kw_only=True)
class DataRequest:
    """The data on which a finished run is evaluated.

    Args:
        data: Data that differ from those of the run; None for those of the run. If they are not
            divided into splits, all rows are used.
        split: "train", "validation" or "test".
        options: Options of `data`: `{"data.columns.text": "review"}`, or strings
            `["data.columns.text=review"]`.
    """

    data: object | None = None
    split: str = "test"
    options: Options | Iterable[str] = ()


@dataclass(frozen=True, kw_only=True)
class ErrorsRequest(DataRequest):
    """The errors of a finished run to report.

    Args:
        top: Number of errors, those with the highest loss.
    """

    top: int = 10


@dataclass(frozen=True, kw_only=True)
class GradientsRequest(DataRequest):
    """The rows for which gradients are measured.

    Args:
        rows: Number of rows over which the norms are averaged.
    """

    rows: int = 32


class _Reading(TypedDict):
    """The arguments of evaluation that determine how examples are read."""

    device: Device
    batch_size: int
    stateful: bool


class Predictor:
    """Predicts with a trained model. `seqlab.load` returns it.

    Args:
        resolved: The configuration of the run.
        plugins: Provides the data sources.
        saved: The fitted task, and the column of each role.
        objective: Model and criterion, with the trained weights.
        device: The device and the precision.
        folder: The folder of the run.

    Attributes:
        notices: How different data were read that `evaluate`, `errors` or `gradients` took last.
        findings: What was found in these data, or in those of the run.
    """

    def __init__(
        self,
        resolved: Resolved,
        plugins: Plugins,
        saved: FittedColumns,
        objective: Objective,
        device: Device,
        folder: RunFolder,
    ) -> None:
        self.resolved, self.fitted, self.columns = resolved, saved.fitted, saved.columns
        self._saved = saved
        self._plugins, self._objective, self._device = plugins, objective, device
        self._folder = folder
        self.notices: list[str] = []
        self.findings: list[Finding] = []
        self._rows = self._row_predictor(self.columns, resolved.data)

    def _row_predictor(self, columns: Mapping[str, str], settings: DataSettings) -> RowPredictor:
        """What predicts rows that have these columns, or columns named like the roles."""
        roles = {role: role for role in columns}
        task_columns, known = self.resolved.task.cls.columns, self._saved.formats
        return RowPredictor(
            self.fitted,
            columns,
            self._objective,
            device=self._device,
            batch_size=self.resolved.evaluate.batch_size,
            conversions=conversions_of(task_columns, roles, settings, known=known)
            | conversions_of(
                task_columns,
                columns,
                settings,
                numbers=self.resolved.task.build().number_columns(),
                known=known,
            ),
        )

    def predict(self, rows: Sequence[str | Row]) -> list[JsonObject]:
        """Predict rows.

        Args:
            rows: Typed lines, rows with the columns of the task, or a table of pandas, polars or
                pyarrow.

        Returns:
            One record per row: its columns and the prediction, such as `{text, predicted, score,
            probabilities}` for a text. If the row has a column `predicted`, the prediction is
            `predicted_2`, and so on.
        """
        return list(self.predict_stream(rows))

    def predict_stream(self, rows: Iterable[str | Row]) -> Iterator[JsonObject]:
        """Like `predict`, for any number of rows, in the same order and in constant memory."""
        for chunk in chunked(map(self._row, rows_of(rows), count(1))):
            yield from self._rows.records(chunk)

    def read(self, source: str, options: Options | Iterable[str] = ()) -> Iterator[str | Row]:
        """The rows of a file, read as the data of the run were.

        Args:
            source: A file in any format that is trained on; a line of a .txt file is a text. "-"
                for one text per line on standard input.
            options: Options of the data, such as `{"data.separator": ";"}`. The options of the
                run by which files are read count, too.

        Raises:
            UserError: The file cannot be read.
        """
        settings = self._settings(source, options)
        return read_rows(source, settings, lambda finding: print_lines([finding], self._device))

    def predict_file(
        self, source: str, options: Options | Iterable[str] = ()
    ) -> Iterator[JsonObject]:
        """Like `predict_stream`, for the rows of a file.

        Args:
            source: A file, as of `read`.
            options: Options of the data, as of `read`; also columns that have other names than in
                the run, such as `["data.columns.text=review"]`, and `data.faulty=drop`, which
                leaves out rows without a value that the model reads.

        Raises:
            UserError: The file cannot be read, or a row cannot be predicted.
        """
        settings = self._settings(source, options)
        columns = self.columns | {
            role: name for role, name in (settings.columns or {}).items() if role in self.columns
        }
        numbered = ((self._row(row, n), n) for n, row in enumerate(self.read(source, options), 1))
        gaps = Gaps(source, self._input_columns(columns), drop=settings.faulty == "drop")
        predictor = self._row_predictor(columns, settings)
        for chunk in chunked(gaps.without(numbered)):
            yield from predictor.records(chunk)
        print_lines(gaps.findings() or gaps.nothing(), self._device)

    def _input_columns(self, columns: Mapping[str, str]) -> list[str]:
        """The columns that the model reads."""
        target = self.resolved.task.cls.target
        return [name for role, name in columns.items() if role != target]

    def _settings(self, source: str, options: Options | Iterable[str]) -> DataSettings:
        inherited = self.resolved.data.format_options()
        return read_options(source, options, self._plugins, inherited)[0]

    def forecast(
        self, data: object, steps: int | None = None, options: Options | Iterable[str] = ()
    ) -> list[JsonObject]:
        """Predict what comes after the end of series.

        Args:
            data: A file or another table whose rows are the steps of series, such as the file of
                the training; or series so far, as typed lines or rows, like those of `predict`.
            steps: Number of steps; `task.horizon` of the run if None. Further steps are predicted
                from those before them.
            options: Options of the table, such as `{"data.columns.group": "store"}`. The options
                of the run count, too.

        Returns:
            For a table, one record per series and step: its group, its time and `predicted`. For
            series so far, one record per series, with `predicted`.

        Raises:
            UserError: The run is not about series, or the data cannot be used.
        """
        check_steps(self.fitted, steps, self.resolved.task.name)
        table: ForecastData | Split | None = None
        if not is_lines(data):
            table = forecast_data(self.resolved, self._plugins, self._saved, data, options)
        if isinstance(table, ForecastData):
            print_lines([*notices_of(table.decisions), *table.findings], self._device)
            return list(forecast_table(self.fitted, self._rows.records, table, steps))
        lines = data if table is None else [table[row] for row in range(len(table))]
        rows = [self._row(row, number) for number, row in enumerate(rows_of(lines), 1)]
        return list(continued(self.fitted, self._rows.records, rows, steps))

    @takes(Sampling)
    def generate(self, prompt: str, sampling: Sampling) -> list[str]:
        """Generate texts that start with the prompt.

        Takes the fields of `seqlab.Sampling` as keyword arguments, such as
        `generate("def ", length=200, temperature=0.8, samples=3)`. The first text equals that of
        `generate_stream`.

        Args:
            prompt: The text that the model reads first; at least one token.
            sampling: Its fields, as keywords.

        Raises:
            UserError: The run does not predict the next token, or a value is invalid.
        """
        return self._writer().texts(prompt, sampling)

    @takes(Sampling)
    def generate_stream(self, prompt: str, sampling: Sampling) -> Iterator[str]:
        """Generate the continuation in chunks; the arguments are those of `generate`."""
        return self._writer().stream_text(prompt, sampling)

    def _writer(self) -> Writer:
        task = self.resolved.task.name
        return Writer(self._objective.model, self.fitted, task, self._device)

    @takes(DataRequest)
    def evaluate(self, request: DataRequest) -> JsonObject:
        """Compute the metrics, with 95 % confidence intervals.

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
        """Report the confusion matrix and the worst errors; see `Inspection.report`.

        Takes the fields of `DataRequest` as keyword arguments, and `top`, the number of errors
        with the highest loss.

        Args:
            request: Its fields, as keywords.

        Raises:
            UserError: The data have no such split.
        """
        prepared = self._prepare(request)
        examples = prepared.examples[request.split]
        passes = outcomes(self._objective, examples, **self._reading())
        classes = self.fitted.spec.outputs.kind == "class"
        errors = find_errors(passes, classes=classes, top=request.top, metrics=self.fitted.metrics)
        target = self.resolved.task.cls.target  # an error has it as `target`
        columns = {role: name for role, name in prepared.columns.items() if role != target}
        split = prepared.splits[request.split]
        return Inspection(self.fitted, split, columns, examples).report(errors)

    @takes(GradientsRequest)
    def gradients(self, request: GradientsRequest) -> JsonObject:
        """Measure ‖∂loss/∂h_t‖, how the loss depends on the states of earlier steps; see `measure`.

        Takes the fields of `DataRequest` as keyword arguments, and `rows`, the number of rows over
        which the norms are averaged.

        Args:
            request: Its fields, as keywords.

        Raises:
            UserError: The data have no such split, or the model has no state to differentiate by.
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
        run = FinishedRun(
            self.resolved,
            self._plugins,
            self._saved,
            self._folder.read_rows(),
            self._folder.read_provenance().data,
        )
        prepared = evaluation_data(
            run, data=request.data, name=request.split, options=request.options
        )
        self.notices = [] if request.data is None else prepared.notices
        self.findings = prepared.findings
        print_lines([*self.notices, *self.findings], self._device)
        return prepared

    def found(self) -> JsonObject:
        """`notices` and `findings` about the data that were read last, as in `result.json`."""
        findings = [finding.to_json() for finding in self.findings]
        return {"notices": self.notices, "findings": findings}

    def _row(self, row: str | Row, number: int) -> JsonObject:
        """A row with the column names of the training data."""
        if not isinstance(row, str):
            return row if isinstance(row, WrittenRow) else dict(row)
        try:
            values = self.fitted.presenter.parse(row)
        except UserError as error:
            error.location = f"row {number} to predict"
            raise
        return TypedRow((self.columns.get(role, role), value) for role, value in values.items())


def load(
    run: str | Path,
    *,
    model: type | None = None,
    task: type | None = None,
    plugins: Iterable[str | Path] = (),
    device: str | None = None,
) -> Predictor:
    """Load a finished run.

    Args:
        run: The folder of the run.
        model: The class of the model, if it was passed from Python.
        task: The class of the task, if it was passed from Python.
        plugins: Paths of the one-file plugins of the run.
        device: The device; None for that of the run, "auto" for the best of this machine.

    Raises:
        UserError: The folder is not a finished run, or a plugin of the run is missing.
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
    return Predictor(resolved, known, saved, objective, chosen, folder)
