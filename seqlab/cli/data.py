"""`seqlab data`: show and check data before training."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import click

from seqlab.cli import cache, convert
from seqlab.cli.completion import complete_data, complete_names
from seqlab.cli.output import shown, write_json, write_line, write_table
from seqlab.cli.parameters import json_option, known_plugins, plugin_option, tokenizer_option

if TYPE_CHECKING:
    from seqlab.types import JsonObject

_MAX_LABELS = 25
_BAR_WIDTH = 40

EXAMPLES = """\b
seqlab data show reviews
seqlab data show reviews.csv --task sentiment
seqlab data show book.txt -o data.whole=true --json
"""


@click.group("data", short_help="Show and check data: columns, sizes, labels, errors.")
def command() -> None:
    """Show and check data before training."""


command.add_command(cache.command)
command.add_command(convert.command)


@command.command("show", epilog=EXAMPLES)
@click.argument("spec", required=False, shell_complete=complete_data)
@click.option(
    "--task",
    metavar="T",
    shell_complete=complete_names("tasks"),
    help="Show which column fills each role of this task; without SPEC, show the task's own data.",
)
@click.option(
    "-o", "options", multiple=True, metavar="data.KEY=VALUE", help="Any option of data, as in run."
)
@plugin_option
@json_option
def show(
    spec: str | None,
    task: str | None,
    options: tuple[str, ...],
    plugins: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show columns, sizes, lengths and labels of SPEC.

    SPEC is what --data takes: a built-in name, a file, a folder or a Hub id.
    """
    from seqlab.prepare.commands.show import show_data

    summary = show_data(spec, task=task, options=options, plugins=known_plugins(plugins))
    if as_json:
        write_json(summary)
    else:
        _write(summary)


CHECK_EXAMPLES = """\b
seqlab data check reviews.csv --task sentiment
seqlab data check reviews --task sentiment --json
"""


@command.command("check", epilog=CHECK_EXAMPLES)
@click.argument("spec", required=False, shell_complete=complete_data)
@click.option(
    "--task",
    metavar="T",
    required=True,
    shell_complete=complete_names("tasks"),
    help="The task to check the data for; without SPEC, check the task's own data.",
)
@tokenizer_option
@click.option(
    "-o",
    "options",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Any option of task, data and tokenizer, as in run.",
)
@click.option("--seed", type=int, metavar="N", help="Seed for splitting off missing splits.")
@plugin_option
@json_option
def check(as_json: bool, plugins: tuple[str, ...], **arguments: Any) -> None:
    """Check SPEC for errors before training.

    Each finding names the rows, what happens to them (refused, dropped, counted wrong, kept) and
    how to fix them. A run makes the same checks at its start, except for one: this command also
    finds rows in two splits that differ only in case, spaces and punctuation. Exit status 1 if a
    run would be refused.
    """
    from seqlab.prepare.commands.check import check_data

    report = check_data(arguments.pop("spec"), plugins=known_plugins(plugins), **arguments)
    if as_json:
        write_json(report)
    else:
        _write_findings(report)
    if report["refused"]:
        raise click.exceptions.Exit(1)


def _write_findings(report: JsonObject) -> None:
    rows = ", ".join(f"{name} {count:,}" for name, count in report["rows"].items())
    write_line(
        f"data {report['source']} · task {report['task']}" + (f" · {rows} rows" if rows else "")
    )
    _write_decisions(report["decisions"])
    findings: list[JsonObject] = report["findings"]
    for finding in findings:
        write_line()
        write_line(f"{finding['action']}: {finding['cause']}")
        for title, key in (("where:", "location"), ("value:", "value"), ("try:", "remedy")):
            if finding[key]:
                write_line(f"  {title:<6} {finding[key]}")
    write_line()
    refused = sum(finding["action"] == "refused" for finding in findings)
    plural = "s" if len(findings) != 1 else ""
    total = f"{len(findings)} finding{plural}" if findings else "nothing found"
    write_line(total + (f", {refused} refused: a run would not start" if refused else ""))


def _write_decisions(decisions: Sequence[JsonObject]) -> None:
    """What was decided about the data, and the option that changes each decision."""
    rows = [
        (decision["subject"], decision["choice"], f"-o {decision['option']}=…")
        if decision["option"]
        else (decision["subject"], decision["choice"], "")
        for decision in decisions
    ]
    if rows:
        write_line()
        _write_table(("decided", "", "to change it"), rows)


