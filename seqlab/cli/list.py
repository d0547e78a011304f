"""`seqlab list`: what there is to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import json_option, known_plugins, plugin_option

if TYPE_CHECKING:
    from seqlab.plugins import Plugins

KINDS = ("models", "tasks", "tokenizers", "data")


@click.command("list", short_help="List models, tasks, tokenizers or data.")
@click.argument("kind", type=click.Choice(KINDS), required=False)
@plugin_option
@json_option
def command(kind: str | None, plugins: tuple[str, ...], as_json: bool) -> None:
    """List what a run can be made of; everything, if no kind is named."""
    found = entries(known_plugins(plugins), [kind] if kind else KINDS)
    if as_json:
        write_json(found)
        return
    header = ("name", "kind", "summary")
    write_table(header, [[entry[column] for column in header] for entry in found])


def entries(plugins: Plugins, kinds: Sequence[str] = KINDS) -> list[dict[str, str]]:
    """Name, kind, summary and plugin of everything registered."""
    return [
        {"name": e.name, "kind": e.kind, "summary": e.summary, "plugin": e.plugin}
        for kind in kinds
        for e in getattr(plugins, kind)
    ]
