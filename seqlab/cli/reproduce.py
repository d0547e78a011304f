"""`seqlab reproduce`: a finished run made once more, and compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from seqlab.cli.completion import complete_folder
from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import device_option, json_option, plugin_option


@click.command("reproduce", short_help="Make a finished run once more and compare the numbers.")
@click.argument("run", metavar="RUN", shell_complete=complete_folder)
@click.option("--out", metavar="DIR", help="Where the new run stays; without, it is removed.")
@plugin_option
@device_option
@json_option
def command(
    run: str, out: str | None, plugins: tuple[str, ...], device: str | None, as_json: bool
) -> None:
    """Train and evaluate once more as RUN did, from its folder, and compare.

    Exits with 1 if a metric came out otherwise, and says which, and which versions, data or device
    differ.
    """
    from seqlab.runs.reproduce import reproduce

    found = reproduce(run, out=out, plugins=plugins, device=device)
    if as_json:
        write_json(found)
    else:
        _write(found)
    if not found["equal"]:
        raise click.exceptions.Exit(1)


def _write(found: Mapping[str, Any]) -> None:
    if found["metrics"]:
        rows = [
            (each["split"], each["metric"], _value(each["was"]), _value(each["now"]))
            for each in found["metrics"]
        ]
        write_table(("split", "metric", "was", "now"), rows)
    for each in found["differing"]:
        click.echo(f"{each['what']}: was {each['was']}, now {each['now']}")
    weights = "equal" if found["weights_equal"] else "other"
    metrics = "equal" if found["equal"] else "not equal"
    click.echo(f"metrics {metrics}, weights {weights}")
    if found["again"]:
        click.echo(f"run: {found['again']}")


def _value(found: Mapping[str, float] | None) -> str:
    return "none" if found is None else f"{found['value']!r}"
