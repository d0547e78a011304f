"""`seqlab list`: registered names, and the runs in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqlab.cli.completion import complete_folder
from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import json_option, known_plugins, plugin_option

if TYPE_CHECKING:
    from seqlab.plugin.manager import Plugins
    from seqlab.types import JsonObject

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
    """List the names of KIND; without KIND, all registered names.

    `list runs` lists the runs in FOLDER, newest first.  [default: runs]
    """
    if kind == "runs":
        records = _runs(folder)
    elif folder is None:
        records = entries(known_plugins(plugins), [kind] if kind else KINDS)
    else:
        raise click.UsageError("only runs are listed from a folder: seqlab list runs FOLDER")
    if as_json:
        write_json(records)
    elif kind == "runs":
        _write_runs(records)
    elif kind == "recipes":
        _write_recipes(records)
    else:
        header = ("name", "kind", "summary")
        write_table(header, [[record[column] for column in header] for record in records])


def entries(plugins: Plugins, kinds: Sequence[str] = KINDS) -> list[JsonObject]:
    """Name, kind, summary and plugin of every registered name; of recipes also the source."""
    records: list[JsonObject] = [
        {"name": entry.name, "kind": entry.kind, "summary": entry.summary, "plugin": entry.plugin}
        for kind in kinds
        if kind != "recipes"
        for entry in getattr(plugins, kind)
    ]
    if "recipes" in kinds:
        from seqlab.config.recipe import describe

        recipes, invalid = describe(plugins.recipes)
        records += recipes
        for error in invalid:
            click.echo(f"left out: {error}", err=True)
    return records


def _write_recipes(recipes: Sequence[JsonObject]) -> None:
    rows = [
        (recipe["name"], _expected(recipe["expected"]), recipe["summary"], recipe["source"])
        for recipe in recipes
    ]
    write_table(("name", "expected", "summary", "source"), rows)


def _expected(records: Sequence[JsonObject]) -> str:
    return "; ".join(f"{record['name']} {record['condition']}" for record in records)


def _runs(folder: str | None) -> list[JsonObject]:
    from seqlab.runs.listing import runs_in

    if folder is None and not Path("runs").is_dir():
        return []
    return runs_in(Path(folder or "runs"))


def _write_runs(runs: Sequence[JsonObject]) -> None:
    header = (
        "run", "state", "task", "model", "data", "seed", "test", "value", "95 % interval",
        "baseline", "seconds",
    )  # fmt: skip
    write_table(header, [_row(run) for run in runs if run["state"] != "broken"])
    for run in runs:
        if run["state"] == "broken":
            click.echo(f"broken: {run['run']}: {run['problem']}", err=True)


def _row(run: JsonObject) -> list[str]:
    names = ("run", "state", "task", "model", "data", "seed")
    interval = "" if run["low"] is None else f"{run['low']:.4f} to {run['high']:.4f}"
    return [
        *(str(run[name]) for name in names),
        run["metric"] or "",
        _number(run["value"]),
        interval,
        _number(run["baseline"]),
        "" if run["seconds"] is None else f"{run['seconds']:.1f}",
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
