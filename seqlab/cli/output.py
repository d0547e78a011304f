"""Results on standard output: one JSON object, or aligned text."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from seqlab.errors import printable

if TYPE_CHECKING:
    from seqlab.types import JsonObject


def write_json(document: object) -> None:
    """Write a document as JSON."""
    import json  # imported here to keep listings fast

    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def write_line(text: str = "") -> None:
    """Write a line that may quote data."""
    click.echo(printable(text))


def shown(cell: str) -> str:
    """A cell of a table, on one line."""
    return printable(cell).replace("\n", r"\n")


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write aligned columns; the last one is not padded."""
    lines = [tuple(map(shown, row)) for row in (header, *rows)]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(header) - 1)]
    for line in lines:
        cells = [
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=False)
        ]
        click.echo("  ".join([*cells, line[-1]]).rstrip())


def _width(cell: str) -> int:
    """The columns that a text takes on a terminal: two per wide letter, none per combining mark."""
    if cell.isascii():
        return len(cell)
    return sum(
        0
        if unicodedata.category(character) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in cell
    )


def write_metrics(
    metrics: Mapping[str, Mapping[str, Mapping[str, float]]],
    baseline: JsonObject | None = None,
) -> None:
    """Write one line per metric of each split, with its interval and the baseline.

    Args:
        metrics: Split → metric → value, low, high.
        baseline: The trivial baseline's `kind` and its `metrics` on the test split.
    """
    baseline_values: Mapping[str, float] = baseline["metrics"] if baseline else {}
    header = ["split", "metric", "value", "95 % interval", *(["baseline"] if baseline else [])]
    rows = []
    for split, metrics_of_split in metrics.items():
        for name, metric in metrics_of_split.items():
            interval = f"{_number(metric['low'])} to {_number(metric['high'])}"
            row = [split, name, _number(metric["value"]), interval]
            if baseline:
                has_baseline = split == "test" and name in baseline_values
                row.append(_number(baseline_values[name]) if has_baseline else "")
            rows.append(row)
    if sys.stdout.isatty():
        _write_rich(header, rows)
    else:
        write_table(header, rows)
    if baseline:
        click.echo(f"baseline: {baseline['kind']}")


def _number(value: float) -> str:
    return f"{value:.4f}"


def _write_rich(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for index, title in enumerate(header):
        table.add_column(title, justify="left" if index < 2 else "right")
    for row in rows:
        table.add_row(*row, style="bold" if row[0] == "test" else None)
    Console(highlight=False).print(table)
