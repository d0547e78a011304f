"""Results on standard output: one JSON object, or aligned text for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click


def write_json(document: object) -> None:
    """A document as JSON, for programs."""
    import json  # not before it is needed: listings start quickly

    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Aligned columns; the last one is as wide as it likes."""
    lines = [tuple(header), *(tuple(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header) - 1)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        click.echo("  ".join([*cells, line[-1]]).rstrip())


def write_metrics(
    metrics: Mapping[str, Mapping[str, Mapping[str, float]]],
    baseline: Mapping[str, Any] | None = None,
) -> None:
    """A line for each metric of each split, with its interval, beside the baseline.

    Args:
        metrics: Split → name → value, low, high.
        baseline: Its kind and its metrics on the test split.
    """
    trivial: Mapping[str, float] = baseline["metrics"] if baseline else {}
    header = ["split", "metric", "value", "95 % interval"]
    header += ["baseline"] if baseline else []
    rows = []
    for split, own in metrics.items():
        for name, found in own.items():
            row = [split, name, _number(found["value"])]
            row.append(f"{_number(found['low'])} to {_number(found['high'])}")
            if baseline:
                row.append(_number(trivial[name]) if split == "test" and name in trivial else "")
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
    for place, title in enumerate(header):
        table.add_column(title, justify="left" if place < 2 else "right")
    for row in rows:
        table.add_row(*row, style="bold" if row[0] == "test" else None)
    Console(highlight=False).print(table)
