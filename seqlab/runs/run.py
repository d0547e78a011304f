"""Resolve → load → build → fit → evaluate → save."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from seqlab.config.recipe import read_recipe
from seqlab.config.run_config import RunConfig, assemble, read_toml
from seqlab.plugin.manager import Plugins, installed
from seqlab.plugin.resolve import Resolved, resolve, resolve_saved
from seqlab.runs.resume import changed, files_of, given_rows, go_on, to_resume
from seqlab.runs.stopwatch import Stopwatch


def run(
    *,
    task: str | type | None = None,
    model: str | type | None = None,
    tokenizer: str | None = None,
    data: object | None = None,
    recipe: str | None = None,
    config: str | Path | None = None,
    options: Mapping[str, Any] | Iterable[str] = (),
    plugins: Iterable[str | Path] = (),
    epochs: int | None = None,
    init_from: str | Path | None = None,
    seed: int | None = None,
    device: str | None = None,
    precision: str | None = None,
    out: str | Path | None = None,
    resume: str | Path | None = None,
    accept_changes: bool = False,
    smoke: bool = False,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Train a model for a task, evaluate it, and leave a run folder behind.

    Args:
        task: A registered name or a `Task` class.
        model: A registered name, or a `Layer` or `Model` class.
        tokenizer: A registered name; the task's own default if None.
        data: A built-in name, a Hub id, a file, a folder, rows (dicts), parts
            ({"train": rows, "test": rows}) or a `datasets.Dataset`. Rows may be any iterable, also
            a `datasets.IterableDataset`: what is no list is gone through once, to the disk, and
            has to have an end.
        recipe: A registered name: a complete configuration, which all others here win over.
        config: A TOML file.
        options: `{"model.hidden_size": 64}`, or `"model.hidden_size=64"` each.
        plugins: One-file plugins.
        epochs: Short for `train.epochs`.
        init_from: Short for `train.init_from`: weights to start from.
        seed: Of everything random.
        device: "auto", "cpu", "cuda", …
        precision: "auto", "fp32" or "bf16".
        out: The run's folder; `runs/<task>-<model>-<time>` if None.
        resume: A run to go on with; beside it stand `plugins` and `device`, and with
            `accept_changes` also `options`, `epochs`, `precision` and `data`.
        accept_changes: Go on although code, data or options are others than at the start; the
            result names them as `changed`.
        smoke: Two steps on few rows.
        dry_run: Prepare everything, train nothing, leave no folder.

    Returns:
        The result, as `result.json` holds it.

    Raises:
        UserError: A mistake in what was asked, before any training.
        RunError: Training failed.
    """
    watch = Stopwatch()
    known = installed().with_files(plugins, () if accept_changes else files_of(resume))
    known, names = _with_classes(known, {"task": task, "model": model})
    flags = {
        **names,
        "tokenizer.name": tokenizer,
        "data.source": _source(data),
        "train.epochs": epochs,
        "train.init_from": None if init_from is None else str(init_from),
        "seed": seed,
        "device": device,
        "precision": precision,
    }
    if resume is not None or accept_changes:
        folder = to_resume(resume, beside=(recipe, config, out), small=smoke or dry_run)
        asked = changed(folder, flags, options)
        return go_on(folder, asked, known, data, watch, accept=accept_changes)
    resolved = _resolve(assemble(_file(config), flags, options, smoke=smoke), known, recipe)
    return _start(resolved, known, data, out, watch, dry_run=dry_run)


def _resolve(asked: RunConfig, known: Plugins, recipe: str | None) -> Resolved:
    if recipe is None:
        asked.plugins = known.file_records()
        return resolve(asked, known)
    chosen = read_recipe(known.recipes.get(recipe, location="--recipe", note=known.note))
    whole = chosen.beneath(asked)
    whole.plugins = known.file_records()
    resolved = resolve(whole, known)
    own = resolve(chosen.config, known).config
    resolved.config.recipe = chosen.record(asked, resolved.config, own)
    return resolved


def _with_classes(
    known: Plugins, given: Mapping[str, str | type | None]
) -> tuple[Plugins, dict[str, str | None]]:
    """Names, also for classes that were given from Python."""
    names: dict[str, str | None] = {}
    for section, value in given.items():
        if isinstance(value, type):
            known, value = known.with_class(section, value)
        names[f"{section}.name"] = value
    return known, names


def _file(config: str | Path | None) -> RunConfig | None:
    if config is None:
        return None
    asked = read_toml(Path(config))
    asked.recipe = None  # of a run that was another
    return asked


def _source(data: object | None) -> str | None:
    if data is None:
        return None
    return str(data) if isinstance(data, str | Path) else "python"


def _start(
    resolved: Resolved,
    plugins: Plugins,
    data: object | None,
    out: str | Path | None,
    watch: Stopwatch,
    *,
    dry_run: bool,
) -> dict[str, Any]:
    from seqlab.device import choose
    from seqlab.prepare.prepare import first_rows, prepare, row_numbers
    from seqlab.runs import folder as runfolder
    from seqlab.runs.early_end import complete
    from seqlab.runs.session import Session

    names = (str(resolved.config["task"]["name"]), str(resolved.config["model"]["name"]))
    config = resolved.config
    device = choose(config.device, config.precision, resolved.model.devices)  # before data is read
    folder = device.of_main(runfolder.place_for(out, *names))
    watch.lap("start")
    rows = given_rows(data)
    prepared = prepare(resolved, plugins, rows)
    resolved.config["data"]["source"] = prepared.source
    said = [*prepared.notices, *map(str, prepared.findings)]
    if said and device.is_main:
        print(*said, sep="\n", file=sys.stderr)
    watch.lap("data")
    session = Session(resolved, plugins, prepared.fitted, prepared.examples, folder)
    session.show(prepared.columns, first_rows(resolved, plugins, rows))
    session.tell(prepared.notices, [each.to_json() for each in prepared.findings])
    if dry_run:
        plan = {"dry_run": True, "smoke": config.smoke, "config": config.sections}
        return {**session.run.facts, **plan}
    session.begin()
    try:
        return complete(session, watch, partial(row_numbers, resolved, plugins, data=rows))
    except Exception:
        if session.run.step == 0 and session.device.is_main:
            runfolder.discard(folder)  # there is nothing in it to go on with
        raise


def run_again(
    asked: RunConfig,
    *,
    plugins: Iterable[str | Path],
    device: str | None,
    data: object | None,
    out: Path,
) -> dict[str, Any]:
    """A saved configuration as a new run; one-file plugins may be others than they were."""
    known = installed().with_files(plugins)
    resolved = resolve_saved(asked, known, device, other_files=True)
    return _start(resolved, known, data, out, Stopwatch(), dry_run=False)
