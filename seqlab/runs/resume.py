"""What is particular to a run that continues: what it keeps, and what may change."""

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
    """The run to continue.

    Raises:
        UserError: None is named, or what a run under way keeps is asked for.
    """
    if request.resume is None:
        raise UserError(
            "only a run that continues can be changed",
            location="--accept-changes",
            remedy="--resume RUN",
        )
    fixed = (request.recipe, request.config, request.out)
    if request.smoke or request.dry_run or any(value is not None for value in fixed):
        raise UserError(
            "a resumed run keeps what it was made of",
            location="--resume",
            remedy="it can be combined with -o, --epochs, --precision, --data, --device and "
            "--plugin",
        )
    return RunFolder(request.resume)


def changed_config(config: RunConfig, request: RunRequest, names: Options) -> RunConfig:
    """The configuration of a run with what is to differ from now on.

    Args:
        config: Of the run.
        request: With what is to differ.
        names: The names of classes from Python, by full name.

    Raises:
        UserError: An option that a run under way keeps.
    """
    changes = assemble(None, request.flags(names), request.options)
    check_changeable(changes.locations)
    for path in changes.locations:
        config.override(changes, path)
    return config


def finished_result(folder: RunFolder, config: RunConfig, plugins: Plugins) -> JsonObject | None:
    """The result of a finished run, if nothing else is asked of it; None of an unfinished one.

    Raises:
        UserError: The run is finished, and other options are asked for.
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
                f"the run is finished, and cannot continue with another {', '.join(different)}",
                location=str(folder),
                remedy=f"start a new one from its weights: --init-from {folder.weights}",
            )
    if is_main():
        print(f"{folder} is finished: nothing to do", file=sys.stderr)
    return result
