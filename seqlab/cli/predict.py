"""`seqlab predict`: predictions of a finished run for new rows."""

from __future__ import annotations

import click

from seqlab.cli.completion import complete_folder
from seqlab.cli.parameters import device_option, json_option, plugin_option

EXAMPLES = """\b
seqlab predict runs/NAME "not bad at all"
seqlab predict runs/NAME --input new.csv --output labels.jsonl
"""


@click.command("predict", epilog=EXAMPLES, short_help="Predict with a finished run.")
@click.argument("run", metavar="RUN", shell_complete=complete_folder)
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@click.option(
    "--input",
    "source",
    metavar="FILE|-",
    help="One text per line (.txt, or - for standard input), .jsonl, .csv or .tsv.",
)
@click.option(
    "--output", metavar="FILE", help="Write to this file; .jsonl implies --json.  [default: stdout]"
)
@plugin_option
@device_option
@json_option
def command(
    run: str,
    texts: tuple[str, ...],
    source: str | None,
    output: str | None,
    plugins: tuple[str, ...],
    device: str | None,
    as_json: bool,
) -> None:
    """Predict with RUN, the folder of a finished run: one line per text or row."""
    from seqlab.cli.predictions import choose_source, choose_target, write_predictions

    rows, target = choose_source(texts, source), choose_target(output)
    from seqlab.inference.predictor import load

    predictor = load(run, plugins=plugins, device=device)
    write_predictions(predictor, rows, target, as_json=as_json)