def _write(summary: JsonObject) -> None:
    write_line(f"data {summary['source']}")
    for notice in summary["notices"]:
        write_line(f"note: {notice}")
    write_line()
    _write_table(("column", "role", "kind", "example"), list(_columns(summary)))
    write_line()
    header = ("split", "rows", "column", "", "min", "median", "95 %", "max")
    _write_table(header, list(_sizes(summary)))
    for table in (*_histograms(summary), *_labels(summary)):
        write_line()
        _write_table(table[0], table[1:])
    if unclear := summary["unclear"]:
        write_line()
        write_line(f"unclear: {unclear['cause']}")
        write_line(f"  try:   {unclear['remedy']}")


def _columns(summary: JsonObject) -> Iterator[tuple[str, ...]]:
    for name, column in summary["columns"].items():
        kinds = " or ".join(column["kinds"]) or "other"
        yield name, column["role"] or "", kinds, column["example"]


def _sizes(summary: JsonObject) -> Iterator[tuple[str, ...]]:
    """One line per measure of each column of each split."""
    for name, split in summary["splits"].items():
        head = (name, f"{split['rows']:,}")
        for column_name, column in split["columns"].items():
            for measures in _measures(column_name, column):
                yield (*head, *measures)
                head = ("", "")
        if head[0]:
            yield (*head, *[""] * 6)


def _measures(name: str, column: JsonObject) -> Iterator[tuple[str, ...]]:
    """Column, unit, min, median (of numbers the mean), 95 %, max."""
    for unit, lengths in column["lengths"].items():
        # the length of a label in characters means nothing: its counts are shown instead
        if lengths and (unit == "items" or not _has_repeated_label(column)):
            keys = ("min", "median", "p95", "max")
            yield name, unit, *(f"{lengths[key]:,}" for key in keys)
    if numbers := column.get("numbers"):
        low, mean, high = (f"{numbers[key]:.6g}" for key in ("min", "mean", "max"))
        yield name, "value (mean)", low, mean, "", high
    if column["missing"]:
        yield name, f"{column['missing']:,} missing", "", "", "", ""


def _histograms(summary: JsonObject) -> Iterator[list[tuple[str, ...]]]:
    """The lengths of the rows of the first split, in bins of powers of two."""
    split_name, split = next(iter(summary["splits"].items()))
    shown: list[object] = []  # words and their tags have the same lengths: one table for both
    for name, column in split["columns"].items():
        unit = "items" if "items" in column["lengths"] else "words"
        bins = column["lengths"].get(unit, {}).get("histogram", [])
        is_label = unit == "words" and _has_repeated_label(column)
        if len(bins) < 2 or bins in shown or is_label:
            continue
        shown.append(bins)
        largest = max(entry["count"] for entry in bins)
        yield [
            (f"{unit} of '{name}'", f"{split_name} rows", ""),
            *((_span(b), f"{b['count']:,}", _bar(b["count"] / largest)) for b in bins),
        ]


def _bar(fraction: float) -> str:
    return "█" * round(_BAR_WIDTH * fraction)


def _span(entry: Mapping[str, int]) -> str:
    first, last = entry["from"], entry["to"]
    return str(first) if first == last else f"{first} to {last}"


def _labels(summary: JsonObject) -> Iterator[list[tuple[str, ...]]]:
    """The count of each label in each split."""
    splits = {name: split["columns"] for name, split in summary["splits"].items()}
    for name in summary["columns"]:
        if not any(_has_repeated_label(columns.get(name, {})) for columns in splits.values()):
            continue
        counts: dict[str, dict[str, int]] = {
            split: columns.get(name, {}).get("labels", {}) for split, columns in splits.items()
        }
        labels = list(dict.fromkeys(label for column in counts.values() for label in column))
        shown = labels[:_MAX_LABELS]
        rows = [
            (label, *(f"{column.get(label, 0):,}" for column in counts.values())) for label in shown
        ]
        if len(labels) > len(shown):
            rows.append((f"and {len(labels) - len(shown)} more", *[""] * len(counts)))
        yield [(f"'{name}'", *counts), *rows]


def _has_repeated_label(column: Mapping[str, Any]) -> bool:
    """Whether a label occurs twice; if none does, the column holds no classes."""
    return max(column.get("labels", {}).values(), default=0) > 1


def _write_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not sys.stdout.isatty():
        write_table(header, rows)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for index, title in enumerate(header):
        numeric = index > 0 and all(row[index][:1].isdigit() or not row[index] for row in rows)
        is_last = index == len(header) - 1  # an example or a bar: truncated instead of wrapped
        justify: Literal["left", "right"] = "right" if numeric else "left"
        table.add_column(Text(shown(title)), justify=justify, no_wrap=is_last, overflow="ellipsis")
    for row in rows:
        table.add_row(*(Text(shown(cell)) for cell in row))  # brackets in an example are not markup
    Console(highlight=False).print(table)
