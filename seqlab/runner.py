"""Resolve → load → build → fit → evaluate → save."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqlab.config import RunConfig, assemble, read_toml
from seqlab.errors import RunError, UserError
from seqlab.plugins import Plugins, installed
from seqlab.recipe import read_recipe
from seqlab.resolve import Resolved, resolve
from seqlab.stopwatch import Stopwatch

if TYPE_CHECKING:
    from seqlab.session import Session


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
    smoke: bool = False,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Train a model for a task, evaluate it, and leave a run folder behind.

    Args:
        task: A registered name or a `Task` class.
        model: A registered name, or a `Layer` or `Model` class.
        tokenizer: A registered name; the task's own default if None.
        data: A built-in name, a Hub id, a file, a folder, rows (list of dicts), parts
            ({"train": rows, "test": rows}) or a `datasets.Dataset`.
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
        resume: A run to go on with; nothing but `plugins` and `device` may stand beside it.
        smoke: Two steps on few rows.
        dry_run: Prepare everything, train nothing, leave no folder.

    Returns:
        The result, as `result.json` holds it.

    Raises:
        UserError: A mistake in what was asked, before any training.
        RunError: Training failed.
    """
    watch, known = Stopwatch(), installed().with_files(plugins)
    if resume is not None:
        beside = (task, model, tokenizer, data, recipe, config, epochs, init_from, seed, precision)
        given = any(each is not None for each in (*beside, out))
        if given or tuple(options) or smoke or dry_run:
            raise _not_alone()
        return _resume(Path(resume), known, device, watch)
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
    asked = assemble(_file(config), flags, options, smoke=smoke)
    return _start(_resolve(asked, known, recipe), known, data, out, watch, dry_run=dry_run)


def _resolve(asked: RunConfig, known: Plugins, recipe: str | None) -> Resolved:
    if recipe is None:
        asked.plugins = known.file_records()
        return resolve(asked, known)
    chosen = read_recipe(known.recipes.get(recipe, place="--recipe", note=known.note))
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


def _not_alone() -> UserError:
    return UserError(
        "a resumed run keeps its own configuration",
        place="--resume",
        remedy="give --resume alone, or start a new run",
    )


def _start(
    resolved: Resolved,
    plugins: Plugins,
    data: object | None,
    out: str | Path | None,
    watch: Stopwatch,
    *,
    dry_run: bool,
) -> dict[str, Any]:
    from seqlab import runfolder
    from seqlab.device import choose
    from seqlab.preparation import first_rows, prepare
    from seqlab.session import Session

    names = (str(resolved.config["task"]["name"]), str(resolved.config["model"]["name"]))
    folder = runfolder.place_for(out, *names)
    config = resolved.config
    choose(config.device, config.precision, resolved.model.devices)  # refused before data is read
    watch.lap("start")
    given = None if isinstance(data, str | Path) else data
    prepared = prepare(resolved, plugins, given)
    resolved.config["data"]["source"] = prepared.source
    for notice in prepared.notices:
        print(notice, file=sys.stderr)
    watch.lap("data")
    session = Session(resolved, plugins, prepared.fitted, prepared.examples, folder)
    session.show(prepared.columns, first_rows(resolved, plugins, given))
    if dry_run:
        plan = {"dry_run": True, "smoke": config.smoke, "config": config.sections}
        return {**session.describe(), **plan}
    if session.device.is_main:
        runfolder.begin(folder, resolved.config, prepared.fitted, prepared.columns)
    try:
        return _train(session, watch, prepared.notices)
    except Exception:
        if session.run.step == 0 and session.device.is_main:
            runfolder.discard(folder)  # there is nothing in it to go on with
        raise


def _resume(folder: Path, plugins: Plugins, device: str | None, watch: Stopwatch) -> dict[str, Any]:
    from seqlab import runfolder
    from seqlab.preparation import first_rows, reopen
    from seqlab.session import Session

    asked = runfolder.read_config(folder)
    finished = runfolder.read_result(folder)
    if finished is not None:
        print(f"{folder} is finished: nothing to do", file=sys.stderr)
        return finished
    resolved = resolve_saved(asked, plugins, device)
    fitted, columns = runfolder.read_fitted(folder, resolved.task, resolved.tokenizer)
    watch.lap("start")
    examples = reopen(resolved, plugins, fitted, columns)
    watch.lap("data")
    session = Session(resolved, plugins, fitted, examples, folder)
    session.show(columns, first_rows(resolved, plugins))
    return _train(session, watch, [], resume=True)


def _train(
    session: Session, watch: Stopwatch, notices: list[str], *, resume: bool = False
) -> dict[str, Any]:
    from seqlab.device import flushed_denormals
    from seqlab.training.interrupts import Interrupted
    from seqlab.training.randomness import seeded

    try:
        with (
            flushed_denormals(),
            seeded(session.resolved.config.seed),
            session.interrupts.watched(),
        ):
            return session.complete(watch, notices, resume=resume)
    except (Interrupted, RunError) as error:
        if session.run.step and (session.run.folder / "checkpoints").exists():
            error.add_note(f"go on with: seqlab run --resume {session.run.folder}")
        raise


def resolve_saved(asked: RunConfig, plugins: Plugins, device: str | None = None) -> Resolved:
    """The configuration of a saved run, on this machine.

    Raises:
        UserError: A one-file plugin that it needs is missing, or is another file.
    """
    present = {record["name"]: record["sha256"] for record in plugins.file_records()}
    for needed in asked.plugins:
        name, digest = needed["name"], needed["sha256"]
        if name not in present:
            raise UserError(
                f"this run needs {name} (sha256 {digest[:12]}…)",
                place="--plugin",
                remedy=f"add --plugin PATH/{name}",
            )
        if present[name] != digest:
            raise UserError(
                f"{name} is not the file that the run was made with "
                f"(sha256 {present[name][:12]}…, the run's is {digest[:12]}…)",
                place="--plugin",
                remedy="give the file as it was",
            )
    if device is not None:
        asked.device = device
    return resolve(asked, plugins)
