"""`seqlab data convert`: data written to a file in another format."""

from __future__ import annotations

import click

from seqlab.cli.completion import complete_data
from seqlab.cli.output import write_json
from seqlab.cli.parameters import SPLITS, json_option, known_plugins, plugin_option

EXAMPLES = """\b
seqlab data convert reviews.xlsx --to reviews.csv
seqlab data convert aclImdb --to 'imdb-{split}.parquet'
seqlab data convert old.csv --to new.jsonl -o data.encoding=cp1252
"""


@click.command("convert", epilog=EXAMPLES, short_help="Write data to a file in another format.")
@click.argument("spec", shell_complete=complete_data)
@click.option(
    "--to",
    required=True,
    metavar="FILE",
    help="The file; its suffix says the format. {split} stands for the name of each split.",
)
@click.option("--split", type=click.Choice(SPLITS), help="Write only this split.")
@click.option(
    "-o", "options", multiple=True, metavar="data.KEY=VALUE", help="Any option of data, as in run."
)
@plugin_option
@json_option
def command(
    spec: str,
    to: str,
    split: str | None,
    options: tuple[str, ...],
    plugins: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write SPEC to a file in the format of its suffix.

    SPEC is what --data takes: a built-in name, a file, a folder or a Hub id. Values are not
    interpreted: the cells of a text table stay texts.
    """
    from seqlab.prepare.commands.convert import convert_data

    report = convert_data(spec, to, split=split, options=options, plugins=known_plugins(plugins))
    if as_json:
        write_json(report)
        return
    for notice in report["notices"]:
        click.echo(f"note: {notice}")
    for path, rows in report["files"].items():
        click.echo(f"{path}: {rows:,} rows")
