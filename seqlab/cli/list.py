"""`seqlab list`: what there is to choose from, and the runs that were made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqlab.cli.completion import complete_folder
from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import json_option, known_plugins, plugin_option

if TYPE_CHECKING:
    from seqlab.plugin.manager import Plugins

KINDS = ("models", "tasks", "tokenizers", "data", "recipes")

EXAMPLES = """\b
seqlab list models
seqlab list recipes
seqlab list runs
seqlab list runs OTHER-FOLDER --json
"""


@click.command(
    "list", epilog=EXAMPLES, short_help="List models, tasks, tokenizers, data, recipes or runs."
)
@click.argument("kind", type=click.Choice((*KINDS, "runs")), required=False)
@click.argument("folder", required=False, shell_complete=complete_folder)
@plugin_option
@json_option
def command(kind: str | None, folder: str | None, plugins: tuple[str, ...], as_json: bool) -> None:
    """List what a run can be made of; everything, if no kind is named.

    `list runs` shows the runs in FOLDER, newest first.  [default: runs]
    """
    if kind == "runs":
        found = _runs(folder)
    elif folder is None:
        found = entries(known_plugins(plugins), [kind] if kind else KINDS)
    else:
        raise click.UsageError("only runs lie in a folder: seqlab list runs FOLDER")
    if as_json:
        write_json(found)
    elif kind == "runs":
        _write_runs(found)
    elif kind == "recipes":
        _write_recipes(found)
    else:
        header = ("name", "kind", "summary")
        write_table(header, [[entry[column] for column in header] for entry in found])


def entries(plugins: Plugins, kinds: Sequence[str] = KINDS) -> list[dict[str, Any]]:
    """Name, kind, summary and plugin of everything registered; of recipes more."""
    found: list[dict[str, Any]] = [
        {"name": e.name, "kind": e.kind, "summary": e.summary, "plugin": e.plugin}
        for kind in kinds
        if kind != "recipes"
        for e in getattr(plugins, kind)
    ]
    if "recipes" in kinds:
        from seqlab.config.recipe import describe

        recipes, broken = describe(plugins.recipes)
        found += recipes
        for error in broken:
            click.echo(f"left out: {error}", err=True)
    return found


def _write_recipes(found: Sequence[dict[str, Any]]) -> None:
    rows = [
        (each["name"], "; ".join(f"{e['name']} {e['asked']}" for e in each["expected"]),
         each["summary"], each["source"])
        for each in found
    ]  # fmt: skip
    write_table(("name", "expected", "summary", "source"), rows)


def _runs(folder: str | None) -> list[dict[str, Any]]:
    from seqlab.runs.listing import runs_in

    if folder is None and not Path("runs").is_dir():
        return []
    return runs_in(Path(folder or "runs"))


def _write_runs(found: Sequence[dict[str, Any]]) -> None:
    header = (
        "run", "state", "task", "model", "data", "seed", "test", "value", "95 % interval",
        "baseline", "seconds",
    )  # fmt: skip
    whole = [each for each in found if each["state"] != "broken"]
    write_table(header, [_row(each) for each in whole])
    for each in found:
        if each["state"] == "broken":
            click.echo(f"broken: {each['run']}: {each['problem']}", err=True)


def _row(record: dict[str, Any]) -> list[str]:
    names = ("run", "state", "task", "model", "data", "seed")
    interval = "" if record["low"] is None else f"{record['low']:.4f} to {record['high']:.4f}"
    return [
        *(str(record[name]) for name in names),
        record["metric"] or "",
        _number(record["value"]),
        interval,
        _number(record["baseline"]),
        "" if record["seconds"] is None else f"{record['seconds']:.1f}",
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
