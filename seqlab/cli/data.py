"""`seqlab data`: look at data before anything is trained on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import click

from seqlab.cli import cache
from seqlab.cli.completion import complete_data, complete_names
from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import json_option, known_plugins, plugin_option, tokenizer_option

_MOST_LABELS = 25
_BAR = 40

EXAMPLES = """\b
seqlab data show reviews
seqlab data show reviews.csv --task sentiment
seqlab data show book.txt -o data.whole=true --json
"""


@click.group("data", short_help="Look at data: columns, sizes, labels, faults.")
def command() -> None:
    """Look at data before anything is trained on them."""


command.add_command(cache.command)


@command.command("show", epilog=EXAMPLES)
@click.argument("spec", required=False, shell_complete=complete_data)
@click.option(
    "--task",
    metavar="T",
    shell_complete=complete_names("tasks"),
    help="Say which column would fill each of its roles; without SPEC, show its own data.",
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
    from seqlab.prepare.show import show_data

    found = show_data(spec, task=task, options=options, plugins=known_plugins(plugins))
    if as_json:
        write_json(found)
    else:
        _write(found)


CHECKS = """\b
seqlab data check reviews.csv --task sentiment
seqlab data check reviews --task sentiment --json
"""


@command.command("check", epilog=CHECKS)
@click.argument("spec", required=False, shell_complete=complete_data)
@click.option(
    "--task",
    metavar="T",
    required=True,
    shell_complete=complete_names("tasks"),
    help="What is to be learned; without SPEC, its own data are looked at.",
)
@tokenizer_option
@click.option(
    "-o",
    "options",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Any option of task, data and tokenizer, as in run.",
)
@click.option("--seed", type=int, metavar="N", help="With which splits are split off.")
@plugin_option
@json_option
def check(as_json: bool, plugins: tuple[str, ...], **asked: Any) -> None:
    """Look for faults in SPEC before time is spent on it; a run looks at its start, too.

    Each finding says which rows, what happens to them (refused, dropped, counted wrong, kept) and
    how to repair it. Beside what every run looks for, rows are found that are in two splits but for
    case, spaces and marks. Exit status 1 if a run would be refused.
    """
    from seqlab.prepare.check import check_data

    found = check_data(asked.pop("spec"), plugins=known_plugins(plugins), **asked)
    if as_json:
        write_json(found)
    else:
        _write_findings(found)
    if found["refused"]:
        raise click.exceptions.Exit(1)


def _write_findings(found: Mapping[str, Any]) -> None:
    rows = ", ".join(f"{name} {count:,}" for name, count in found["rows"].items())
    click.echo(f"data {found['source']} · task {found['task']}" + (f" · {rows} rows" * bool(rows)))
    for notice in found["notices"]:
        click.echo(f"note: {notice}")
    for each in found["findings"]:
        click.echo()
        click.echo(f"{each['action']}: {each['cause']}")
        for name, key in (("where:", "location"), ("value:", "value"), ("try:", "remedy")):
            if each[key]:
                click.echo(f"  {name:<6} {each[key]}")
    click.echo()
    refused = sum(each["action"] == "refused" for each in found["findings"])
    number = len(found["findings"])
    said = f"{number} finding" + "s" * (number != 1) if number else "nothing found"
    click.echo(said + (f", {refused} refused: a run would not start" * bool(refused)))


def _write(found: Mapping[str, Any]) -> None:
    click.echo(f"data {found['source']}")
    for notice in found["notices"]:
        click.echo(f"note: {notice}")
    click.echo()
    _write_table(("column", "role", "kind", "example"), list(_columns(found)))
    click.echo()
    _write_table(
        ("split", "rows", "column", "", "min", "middle", "95 %", "max"), list(_sizes(found))
    )
    for lines in (*_histograms(found), *_labels(found)):
        click.echo()
        _write_table(lines[0], lines[1:])


def _columns(found: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, column in found["columns"].items():
        kinds = " or ".join(column["kinds"]) or "other"
        yield name, column["role"] or "", kinds, column["example"]


def _sizes(found: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """A line for each measure of each column of each split."""
    for split, own in found["splits"].items():
        head = (split, f"{own['rows']:,}")
        for name, column in own["columns"].items():
            for *line, low, middle, p95, high in _measures(name, column):
                yield (*head, *line, low, middle, p95, high)
                head = ("", "")
        if head[0]:
            yield (*head, *[""] * 6)


def _measures(name: str, column: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Column, unit, min, median or mean, 95 %, max."""
    for unit, lengths in column["lengths"].items():
        if lengths and not (unit != "items" and _counted(column)):  # of labels, counts say more
            keys = ("min", "median", "p95", "max")
            yield name, unit, *(f"{lengths[key]:,}" for key in keys)
    if numbers := column.get("numbers"):
        low, mean, high = (f"{numbers[key]:.6g}" for key in ("min", "mean", "max"))
        yield name, "value (mean)", low, mean, "", high
    if column["missing"]:
        yield name, f"{column['missing']:,} missing", "", "", "", ""


def _histograms(found: Mapping[str, Any]) -> Iterator[list[tuple[str, ...]]]:
    """How many rows of the first split are how long, by powers of two."""
    split, own = next(iter(found["splits"].items()))
    seen: list[Any] = []  # columns beside each other, such as words and their tags, are as long
    for name, column in own["columns"].items():
        unit = "items" if "items" in column["lengths"] else "words"
        bins = column["lengths"].get(unit, {}).get("histogram", [])
        if len(bins) < 2 or bins in seen or (unit == "words" and _counted(column)):
            continue
        seen.append(bins)
        most = max(each["count"] for each in bins)
        yield [
            (f"{unit} of '{name}'", f"{split} rows", ""),
            *((_span(b), f"{b['count']:,}", "█" * round(_BAR * b["count"] / most)) for b in bins),
        ]


def _span(each: Mapping[str, int]) -> str:
    first, last = each["from"], each["to"]
    return str(first) if first == last else f"{first} to {last}"


def _labels(found: Mapping[str, Any]) -> Iterator[list[tuple[str, ...]]]:
    """How often each split has each label."""
    for name in found["columns"]:
        if not any(_counted(own["columns"].get(name, {})) for own in found["splits"].values()):
            continue
        counts = {
            p: own["columns"].get(name, {}).get("labels", {}) for p, own in found["splits"].items()
        }
        every = list(dict.fromkeys(label for own in counts.values() for label in own))
        shown = every[:_MOST_LABELS]
        lines = [(label, *(f"{own.get(label, 0):,}" for own in counts.values())) for label in shown]
        if len(every) > len(shown):
            lines.append((f"and {len(every) - len(shown)} more", *[""] * len(counts)))
        yield [(f"'{name}'", *counts), *lines]


def _counted(column: Mapping[str, Any]) -> bool:
    """Whether some label is there twice: where each occurs once, counts say nothing."""
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
    for place, title in enumerate(header):
        numbers = place > 0 and all(row[place][:1].isdigit() or not row[place] for row in rows)
        last = place == len(header) - 1  # an example, or a bar: cut rather than folded
        justify: Literal["left", "right"] = "right" if numbers else "left"
        table.add_column(title, justify=justify, no_wrap=last, overflow="ellipsis")
    for row in rows:
        table.add_row(*map(Text, row))  # brackets of an example are no markup
    Console(highlight=False).print(table)
