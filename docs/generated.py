"""Tables of the reference pages, made from the code whenever the site is built.

A line `<!-- generated: NAME -->` of a page is replaced by the result of `GENERATORS[NAME]`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from docs.notebook import as_markdown
from seqlab.cli import COMMANDS, cli
from seqlab.cli.show import format_value, show, show_section
from seqlab.data.reading.formats import COMPRESSED, SUFFIXES
from seqlab.plugin.manager import installed
from seqlab.types import JsonObject

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PIPE = r"\|"
MARK = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)


def fill(page: str) -> str:
    """The text of a page with each mark replaced by its table."""
    return MARK.sub(lambda mark: GENERATORS[mark[1]](), page)


def setup(app: Sphinx) -> Mapping[str, bool]:
    """Register the tables; Sphinx calls this function of an extension."""
    app.connect("source-read", _fill_source)
    return {"parallel_read_safe": True}


def _fill_source(_app: Sphinx, _page: str, source: list[str]) -> None:
    source[0] = fill(source[0])


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table from cells that are Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(c.replace('|', PIPE) for c in cells)} |\n" for cells in lines)


def code(text: object) -> str:
    """A text as code; empty if the text is empty."""
    return f"`{text}`" if str(text) else ""


def built_in(kind: str, registry: str) -> list[JsonObject]:
    """The output of `seqlab show` for each name that is part of seqlab itself."""
    plugins = installed()
    documents = [show(plugins, kind, entry.name) for entry in getattr(plugins, registry)]
    return [document for document in documents if document["origin"].split()[0] == "seqlab"]


def prose(text: str) -> str:
    """A text as Markdown without HTML outside of code."""
    segments = text.split("`")  # the odd ones are code
    return "`".join(
        segment if index % 2 else segment.replace("<", "&lt;")
        for index, segment in enumerate(segments)
    )


def options_table(section: str, options: Iterable[JsonObject]) -> str:
    """Name, type, default and meaning of each option."""
    rows = [
        (
            code(f"{section}.{option['name']}"),
            option["type"],
            code(format_value(option["default"])),
            prose(option["meaning"]),
        )
        for option in options
    ]
    return table(("option", "type", "default", "meaning"), rows) if rows else "No options.\n"


def models() -> str:
    """The options that all layers share, then those of each layer or model."""
    documents = built_in("model", "models")
    first, *others = [doc["options"] for doc in documents if doc["kind"] == "layer"]
    shared = [option for option in first if all(option in options for options in others)]
    sections = [options_table("model", shared)]
    for document in documents:
        options = document["options"]
        if document["kind"] == "layer":
            options = [option for option in options if option not in shared]
        sections.append(_heading(document) + options_table("model", options))
    return "\n".join(sections)


def tokenizers() -> str:
    """Each tokenizer and its options."""
    return "\n".join(
        _heading(document) + options_table("tokenizer", document["options"])
        for document in built_in("tokenizer", "tokenizers")
    )


def data() -> str:
    """Each built-in data set and its options."""
    return "\n".join(
        _heading(document) + options_table("data", document["options"])
        for document in built_in("data", "data")
    )


def tasks() -> str:
    """The columns and options of each task, and the defaults that it sets."""
    return "\n".join(map(_task, built_in("task", "tasks")))


def _task(task: JsonObject) -> str:
    columns = [
        (
            code(column["role"]),
            ", ".join(column["kinds"]) or "any; only by its name",
            ", ".join(map(code, column["names"])),
        )
        for column in task["columns"]
    ]
    defaults = [(code(name), code(format_value(value))) for name, value in task["defaults"].items()]
    sections = [
        _heading(task) + table(("role", "kind of column", "recognized names"), columns),
        options_table("task", task["options"]),
        "Defaults that this task sets for other sections:\n\n"
        + table(("option", "value"), defaults),
    ]
    return "\n".join(sections)


def _heading(document: JsonObject) -> str:
    return f"## {document['name']}\n\n{prose(document['summary'])}.\n\n"


def recipes() -> str:
    """Each recipe: what it is, its source, and what its result must reach."""
    rows = [
        (
            code(recipe["name"]),
            recipe["summary"],
            recipe["source"],
            ", ".join(code(f"{e['name']} {e['condition']}") for e in recipe["expected"]),
        )
        for recipe in built_in("recipe", "recipes")
    ]
    return table(("recipe", "what it is", "source", "expected"), rows)


def settings() -> str:
    """The sections whose options do not depend on a name."""
    documents = [show_section(section) for section in ("data", "train", "evaluate")]
    return "\n".join(
        f"## {document['section']}\n\n" + options_table(document["section"], document["options"])
        for document in documents
    )


def formats() -> str:
    """Every format of data files with its suffixes, without those of compressed files."""
    suffixes_of: dict[str, list[str]] = {}
    for suffix, name in SUFFIXES.items():
        if not suffix.endswith(COMPRESSED):
            suffixes_of.setdefault(name, []).append(code(suffix))
    rows = [(name, ", ".join(suffixes)) for name, suffixes in suffixes_of.items()]
    return table(("format", "suffixes"), rows)


def commands() -> str:
    """Usage, options and examples of each command."""
    context = click.Context(cli, info_name="seqlab", **cli.context_settings)
    return "\n".join(_subcommands(cli, COMMANDS, context))


def _subcommands(group: click.Group, names: Iterable[str], context: click.Context) -> list[str]:
    pairs = [(name, group.get_command(context, name)) for name in names]
    return [_command(command, name, context) for name, command in pairs if command is not None]


def _command(command: click.Command, name: str, parent: click.Context) -> str:
    context = click.Context(command, info_name=name, parent=parent)
    if isinstance(command, click.Group):
        return "\n".join(_subcommands(command, command.list_commands(context), context))
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    records = [option.get_help_record(context) for option in command.get_params(context)]
    rows = [(code(record[0]), prose(record[1])) for record in records if record and record[1]]
    sections = [
        f"## {context.command_path}\n\n```text\n{usage}\n```\n",
        f"{inspect.cleandoc(command.help or '')}\n",
        table(("option", "meaning"), rows),
    ]
    if command.epilog:
        lines = command.epilog.replace("\b\n", "").strip().splitlines()
        sections.append("```console\n" + "".join(f"$ {line}\n" for line in lines) + "```\n")
    return "\n".join(sections)


GENERATORS: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "data": data,
    "formats": formats,
    "models": models,
    "notebook": as_markdown,
    "recipes": recipes,
    "settings": settings,
    "tasks": tasks,
    "tokenizers": tokenizers,
}
"""The marks that a page can have."""
