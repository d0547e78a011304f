"""Tables of the reference pages, made from the code each time the site is built.

A line `<!-- generated: NAME -->` of a page becomes what `GENERATORS[NAME]` gives.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from docs.notebook import as_markdown
from seqlab.cli import COMMANDS, cli
from seqlab.cli.show import format_value, show, show_section
from seqlab.data.reading.formats import SUFFIXES
from seqlab.plugin.manager import installed

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PIPE = r"\|"
MARK = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)


def fill(page: str) -> str:
    """A page's text, with a table in the place of each mark."""
    return MARK.sub(lambda mark: GENERATORS[mark[1]](), page)


def setup(app: Sphinx) -> Mapping[str, bool]:
    """Be an extension of Sphinx."""
    app.connect("source-read", _fill_source)
    return {"parallel_read_safe": True}


def _fill_source(_app: Sphinx, _page: str, source: list[str]) -> None:
    source[0] = fill(source[0])


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows of Markdown cells as a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(c.replace('|', PIPE) for c in cells)} |\n" for cells in lines)


def code(text: object) -> str:
    """A text as code; nothing where it is empty."""
    return f"`{text}`" if str(text) else ""


def built_in(kind: str, registry: str) -> list[Mapping[str, Any]]:
    """All that `seqlab show` tells of each name that comes with seqlab itself."""
    plugins = installed()
    shown = [show(plugins, kind, entry.name) for entry in getattr(plugins, registry)]
    return [each for each in shown if each["origin"].split()[0] == "seqlab"]


def prose(text: str) -> str:
    """A text as Markdown: what is no code holds no HTML."""
    parts = text.split("`")
    return "`".join(p if inside % 2 else p.replace("<", "&lt;") for inside, p in enumerate(parts))


def options_table(section: str, options: Iterable[Mapping[str, Any]]) -> str:
    """Name, type, default and meaning of each option."""
    rows = [
        (
            code(f"{section}.{o['name']}"),
            o["type"],
            code(format_value(o["default"])),
            prose(o["meaning"]),
        )
        for o in options
    ]
    return table(("option", "type", "default", "meaning"), rows) if rows else "No options.\n"


def models() -> str:
    """The options that all layers share, then those of each."""
    found = built_in("model", "models")
    first, *others = [each["options"] for each in found if each["kind"] == "layer"]
    shared = [option for option in first if all(option in each for each in others)]
    parts = [options_table("model", shared)]
    for each in found:
        own = [o for o in each["options"] if o not in shared or each["kind"] == "model"]
        parts.append(_heading(each) + options_table("model", own))
    return "\n".join(parts)


def tokenizers() -> str:
    """Each tokenizer and its options."""
    found = built_in("tokenizer", "tokenizers")
    return "\n".join(_heading(each) + options_table("tokenizer", each["options"]) for each in found)


def data() -> str:
    """Each built-in set and its options."""
    found = built_in("data", "data")
    return "\n".join(_heading(each) + options_table("data", each["options"]) for each in found)


def tasks() -> str:
    """Of each task columns, options, and what it sets elsewhere."""
    return "\n".join(map(_task, built_in("task", "tasks")))


def _task(task: Mapping[str, Any]) -> str:
    columns = [
        (code(c["role"]), ", ".join(c["kinds"]), ", ".join(map(code, c["names"])))
        for c in task["columns"]
    ]
    defaults = [(code(name), code(format_value(value))) for name, value in task["defaults"].items()]
    parts = [
        _heading(task) + table(("role", "kind of column", "found by the names"), columns),
        options_table("task", task["options"]),
        "It sets, unless told otherwise:\n\n" + table(("option", "value"), defaults),
    ]
    return "\n".join(parts)


def _heading(shown: Mapping[str, Any]) -> str:
    return f"## {shown['name']}\n\n{prose(shown['summary'])}.\n\n"


def recipes() -> str:
    """Each recipe: what it is, where from, what it must reach."""
    rows = [
        (code(each["name"]), each["summary"], each["source"],
         ", ".join(code(f"{e['name']} {e['condition']}") for e in each["expected"]))
        for each in built_in("recipe", "recipes")
    ]  # fmt: skip
    return table(("recipe", "what it is", "source", "must reach"), rows)


def settings() -> str:
    """The sections whose options do not depend on a name."""
    parts = []
    for section in ("data", "train", "evaluate"):
        shown = show_section(section)
        parts.append(f"## {section}\n\n" + options_table(section, shown["options"]))
    return "\n".join(parts)


def formats() -> str:
    """Every suffix that data may have."""
    kinds: dict[str, list[str]] = {}
    for suffix, kind in SUFFIXES.items():
        kinds.setdefault(kind, []).append(code(suffix))
    return table(("format", "suffixes"), [(kind, ", ".join(own)) for kind, own in kinds.items()])


def commands() -> str:
    """Usage, options and examples of each command."""
    context = click.Context(cli, info_name="seqlab", **cli.context_settings)
    named = [(name, cli.get_command(context, name)) for name in COMMANDS]
    return "\n".join(_command(command, name, context) for name, command in named if command)


def _command(command: click.Command, name: str, above: click.Context) -> str:
    context = click.Context(command, info_name=name, parent=above)
    if isinstance(command, click.Group):
        below = [(own, command.get_command(context, own)) for own in command.list_commands(context)]
        return "\n".join(_command(each, own, context) for own, each in below if each)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    records = [option.get_help_record(context) for option in command.get_params(context)]
    parts = [
        f"## {context.command_path}\n\n```text\n{usage}\n```\n",
        f"{inspect.cleandoc(command.help or '')}\n",
        table(("option", "meaning"), [(code(r[0]), prose(r[1])) for r in records if r and r[1]]),
    ]
    if command.epilog:
        lines = command.epilog.replace("\b\n", "").strip().splitlines()
        parts.append("```console\n" + "".join(f"$ {line}\n" for line in lines) + "```\n")
    return "\n".join(parts)


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
"""What a page can ask for."""
