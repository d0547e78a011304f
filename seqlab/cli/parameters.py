"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from seqlab.cli.completion import complete_data, complete_names

if TYPE_CHECKING:
    from seqlab.plugin.manager import Plugins

SPLITS = ("train", "validation", "test")

plugin_option = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="FILE.py",
    help="A one-file plugin; may be repeated.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
data_option = click.option(
    "--data",
    metavar="SPEC",
    shell_complete=complete_data,
    help="Use different data than the run; takes what `run` takes.",
)
data_options = click.option(
    "-o",
    "options",
    multiple=True,
    metavar="data.KEY=VALUE",
    help="An option of --data, such as data.columns.text=review.",
)
split_option = click.option(
    "--split",
    type=click.Choice(SPLITS),
    default="test",
    show_default=True,
    help="Split of the data.",
)
tokenizer_option = click.option(
    "--tokenizer",
    metavar="K",
    shell_complete=complete_names("tokenizers"),
    help="A tokenizer other than the task's default.",
)
device_option = click.option(
    "--device", metavar="DEVICE", help="auto, cpu, cuda, cuda:1 or mps; auto uses the best."
)


def known_plugins(files: tuple[str, ...]) -> Plugins:
    """The installed plugins and the one-file plugins."""
    from seqlab.plugin.manager import installed

    return installed().with_files(files)
