"""`seqlab inspect`: look into a finished run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from seqlab.cli.completion import complete_folder
from seqlab.cli.gradients import SPLITS, gradients
from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import (
    data_option,
    data_options,
    device_option,
    json_option,
    plugin_option,
)

MOST_LABELS = 12
"""A table of more labels than this would not fit a screen: the most frequent mistakes instead."""
MOST_MISTAKES = 20

EXAMPLES = """\b
seqlab inspect errors runs/NAME
seqlab inspect errors runs/NAME --data more.csv --top 50 --json
"""


@click.group("inspect", short_help="Look into finished runs: errors, gradients through time.")
def command() -> None:
    """Look into finished runs."""


command.add_command(gradients)


@command.command("errors", epilog=EXAMPLES)
@click.argument("run", metavar="RUN", shell_complete=complete_folder)
@data_option
@data_options
@click.option("--split", type=click.Choice(SPLITS), default="test", show_default=True)
@click.option(
    "--top", type=click.IntRange(0), default=10, show_default=True, help="How many of the worst."
)
@plugin_option
@device_option
@json_option
def errors(
    run: str,
    data: str | None,
    options: tuple[str, ...],
    split: str,
    top: int,
    plugins: tuple[str, ...],
    device: str | None,
    as_json: bool,
) -> None:
    """Show what RUN takes for what, and its worst errors: those with the highest loss."""
    from seqlab.inference.predictor import load

    predictor = load(run, plugins=plugins, device=device)
    report = predictor.errors(data=data, split=split, options=options, top=top)
    found = {"run": run, "split": split, **report}
    if as_json:
        write_json(found)
    elif found["kind"] == "class":
        _write_classes(found)
    else:
        _write_values(found)


def _write_classes(found: Mapping[str, Any]) -> None:
    count, wrong = found["count"], found["wrong"]
    what = "steps" if found["per"] == "step" else f"{found['unit']}s"
    click.echo(f"{found['split']}: {wrong:,} of {count:,} {what} are wrong\n")
    rows = [
        (_label(each["label"]), f"{each['count']:,}", f"{each['predicted']:,}",
         _share(each["precision"]), _share(each["recall"]), _share(each["f1"]))
        for each in found["labels"]
    ]  # fmt: skip
    write_table(("label", "count", "predicted", "precision", "recall", "f1"), rows)
    click.echo()
    if len(found["labels"]) <= MOST_LABELS:
        _write_confusion(found)
    else:
        mistakes = [each for each in found["confusion"] if each["target"] != each["predicted"]]
        pairs = [
            (_label(each["target"]), _label(each["predicted"]), f"{each['count']:,}")
            for each in mistakes[:MOST_MISTAKES]
        ]
        write_table(("target", "predicted", "count"), pairs)
    _write_worst(found["worst"], ("loss", "target", "predicted", "probability"))


def _write_confusion(found: Mapping[str, Any]) -> None:
    """A line for each target, a column for each decision."""
    names = [each["label"] for each in found["labels"]]
    counts = {(e["target"], e["predicted"]): e["count"] for e in found["confusion"]}
    targets = [*names, *([None] if any(target is None for target, _ in counts) else [])]
    rows = [
        (_label(target), *(f"{counts.get((target, decided), 0):,}" for decided in names))
        for target in targets
    ]
    write_table(("target \\ decided", *map(_label, names)), rows)


def _write_values(found: Mapping[str, Any]) -> None:
    click.echo(f"{found['split']}: {found['count']:,} targets; the largest errors:")
    _write_worst(found["worst"], ("error", "target", "predicted"))


def _write_worst(worst: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    if not worst:
        return
    click.echo()
    rows = [
        (str(each["row"]), *(_cell(each[name]) for name in names), _seen(each)) for each in worst
    ]
    write_table(("row", *names, "what"), rows)


def _seen(record: Mapping[str, Any]) -> str:
    """The symbol between brackets with those beside it, or what the row holds."""
    if "step" in record:
        symbol = "" if record["symbol"] is None else _label(record["symbol"])
        beside = (list(map(_label, record[name])) for name in ("before", "after"))
        return f" [{symbol}] ".join(map(" ".join, beside)).strip()
    text = " · ".join(_cell(value) for value in record["columns"].values())
    return text if len(text) <= 100 else text[:99] + "…"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return _label(value)


def _label(value: object) -> str:
    return "(not in training)" if value is None else " ".join(str(value).split()) or repr(value)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
