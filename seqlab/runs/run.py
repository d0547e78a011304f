"""Runs: look up names, prepare data, train, evaluate and save."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from seqlab.config.document import read_config
from seqlab.config.keywords import takes
from seqlab.config.request import RunRequest
from seqlab.config.run_config import RunConfig, assemble
from seqlab.data.reading.sources import from_python
from seqlab.data.split import Split
from seqlab.plugin.manager import Plugins, installed
from seqlab.plugin.resolve import Resolved, resolve, resolve_saved
from seqlab.runs.folder import RunFolder
from seqlab.runs.resume import changed_config, finished_result, folder_to_resume
from seqlab.runs.stopwatch import Stopwatch
from seqlab.types import JsonObject

if TYPE_CHECKING:
    from seqlab.data.checking.identity import KeptRows
    from seqlab.device import Device
    from seqlab.prepare.prepare import Prepared
    from seqlab.runs.session import Session


@dataclass(frozen=True)
class RunPlan:
    """Everything that defines a run, before its data are read.

    Args:
        resolved: The resolved configuration.
        plugins: Provides the data sources and the life-cycle hooks.
        folder: The folder of the run.
        data: Rows from Python, which replace the configured source.
        resumed: Whether the run is resumed.
        accept_changes: Resume although code, data or options differ.
        reproduced: The rows of the run that is reproduced, if its folder keeps them.
    """

    resolved: Resolved
    plugins: Plugins
    folder: RunFolder
    data: object | None
    resumed: bool = False
    accept_changes: bool = False
    reproduced: KeptRows | None = None


@takes(RunRequest)
def run(request: RunRequest) -> JsonObject:
    """Train a model for a task, evaluate it, and write a run folder.

    Takes the fields of `seqlab.RunRequest` as keyword arguments, such as
    `seqlab.run(task="sentiment", model="lstm", epochs=3)`.

    Args:
        request: Its fields, as keywords.

    Returns:
        The result, with the content of `result.json`.

    Raises:
        UserError: There is a mistake in the request; nothing was trained.
        RunError: Training failed.
    """
    return run_request(request)


def run_request(request: RunRequest) -> JsonObject:
    """Like `run`, but takes a `RunRequest`."""
    stopwatch = Stopwatch()
    if request.resume is None and not request.accept_changes:
        return execute(_new(request), stopwatch, dry_run=request.dry_run)
    folder = folder_to_resume(request)
    config = folder.read_config()
    known = () if request.accept_changes else config.plugins  # do not import other files
    plugins = installed().with_files(request.plugins, known)
    plugins, names = plugins.with_classes({"task": request.task, "model": request.model})
    config = changed_config(config, request, names)
    if (result := finished_result(folder, config, plugins)) is not None:
        return result
    # one-file plugins are compared with everything else after the data are prepared
    resolved = resolve_saved(config, plugins, other_files=True)
    plan = RunPlan(
        resolved,
        plugins,
        folder,
        request.data,
        resumed=True,
        accept_changes=request.accept_changes,
    )
    return execute(plan, stopwatch)


def _new(request: RunRequest) -> RunPlan:
    """The plan of a new run."""
    plugins = installed().with_files(request.plugins)
    plugins, names = plugins.with_classes({"task": request.task, "model": request.model})
    base = _base(request.config)
    config = assemble(base, request.flags(names), request.options, smoke=request.smoke)
    resolved = resolve(config, plugins, request.recipe)
    folder = RunFolder.new(request.out, resolved.task.name, resolved.model.name)
    return RunPlan(resolved, plugins, folder, request.data)


def _base(path: str | Path | None) -> RunConfig | None:
    if path is None:
        return None
    config = read_config(Path(path))
    config.recipe = None  # a new run has a recipe only if the request names one
    return config


def execute(plan: RunPlan, stopwatch: Stopwatch, *, dry_run: bool = False) -> JsonObject:
    """Prepare the data, train and evaluate, for a new or a resumed run.

    Args:
        plan: The run.
        stopwatch: A stopwatch that was started with the run.
        dry_run: Whether to stop before training, without a run folder.

    Returns:
        The result; for a dry run the facts known before training and the configuration.
    """
    with plan.resolved.located():
        session = _session(plan, stopwatch)
    if dry_run:
        config = session.resolved.config()
        plan_facts = {"dry_run": True, "smoke": config.smoke, "config": config.sections}
        return {**session.run.facts, **plan_facts}
    return session.fit()


def _session(plan: RunPlan, stopwatch: Stopwatch) -> Session:
    """Prepare the data, and build the model."""
    from seqlab.data.checking.identity import ChangedDataError
    from seqlab.device import choose
    from seqlab.prepare.prepare import prepare
    from seqlab.runs.notices import print_lines
    from seqlab.runs.session import Session
    from seqlab.runs.trained_rows import find_trained_before

    resolved, plugins, folder = plan.resolved, plan.plugins, plan.folder
    # before the data are read, because the device may not exist
    device = choose(resolved.device, resolved.precision, resolved.model.cls.devices)
    folder = device.broadcast(folder)
    saved = None
    if plan.resumed:
        tokenizer = resolved.tokenizer.cls if resolved.tokenizer else None
        saved = folder.read_fitted(resolved.task.cls, tokenizer)
    stopwatch.lap("start")
    try:
        prepared = prepare(resolved, plugins, splits_of(plan.data), saved=saved)
    except ChangedDataError as error:
        error.remedy = "restore the data of the run and resume it again, or start a new run"
        raise
    if not plan.resumed:
        ordered = resolved.task.build().ordered(prepared.columns)
        leaks = find_trained_before(prepared, resolved.train.init_from, ordered=ordered)
        prepared = replace(prepared, findings=[*prepared.findings, *leaks])
        _compare_rows(plan, prepared, device)
        print_lines([*prepared.notices, *prepared.findings], device)
    stopwatch.lap("data")
    return Session(
        resolved.with_source(prepared.source),
        plugins,
        prepared,
        folder,
        device,
        stopwatch,
        resumed=plan.resumed,
        accept_changes=plan.accept_changes,
    )


def _compare_rows(plan: RunPlan, prepared: Prepared, device: Device) -> None:
    """Say before the training if the data differ from those of the run that is reproduced."""
    from seqlab.runs.notices import print_lines
    from seqlab.runs.trained_rows import changed_splits

    changed = changed_splits(plan.reproduced, prepared.hashes)
    if changed:
        name, change = list(changed.items())[-1]
        print_lines([f"data: not those of the run, {name}: {change}"], device)


def splits_of(data: object | None) -> dict[str, Split] | None:
    """Data from Python as splits; None for names and paths. A stream is read once, here."""
    return None if data is None or isinstance(data, str | Path) else from_python(data)
