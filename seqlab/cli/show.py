"""`seqlab show`: every option of one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from seqlab.cli.completion import complete_of_kind
from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import json_option, known_plugins, plugin_option

if TYPE_CHECKING:
    from seqlab.options import Option
    from seqlab.plugin.manager import Plugins
    from seqlab.registry import Entry
    from seqlab.task import Task

REGISTRIES = {
    "model": "models",
    "task": "tasks",
    "tokenizer": "tokenizers",
    "data": "data",
    "recipe": "recipes",
}
GENERAL = ("data", "train", "evaluate")
"""Sections with options that do not depend on a name."""


EXAMPLES = """\b
seqlab show model lstm
seqlab show recipe sentiment-lstm
seqlab show train
"""


@click.command("show", epilog=EXAMPLES, short_help="Show every option of something.")
@click.argument("kind", type=click.Choice((*REGISTRIES, "train", "evaluate")))
@click.argument("name", required=False, shell_complete=complete_of_kind(REGISTRIES))
@plugin_option
@json_option
def command(kind: str, name: str | None, plugins: tuple[str, ...], as_json: bool) -> None:
    """Show what NAME is, where it comes from, and every option: type, default, meaning."""
    known = known_plugins(plugins)
    shown = show_section(kind) if name is None and kind in GENERAL else show(known, kind, name)
    if as_json:
        write_json(shown)
    else:
        _write(shown)


def show(plugins: Plugins, kind: str, name: str | None) -> dict[str, Any]:
    """All about one registered name.

    Raises:
        UserError: No such name.
    """
    from seqlab.errors import UserError

    if kind not in REGISTRIES:
        raise UserError(f"'{kind}' has no names", location=name or "", remedy=f"seqlab show {kind}")
    registry = getattr(plugins, REGISTRIES[kind])
    if name is None:
        names = ", ".join(entry.name for entry in registry)
        raise UserError(f"no {kind} is named", location="NAME", remedy=f"known: {names}")
    entry = registry.get(name, location="NAME", note=plugins.note)
    origin = next((i.origin for i in plugins.infos if i.name == entry.plugin), entry.plugin)
    if kind == "recipe":
        return _recipe(entry, origin)
    builder = entry.load()
    return {
        "name": entry.name,
        "kind": entry.kind,
        "summary": entry.summary,
        "plugin": entry.plugin,
        "origin": origin,
        "section": kind,
        "options": _options(_known(kind, builder).values()),
        **(_task(builder) if kind == "task" else {}),
    }


def _recipe(entry: Entry[Any], origin: str) -> dict[str, Any]:
    from seqlab.config.recipe import describe, read_recipe

    config = read_recipe(entry).config
    sections = {name: own for name, own in config.sections.items() if own}
    top = {name: config.value(name) for name in ("seed", "precision")}
    return {**describe([entry])[0][0], "origin": origin, "config": {**top, **sections}}


def show_section(section: str) -> dict[str, Any]:
    """The options of a section that has the same ones in every run."""
    from seqlab.config.data_settings import DataSettings
    from seqlab.config.evaluate_settings import EvaluateSettings
    from seqlab.config.train_settings import TrainSettings
    from seqlab.options import options_of

    settings: Mapping[str, Callable[..., object]] = {
        "data": DataSettings,
        "train": TrainSettings,
        "evaluate": EvaluateSettings,
    }
    options = _options(options_of(settings[section]).values())
    return {"name": section, "kind": "section", "section": section, "options": options}


def _known(kind: str, builder: Any) -> Mapping[str, Option]:
    from seqlab.options import options_of

    if kind != "model":
        return options_of(builder)
    from seqlab.nn import model_options

    return model_options(builder)


def _options(options: Iterable[Option]) -> list[dict[str, Any]]:
    return [
        {"name": o.name, "type": o.type, "default": o.default, "meaning": o.meaning}
        for o in options
    ]


def _task(task: type[Task]) -> dict[str, Any]:
    columns = [
        {"role": c.role, "kinds": list(c.kinds), "names": list(c.names)} for c in task.columns
    ]
    return {"columns": columns, "defaults": dict(task.defaults)}


def _write_recipe(shown: Mapping[str, Any]) -> None:
    import tomli_w

    click.echo(f"recipe {shown['name']}: {shown['summary']}")
    click.echo(f"from {shown['source']}")
    click.echo(f"plugin {shown['plugin']} ({shown['origin']})")
    for each in shown["expected"]:
        click.echo(f"expected {each['name']} {each['asked']}")
    click.echo()
    click.echo(tomli_w.dumps(shown["config"]), nl=False)


def _write(shown: Mapping[str, Any]) -> None:
    if shown["kind"] == "recipe":
        _write_recipe(shown)
        return
    if shown["kind"] == "section":
        click.echo(f"section {shown['name']}")
    else:
        click.echo(f"{shown['kind']} {shown['name']}: {shown['summary']}")
        click.echo(f"plugin {shown['plugin']} ({shown['origin']})")
    for column in shown.get("columns", ()):
        kinds, names = " or ".join(column["kinds"]), ", ".join(column["names"])
        click.echo(f"column {column['role']}: {kinds}; found by the names {names}")
    for name, value in shown.get("defaults", {}).items():
        click.echo(f"sets {name}={as_given(value)}")
    click.echo()
    rows = [
        (f"{shown['section']}.{o['name']}", o["type"], as_given(o["default"]), o["meaning"])
        for o in shown["options"]
    ]
    write_table(("option", "type", "default", "meaning"), rows)


def as_given(value: object) -> str:
    """As `-o` takes it."""
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
