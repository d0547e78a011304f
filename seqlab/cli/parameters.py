"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from seqlab.cli.completion import complete_data, complete_names

if TYPE_CHECKING:
    from seqlab.plugin.manager import Plugins

plugin_option = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="FILE.py",
    help="A plugin in one file; may be given again.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
data_option = click.option(
    "--data",
    metavar="SPEC",
    shell_complete=complete_data,
    help="Other data than the run's own, as for `run`.",
)
data_options = click.option(
    "-o",
    "options",
    multiple=True,
    metavar="data.KEY=VALUE",
    help="Any option of --data, as in run: data.columns.text=review.",
)
tokenizer_option = click.option(
    "--tokenizer",
    metavar="K",
    shell_complete=complete_names("tokenizers"),
    help="Instead of the task's own.",
)
device_option = click.option(
    "--device", metavar="DEVICE", help="auto, cpu, cuda, cuda:1, mps; auto takes the best."
)


def known_plugins(files: tuple[str, ...]) -> Plugins:
    """The installed plugins and those in files."""
    from seqlab.plugin.manager import installed

    return installed().with_files(files)
