"""A saved run, ready to predict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from seqlab import runfolder
from seqlab.data.chunks import some_at_a_time
from seqlab.data.columns import find_columns
from seqlab.data.examples import Examples
from seqlab.data.part import Part
from seqlab.data.sources import find_data
from seqlab.device import Device, choose
from seqlab.errors import UserError
from seqlab.evaluation.errors import find_errors
from seqlab.evaluation.evaluate import evaluate, outcomes
from seqlab.evaluation.gradients import measure
from seqlab.evaluation.presented import Presenter
from seqlab.generation import Sampling, Writer
from seqlab.inspection import Inspection
from seqlab.interfaces import Fitted
from seqlab.nn import Objective
from seqlab.plugins import Plugins, installed
from seqlab.preparation import encode, open_parts
from seqlab.resolve import Resolved, resolve_saved
from seqlab.restored import restore

T = TypeVar("T")


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
        for chunk in some_at_a_time(map(self._row, rows)):
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

    def generate_stream(
        self,
        prompt: str,
        *,
        length: int = 200,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 0,
    ) -> Iterator[str]:
        """What follows the prompt, in pieces as they are drawn; see `generate`."""
        sampling = Sampling(length, temperature, top_k, top_p, seed)
        return self._writer().stream_text(prompt, sampling)

    def _writer(self) -> Writer:
        name = str(self.resolved.config["task"]["name"])
        return Writer(self._objective.model, self.fitted, name, self._device)

    def evaluate(self, *, data: object | None = None, split: str = "test") -> dict[str, Any]:
        """Metrics with 95 % intervals.

        Args:
            data: Other data than the run's own. Where it is not divided into parts, all of it
                is evaluated.
            split: "train", "validation" or "test".

        Raises:
            UserError: The data has no such part.
        """
        _, _, examples = self._opened(data, split)
        found = evaluate(self._objective, examples, self.fitted.metrics, **self._reading())
        return found.intervals(self.resolved.evaluate.resamples)

    def errors(
        self, *, data: object | None = None, split: str = "test", top: int = 10
    ) -> dict[str, Any]:
        """What is taken for what, and the worst cases; see `Inspection.report`.

        Args:
            data: As in `evaluate`.
            split: As in `evaluate`.
            top: How many of the worst cases.

        Raises:
            UserError: The data has no such part.
        """
        part, columns, examples = self._opened(data, split)
        passes = outcomes(self._objective, examples, **self._reading())
        classes = self.fitted.spec.outputs.kind == "class"
        found = find_errors(passes, classes=classes, top=top)
        return Inspection(self.fitted, part, columns, examples).report(found)

    def gradients(
        self, *, data: object | None = None, split: str = "test", rows: int = 32
    ) -> dict[str, Any]:
        """How far back the loss of the last step reaches: ‖∂loss/∂h_t‖; see `measure`.

        Args:
            data: As in `evaluate`.
            split: As in `evaluate`.
            rows: Over how many rows the norms are averaged.

        Raises:
            UserError: The data has no such part, or the model cannot be stepped.
        """
        return measure(self._objective, self._opened(data, split)[2], rows=rows)

    def _reading(self) -> dict[str, Any]:
        """How examples are read in evaluation."""
        settings = self.resolved.evaluate
        carried = settings.state == "carried"
        return {"device": self._device, "batch_size": settings.batch_size, "carried": carried}

    def _opened(self, data: object | None, split: str) -> tuple[Part, Mapping[str, str], Examples]:
        """One part, its columns, and the part encoded."""
        if data is None and self.resolved.data.source == "python":
            raise UserError(
                "the run was trained on rows given from Python",
                place="--data",
                remedy="give data to evaluate on",
            )
        own = self.resolved.data.source
        opened = None
        if data is not None and data != own:
            whole = self.resolved.data.whole
            opened = find_data(data, self._plugins.data, whole=whole)
        if opened is None or opened.source == own != "python":  # also by another path
            parts, *_ = open_parts(self.resolved, self._plugins)
            part, smoke = _choose(parts, split), self.resolved.config.smoke
            examples = encode(self.fitted, {split: part}, self.columns, smoke=smoke)[split]
            return part, self.columns, examples
        parts = opened.parts  # nothing is split off, for nothing is trained on it
        part = next(iter(parts.values())) if len(parts) == 1 else _choose(parts, split)
        known = {role: name for role, name in self.columns.items() if name in part.column_names}
        columns, _ = find_columns(part, self.resolved.task.columns, known)
        return part, columns, self.fitted.cut(self.fitted.encode(part, columns), training=False)

    def _row(self, row: str | Mapping[str, Any]) -> dict[str, Any]:
        """A row under the column names that the run was trained on."""
        if isinstance(row, str):
            given = self.fitted.parse(row)
            return {self.columns.get(role, role): value for role, value in given.items()}
        return dict(row)


def _choose(parts: Mapping[str, T], split: str) -> T:
    if split not in parts:
        raise UserError(
            f"there is no part '{split}'", place="--split", remedy=f"parts: {', '.join(parts)}"
        )
    return parts[split]


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
    place = choose(resolved.config.device, resolved.config.precision, resolved.model.devices)
    objective.to(place.place).eval()
    return Predictor(resolved, known, fitted, columns, objective, place)
