"""Go on with a run: from its newest checkpoint, with what it was made of."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from seqlab.config.run_config import RunConfig, assemble
from seqlab.errors import UserError
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import resolve_saved
from seqlab.processes import is_main
from seqlab.runs.provenance import check_changeable, goes_on, options_of_run
from seqlab.runs.stopwatch import Stopwatch


def files_of(resume: str | Path | None) -> list[dict[str, str]]:
    """The one-file plugins of a run to go on with: another file is not even imported."""
    if resume is None:
        return []
    from seqlab.runs import folder as runfolder

    return runfolder.read_config(Path(resume)).plugins


def to_resume(resume: str | Path | None, beside: Iterable[object], *, small: bool) -> Path:
    """The run to go on with."""
    if resume is None:
        raise UserError(
            "only a run that goes on can be changed",
            location="--accept-changes",
            remedy="--resume RUN",
        )
    if small or any(each is not None for each in beside):
        raise UserError(
            "a resumed run keeps what it was made of",
            location="--resume",
            remedy="beside it may stand -o, --epochs, --precision, --data, --device and --plugin",
        )
    return Path(resume)


def changed(
    folder: Path, flags: Mapping[str, Any], options: Mapping[str, Any] | Iterable[str]
) -> RunConfig:
    """A run's configuration, with what is to be other from now on."""
    from seqlab.runs import folder as runfolder

    asked, given = runfolder.read_config(folder), assemble(None, flags, options)
    check_changeable(given.places)
    if "data.source" in given.places and Path(given["data"]["source"]).exists():
        given["data"]["source"] = str(Path(given["data"]["source"]).absolute())
    for path, place in given.places.items():
        asked.take(path, given, place)
    return asked


def go_on(
    folder: Path,
    asked: RunConfig,
    plugins: Plugins,
    data: object | None,
    watch: Stopwatch,
    *,
    accept: bool,
) -> dict[str, Any]:
    """Train from the newest checkpoint on, evaluate, and write the result.

    Args:
        folder: The run's.
        asked: Its configuration, with what is to be other.
        plugins: Whose names count.
        data: Rows, where the run's were given from Python.
        watch: Has run since the start.
        accept: Go on although code, data or options are others.

    Returns:
        The result; of a finished run the one that it has.

    Raises:
        UserError: Something is other than at the start, and that is not accepted.
        RunError: Training failed.
    """
    from seqlab.prepare.prepare import first_rows, reopen, row_numbers
    from seqlab.runs import folder as runfolder
    from seqlab.runs.early_end import complete
    from seqlab.runs.session import Session

    finished = runfolder.read_result(folder)
    if finished is not None:
        return _done(folder, asked, plugins, finished)
    resolved = resolve_saved(asked, plugins, other_files=True)  # they are compared below
    fitted, columns = runfolder.read_fitted(folder, resolved.task, resolved.tokenizer)
    watch.lap("start")
    given = given_rows(data)
    examples = reopen(resolved, plugins, fitted, columns, given)
    watch.lap("data")
    session = Session(resolved, plugins, fitted, examples, folder)
    before = runfolder.read_provenance(folder)
    session.origin = goes_on(before, session.origin, step=session.reached, accept=accept)
    if session.device.is_main and (session.origin != before or data is not None):
        runfolder.change(folder, resolved.config, session.origin)
    session.show(columns, first_rows(resolved, plugins, given))
    session.tell(**runfolder.read_notices(folder))
    where = partial(row_numbers, resolved, plugins, data=given)
    return complete(session, watch, where, resume=True)


def _done(
    folder: Path, asked: RunConfig, plugins: Plugins, finished: dict[str, Any]
) -> dict[str, Any]:
    """The result of a finished run, if nothing else is asked of it."""
    from seqlab.runs import folder as runfolder

    saved = runfolder.read_config(folder)
    if asked.sections != saved.sections or asked.precision != saved.precision:
        before, now = (
            options_of_run(resolve_saved(each, plugins, other_files=True).config)
            for each in (saved, asked)
        )
        if other := [name for name in now if now[name] != before.get(name)]:
            raise UserError(
                f"the run is finished, and cannot go on with another {', '.join(other)}",
                location=str(folder),
                remedy=f"start a new one from its weights: --init-from {folder}/model.safetensors",
            )
    if is_main():
        print(f"{folder} is finished: nothing to do", file=sys.stderr)
    return finished


def given_rows(data: object | None) -> object | None:
    """Rows from Python, of which a stream is read here; None for what a configuration can name."""
    from seqlab.data.reading.sources import from_python

    return None if data is None or isinstance(data, str | Path) else from_python(data)
