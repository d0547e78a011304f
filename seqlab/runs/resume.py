"""Resumed runs: which settings are kept, and which can be changed."""

from __future__ import annotations

import sys

from seqlab.config.request import RunRequest
from seqlab.config.run_config import RunConfig, assemble
from seqlab.errors import UserError
from seqlab.plugin.manager import Plugins
from seqlab.plugin.resolve import resolve_saved
from seqlab.processes import is_main
from seqlab.runs.folder import RunFolder
from seqlab.runs.provenance import check_changeable, decisive_options
from seqlab.types import JsonObject, Options


def folder_to_resume(request: RunRequest) -> RunFolder:
    """The folder of the run to resume.

    Raises:
        UserError: There is no `resume` in the request, or a field that cannot be combined with it.
    """
    if request.resume is None:
        raise UserError(
            "--accept-changes needs a run to resume",
            location="--accept-changes",
            remedy="add --resume RUN",
        )
    fixed = (request.recipe, request.config, request.out)
    if request.smoke or request.dry_run or any(value is not None for value in fixed):
        raise UserError(
            "a resumed run keeps its recipe, configuration and folder",
            location="--resume",
            remedy="it can be combined with -o, --epochs, --precision, --data, --device and "
            "--plugin",
        )
    return RunFolder(request.resume)


def changed_config(config: RunConfig, request: RunRequest, names: Options) -> RunConfig:
    """The configuration of a run with the changes of a request.

    Args:
        config: The configuration of the run.
        request: The request, with the changed options.
        names: The names of classes from Python, by full name.

    Raises:
        UserError: An option cannot change when a run is resumed.
    """
    changes = assemble(None, request.flags(names), request.options)
    changed = {
        path: location
        for path, location in changes.locations.items()
        if changes.value(path) != config.value(path)
    }
    check_changeable(changed)
    for path in changed:
        config.override(changes, path)
    return config


def finished_result(folder: RunFolder, config: RunConfig, plugins: Plugins) -> JsonObject | None:
    """The result of a run that is already finished; None if it is not finished.

    Raises:
        UserError: The run is finished, and options of the request differ.
    """
    result = folder.read_result()
    if result is None:
        return None
    saved = folder.read_config()
    if config.sections != saved.sections or config.precision != saved.precision:
        before, now = (
            decisive_options(resolve_saved(each, plugins, other_files=True).config())
            for each in (saved, config)
        )
        if different := [name for name in now if now[name] != before.get(name)]:
            raise UserError(
                f"the run is finished; it cannot be resumed with a new {', '.join(different)}",
                location=str(folder),
                remedy=f"start a new run from its weights: --init-from {folder.weights}",
            )
    if is_main():
        print(f"{folder} is finished: nothing to do", file=sys.stderr)
    return result
