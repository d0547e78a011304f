"""`seqlab inspect gradients`: how far back the loss of a run reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from seqlab.cli.completion import complete_folder
from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import data_option, data_options, json_option, plugin_option

SPLITS = ("train", "validation", "test")
DISTANCES = (1, 10, 20, 50, 100, 200, 500)
"""Steps back that stand in the table."""

EXAMPLES = """\b
seqlab inspect gradients runs/RNN runs/LSTM runs/GRU
seqlab inspect gradients runs/NAME --out gradients.png --json
"""


@click.command("gradients", epilog=EXAMPLES)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, shell_complete=complete_folder)
@data_option
@data_options
@click.option("--split", type=click.Choice(SPLITS), default="test", show_default=True)
@click.option(
    "--rows", type=click.IntRange(1), default=32, show_default=True, help="Averaged over how many."
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    default="gradients.svg",
    show_default=True,
    help="The picture: .svg, .png or .pdf.",
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
    """Draw how far back the loss of the last step reaches, for several RUNs side by side.

    The curve is ‖∂loss/∂h_t‖, the gradient by what the layers remember after step t, averaged over
    rows. The memory horizon is the largest number of steps back at which it still has 1 % of its
    value at the last step. With two directions it is the forward one's.
    """
    from seqlab.inference.drawing import check_format, draw_gradients
    from seqlab.inference.predictor import load

    check_format(out)
    found = []
    for run in runs:
        predictor = load(run, plugins=plugins, device="cpu")
        names = {name: predictor.resolved.config[name]["name"] for name in ("task", "model")}
        measured = predictor.gradients(data=data, split=split, options=options, rows=rows)
        found.append({"run": run, **names, "split": split, **measured})
    draw_gradients(found, out)
    if as_json:
        write_json({"runs": found, "picture": str(out)})
    else:
        _write(found)
        click.echo(f"drawn in {out}")


def _write(found: Sequence[Mapping[str, Any]]) -> None:
    """A line for each run; gradients are shares of the last one."""
    longest = max(len(each["norms"]["state"]) for each in found)
    distances = [k for k in DISTANCES if k < longest]
    rows = [
        (each["run"], each["model"], each["loss"], _number(each["norms"]["state"][0]),
         *(_share(each["norms"]["state"], k) for k in distances), _horizon(each["horizon"]))
        for each in found
    ]  # fmt: skip
    header = ("run", "model", "loss of", "at the last step", *(f"{k} back" for k in distances))
    write_table((*header, "memory horizon"), rows)
    for each in found:
        if each["pooling"] not in (None, "last"):
            click.echo(f"{each['run']}: pooling={each['pooling']} lets every step reach the loss")


def _share(norms: Sequence[float], back: int) -> str:
    if back >= len(norms) or not norms[0] > 0:
        return ""
    return _number(norms[back] / norms[0])


def _horizon(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "none: no gradient"
    return f"{'≥ ' if found['beyond'] else ''}{found['steps']} steps"


def _number(value: float) -> str:
    return f"{value:.2g}"
