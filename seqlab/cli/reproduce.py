"""`seqlab reproduce`: repeat a finished run and compare the results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from seqlab.cli.completion import complete_folder
from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import device_option, json_option, plugin_option

if TYPE_CHECKING:
    from seqlab.types import JsonObject


@click.command("reproduce", short_help="Repeat a finished run and compare the metrics.")
@click.argument("run", metavar="RUN", shell_complete=complete_folder)
@click.option(
    "--out", metavar="DIR", help="Folder of the new run; without it, the new run is removed."
)
@plugin_option
@device_option
@json_option
def command(
    run: str, out: str | None, plugins: tuple[str, ...], device: str | None, as_json: bool
) -> None:
    """Train and evaluate again with the configuration of RUN, and compare.

    Exit status 1 if a metric differs; the output names the metrics, and the versions, data or
    device that differ.
    """
    from seqlab.runs.reproduce import reproduce

    comparison = reproduce(run, out=out, plugins=plugins, device=device)
    if as_json:
        write_json(comparison)
    else:
        _write(comparison)
    if not comparison["equal"]:
        raise click.exceptions.Exit(1)


def _write(comparison: JsonObject) -> None:
    if comparison["metrics"]:
        rows = [
            (metric["split"], metric["metric"], _value(metric["was"]), _value(metric["now"]))
            for metric in comparison["metrics"]
        ]
        write_table(("split", "metric", "was", "now"), rows)
    for difference in comparison["differing"]:
        click.echo(f"{difference['what']}: was {difference['was']}, now {difference['now']}")
    metrics = "equal" if comparison["equal"] else "differ"
    weights = "equal" if comparison["weights_equal"] else "differ"
    click.echo(f"metrics {metrics}, weights {weights}")
    if comparison["again"]:
        click.echo(f"run: {comparison['again']}")


def _value(metric: Mapping[str, float] | None) -> str:
    return "none" if metric is None else f"{metric['value']!r}"
