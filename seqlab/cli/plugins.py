"""`seqlab plugins`: which plugins are there, and why one is not."""

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
    """List all plugins, with the reason where one failed to load."""
    from seqlab.plugin.manager import describe

    found = known_plugins(plugins)
    if as_json:
        write_json(describe(found.infos))
    else:
        write_plugins(found)


def write_plugins(found: Plugins) -> None:
    """A line for each plugin."""
    rows = [
        (info.name, info.state, info.origin, _one_line("; ".join(info.failures)))
        for info in found.infos
    ]
    write_table(("name", "state", "origin", ""), rows)


def _one_line(reason: str) -> str:
    return " ".join(reason.split())
