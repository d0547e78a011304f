"""`seqlab inspect gradients`: how far back in time gradients of a run's loss reach."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqlab.cli.completion import complete_folder
from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import (
    data_option,
    data_options,
    json_option,
    plugin_option,
    split_option,
)

if TYPE_CHECKING:
    from seqlab.types import JsonObject

DISTANCES = (1, 10, 20, 50, 100, 200, 500)
"""Distances from the last step, one column each."""

EXAMPLES = """\b
seqlab inspect gradients runs/RNN runs/LSTM runs/GRU
seqlab inspect gradients runs/NAME --out gradients.png --json
"""


@click.command("gradients", epilog=EXAMPLES)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, shell_complete=complete_folder)
@data_option
@data_options
@split_option
@click.option(
    "--rows",
    type=click.IntRange(1),
    default=32,
    show_default=True,
    help="Number of rows to average over.",
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    default="gradients.svg",
    show_default=True,
    help="File of the plot: .svg, .png or .pdf.",
)
@plugin_option
@json_option
def gradients(
    runs: tuple[str, ...],
    data: str | None,
    options: tuple[str, ...],
    split: str,
    rows: int,
    out: Path,
    plugins: tuple[str, ...],
    as_json: bool,
) -> None:
    """Plot how far back gradients reach, for one or more RUNs.

    The curve is ‖∂loss/∂h_t‖, the norm of the gradient of the last step's loss with respect to the
    state of the layers after step t, averaged over rows. The memory horizon is the largest number
    of steps back at which the gradient still has 1 % of its value at the last step. For
    bidirectional layers both are those of the forward direction.
    """
    from seqlab.inference.drawing import check_format, draw_gradients
    from seqlab.inference.predictor import load

    check_format(out)
    records = []
    for run in runs:
        predictor = load(run, plugins=plugins, device="cpu")
        resolved = predictor.resolved
        names = {"task": resolved.task.name, "model": resolved.model.name}
        curves = predictor.gradients(data=data, split=split, options=options, rows=rows)
        records.append({"run": run, **names, "split": split, **curves, **predictor.found()})
    draw_gradients(records, out)
    if as_json:
        write_json({"runs": records, "picture": str(out)})
    else:
        _write(records)
        click.echo(f"plot written to {out}")


def _write(records: Sequence[JsonObject]) -> None:
    """One line per run; the gradients are relative to the one at the last step."""
    longest = max(len(record["norms"]["state"]) for record in records)
    distances = [distance for distance in DISTANCES if distance < longest]
    header = (
        "run", "model", "loss of", "at the last step",
        *(f"{distance} back" for distance in distances), "memory horizon",
    )  # fmt: skip
    write_table(header, [_row(record, distances) for record in records])
    for record in records:
        if record["pooling"] not in (None, "last"):
            pooling = f"{record['run']}: pooling={record['pooling']}"
            click.echo(f"{pooling} connects every step directly to the loss")


def _row(record: JsonObject, distances: Sequence[int]) -> list[str]:
    norms: list[float] = record["norms"]["state"]
    relative = [_relative(norms, distance) for distance in distances]
    return [
        record["run"],
        record["model"],
        record["loss"],
        _number(norms[0]),
        *relative,
        _horizon(record["horizon"]),
    ]


def _relative(norms: Sequence[float], distance: int) -> str:
    if distance >= len(norms) or not norms[0] > 0:
        return ""
    return _number(norms[distance] / norms[0])


def _horizon(horizon: JsonObject | None) -> str:
    if horizon is None:
        return "none: no gradient"
    return f"{'≥ ' if horizon['beyond'] else ''}{horizon['steps']} steps"


def _number(value: float) -> str:
    return f"{value:.2g}"
