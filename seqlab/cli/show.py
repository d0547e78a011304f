"""`seqlab show`: every option of a registered name or a section."""

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
    from seqlab.types import JsonObject

REGISTRIES = {
    "model": "models",
    "task": "tasks",
    "tokenizer": "tokenizers",
    "data": "data",
    "recipe": "recipes",
}
SECTIONS = ("data", "train", "evaluate")
"""Sections with options that do not depend on a name."""


EXAMPLES = """\b
seqlab show model lstm
seqlab show recipe sentiment-lstm
seqlab show train
"""


@click.command("show", epilog=EXAMPLES, short_help="Show every option of a name or a section.")
@click.argument("kind", type=click.Choice((*REGISTRIES, "train", "evaluate")))
@click.argument("name", required=False, shell_complete=complete_of_kind(REGISTRIES))
@plugin_option
@json_option
def command(kind: str, name: str | None, plugins: tuple[str, ...], as_json: bool) -> None:
    """Show what NAME is, which plugin it comes from, and every option: type, default, meaning."""
    known = known_plugins(plugins)
    is_section = name is None and kind in SECTIONS
    document = show_section(kind) if is_section else show(known, kind, name)
    if as_json:
        write_json(document)
    else:
        _write(document)


def show(plugins: Plugins, kind: str, name: str | None) -> JsonObject:
    """The origin and the options of a registered name.

    Raises:
        UserError: There is no such name.
    """
    from seqlab.errors import UserError

    if kind not in REGISTRIES:
        raise UserError(f"'{kind}' has no names", location=name or "", remedy=f"seqlab show {kind}")
    registry = getattr(plugins, REGISTRIES[kind])
    if name is None:
        names = ", ".join(entry.name for entry in registry)
        raise UserError(f"no {kind} was given", location="NAME", remedy=f"known: {names}")
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


def _recipe(entry: Entry[Any], origin: str) -> JsonObject:
    from seqlab.config.recipe import describe, read_recipe

    config = read_recipe(entry).config
    sections = {name: options for name, options in config.sections.items() if options}
    settings = {name: config.value(name) for name in ("seed", "precision")}
    return {**describe([entry])[0][0], "origin": origin, "config": {**settings, **sections}}


def show_section(section: str) -> JsonObject:
    """The options of a section that are the same in every run."""
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


def _known(kind: str, builder: type[Any]) -> Mapping[str, Option]:
    from seqlab.options import options_of

    if kind != "model":
        return options_of(builder)
    from seqlab.nn import model_options

    return model_options(builder)


def _options(options: Iterable[Option]) -> list[JsonObject]:
    return [
        {
            "name": option.name,
            "type": option.type,
            "default": option.default,
            "meaning": option.meaning,
        }
        for option in options
    ]


def _task(task: type[Task]) -> JsonObject:
    columns = [
        {"role": column.role, "kinds": list(column.kinds), "names": list(column.names)}
        for column in task.columns
    ]
    return {"columns": columns, "defaults": dict(task.defaults)}


def _write_recipe(recipe: JsonObject) -> None:
    import tomli_w

    click.echo(f"recipe {recipe['name']}: {recipe['summary']}")
    click.echo(f"source {recipe['source']}")
    click.echo(f"plugin {recipe['plugin']} ({recipe['origin']})")
    for expected in recipe["expected"]:
        click.echo(f"expected {expected['name']} {expected['condition']}")
    click.echo()
    click.echo(tomli_w.dumps(recipe["config"]), nl=False)


def _write(document: JsonObject) -> None:
    if document["kind"] == "recipe":
        _write_recipe(document)
        return
    if document["kind"] == "section":
        click.echo(f"section {document['name']}")
    else:
        click.echo(f"{document['kind']} {document['name']}: {document['summary']}")
        click.echo(f"plugin {document['plugin']} ({document['origin']})")
    for column in document.get("columns", ()):
        kinds, names = " or ".join(column["kinds"]), ", ".join(column["names"])
        click.echo(f"column {column['role']}: {kinds or 'any kind'}; default names {names}")
    for name, value in document.get("defaults", {}).items():
        click.echo(f"sets {name}={format_value(value)}")
    click.echo()
    rows = [
        (f"{document['section']}.{option['name']}", option["type"],
         format_value(option["default"]), option["meaning"])
        for option in document["options"]
    ]  # fmt: skip
    write_table(("option", "type", "default", "meaning"), rows)


def format_value(value: object) -> str:
    """A value in the format of `-o`."""
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
