"""`seqlab inspect`: analyse a finished run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from seqlab.cli.completion import complete_folder
from seqlab.cli.gradients import gradients
from seqlab.cli.output import write_json, write_line, write_table
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

_MAX_LABELS = 12
"""Maximum number of labels of a confusion matrix; beyond it, a list of pairs is shown."""
_MAX_PAIRS = 20

EXAMPLES = """\b
seqlab inspect errors runs/NAME
seqlab inspect errors runs/NAME --data more.csv --top 50 --json
"""


@click.group("inspect", short_help="Analyse finished runs: errors, gradients through time.")
def command() -> None:
    """Analyse finished runs."""


command.add_command(gradients)


@command.command("errors", epilog=EXAMPLES)
@click.argument("run", metavar="RUN", shell_complete=complete_folder)
@data_option
@data_options
@split_option
@click.option(
    "--top",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="Number of worst errors to show.",
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
    """Show the confusion matrix and worst errors of RUN.

    The worst errors are those with the highest loss. Rows are counted as in the file, from 1 on.
    """
    from seqlab.inference.predictor import load

    predictor = load(run, plugins=plugins, device=device)
    report = predictor.errors(data=data, split=split, options=options, top=top)
    report = {"run": run, "split": split, **report, **predictor.found()}
    if as_json:
        write_json(report)
    elif report["kind"] == "class":
        _write_classes(report)
    else:
        _write_values(report)


def _write_classes(report: JsonObject) -> None:
    count, wrong = report["count"], report["wrong"]
    unit = "steps" if report["per"] == "step" else f"{report['unit']}s"
    write_line(f"{report['split']}: {wrong:,} of {count:,} {unit} are wrong\n")
    header = ("label", "count", "predicted", "precision", "recall", "f1")
    write_table(header, [_label_row(record) for record in report["labels"]])
    write_line()
    for unit, records in report.get("groups", {}).items():
        write_table((unit, *header[1:]), [_label_row(record) for record in records])
        write_line()
    if len(report["labels"]) <= _MAX_LABELS:
        _write_confusion(report)
    else:
        _write_pairs(report["confusion"])
    _write_worst(report["worst"], ("loss", "target", "predicted", "probability"))


def _label_row(record: JsonObject) -> list[str]:
    return [
        _label(record["label"]),
        f"{record['count']:,}",
        f"{record['predicted']:,}",
        *(_ratio(record[name]) for name in ("precision", "recall", "f1")),
    ]


def _write_confusion(report: JsonObject) -> None:
    """One line per target, one column per prediction."""
    labels = [record["label"] for record in report["labels"]]
    counts = {(cell["target"], cell["predicted"]): cell["count"] for cell in report["confusion"]}
    has_unseen = any(target is None for target, _ in counts)
    rows = [
        (_label(target), *(f"{counts.get((target, predicted), 0):,}" for predicted in labels))
        for target in [*labels, *([None] if has_unseen else [])]
    ]
    write_table(("target \\ predicted", *map(_label, labels)), rows)


def _write_pairs(confusion: Sequence[JsonObject]) -> None:
    """The most frequent mistakes."""
    mistakes = [cell for cell in confusion if cell["target"] != cell["predicted"]]
    rows = [
        (_label(cell["target"]), _label(cell["predicted"]), f"{cell['count']:,}")
        for cell in mistakes[:_MAX_PAIRS]
    ]
    write_table(("target", "predicted", "count"), rows)


def _write_values(report: JsonObject) -> None:
    write_line(f"{report['split']}: {report['count']:,} targets; the largest errors:")
    _write_worst(report["worst"], ("error", "target", "predicted"))


def _write_worst(worst: Sequence[JsonObject], columns: Sequence[str]) -> None:
    if not worst:
        return
    write_line()
    rows = [
        (f"{record['number']}", *(_cell(record[name]) for name in columns), _context(record))
        for record in worst
    ]
    if any(row[-1] for row in rows):
        write_table(("row", *columns, "input"), rows)
    else:  # windows of a series have no input in the row of their target
        write_table(("row", *columns), [row[:-1] for row in rows])


def _context(record: JsonObject) -> str:
    """The token in brackets with its neighbours, or the columns of the row."""
    if "step" in record:
        token = "" if record["token"] is None else _label(record["token"])
        before, after = (" ".join(map(_label, record[name])) for name in ("before", "after"))
        return f"{before} [{token}] {after}".strip()
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


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
