"""`seqlab evaluate`: the metrics of a finished run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from seqlab.cli.completion import complete_folder
from seqlab.cli.output import write_json, write_metrics
from seqlab.cli.parameters import (
    data_option,
    data_options,
    device_option,
    json_option,
    plugin_option,
    split_option,
)

if TYPE_CHECKING:
    from seqlab.types import JsonObject


@click.command("evaluate", short_help="Evaluate a finished run, on its own or different data.")
@click.argument("run", metavar="RUN", shell_complete=complete_folder)
@data_option
@data_options
@split_option
@plugin_option
@device_option
@json_option
def command(
    run: str,
    data: str | None,
    options: tuple[str, ...],
    split: str,
    plugins: tuple[str, ...],
    device: str | None,
    as_json: bool,
) -> None:
    """Print the metrics of RUN, the folder of a finished run, with 95 % intervals."""
    result = evaluate(run, data=data, split=split, options=options, plugins=plugins, device=device)
    if as_json:
        write_json(result)
    else:
        write_metrics({split: result["metrics"]})


def evaluate(
    run: str,
    *,
    data: object | None = None,
    split: str = "test",
    options: tuple[str, ...] = (),
    plugins: tuple[str, ...] = (),
    device: str | None = None,
) -> JsonObject:
    """The metrics of a finished run as `{run, split, metrics, notices, findings}`."""
    from seqlab.inference.predictor import load

    predictor = load(run, plugins=plugins, device=device)
    metrics = predictor.evaluate(data=data, split=split, options=options)
    return {"run": run, "split": split, "metrics": metrics, **predictor.found()}
