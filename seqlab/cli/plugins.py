"""`seqlab plugins`: the plugins and their state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import json_option, known_plugins, plugin_option

if TYPE_CHECKING:
    from seqlab.plugin.manager import Plugins


@click.command("plugins", short_help="List plugins, loaded and failed.")
@plugin_option
@json_option
def command(plugins: tuple[str, ...], as_json: bool) -> None:
    """List all plugins, and the reason if one failed to load."""
    from seqlab.plugin.manager import describe

    known = known_plugins(plugins)
    if as_json:
        write_json(describe(known.infos))
    else:
        write_plugins(known)


def write_plugins(plugins: Plugins) -> None:
    """Write one line per plugin."""
    rows = [
        (info.name, info.state, info.origin, _one_line("; ".join(info.failures)))
        for info in plugins.infos
    ]
    write_table(("name", "state", "origin", ""), rows)


def _one_line(text: str) -> str:
    return " ".join(text.split())
