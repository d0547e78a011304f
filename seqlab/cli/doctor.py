"""`seqlab doctor`: devices, versions and the state of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from seqlab.cli.output import write_json, write_table
from seqlab.cli.parameters import json_option, known_plugins, plugin_option
from seqlab.cli.plugins import write_plugins

if TYPE_CHECKING:
    from seqlab.plugin.manager import Plugins
    from seqlab.types import JsonObject


@click.command("doctor", short_help="Check devices, versions and plugins.")
@plugin_option
@json_option
def command(plugins: tuple[str, ...], as_json: bool) -> None:
    """Show devices, versions and plugins; exit status 1 if a plugin failed."""
    known = known_plugins(plugins)
    report = examine(known)
    if as_json:
        write_json(report)
    else:
        write_table(
            ("device", ""), [(device["name"], device["detail"]) for device in report["devices"]]
        )
        click.echo()
        write_table(("software", "version"), report["versions"].items())
        click.echo()
        write_plugins(known)
    if not report["healthy"]:
        click.echo("a plugin failed: fix or uninstall it", err=True)
        click.get_current_context().exit(1)


def examine(plugins: Plugins) -> JsonObject:
    """Devices, versions, plugins, and whether every plugin is loaded."""
    from seqlab.device import available
    from seqlab.plugin.manager import describe
    from seqlab.versions import versions

    return {
        "devices": [{"name": name, "detail": _detail(name)} for name in available()],
        "versions": versions(),
        "plugins": describe(plugins.infos),
        "healthy": all(info.state == "loaded" for info in plugins.infos),
    }


def _detail(device: str) -> str:
    import torch

    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return f"threads: {torch.get_num_threads()}" if device == "cpu" else ""
