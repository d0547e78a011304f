"""`seqlab predict`: predictions of a finished run for new rows."""

from __future__ import annotations

import click

from seqlab.cli.completion import complete_folder
from seqlab.cli.parameters import data_options, device_option, json_option, plugin_option

EXAMPLES = """\b
seqlab predict runs/NAME "not bad at all"
seqlab predict runs/NAME --input new.csv --output labels.jsonl
seqlab predict runs/SERIES series.csv --steps 12
"""


@click.command("predict", epilog=EXAMPLES, short_help="Predict with a finished run.")
@click.argument("run", metavar="RUN", shell_complete=complete_folder)
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@click.option(
    "--input",
    "source",
    metavar="FILE|-",
    help="A file in any format that is trained on; - for one text per line on standard input.",
)
@click.option(
    "--output",
    metavar="FILE",
    help="Write to this file: .csv, .tsv, .jsonl, .json or .txt.  [default: stdout]",
)
@click.option(
    "--steps",
    type=int,
    metavar="N",
    help="Predict N steps after the end of each series.  [default: task.horizon of the run]",
)
@data_options
@plugin_option
@device_option
@json_option
def command(
    run: str,
    texts: tuple[str, ...],
    source: str | None,
    output: str | None,
    steps: int | None,
    options: tuple[str, ...],
    plugins: tuple[str, ...],
    device: str | None,
    as_json: bool,
) -> None:
    """Predict with RUN, the folder of a finished run: one line per text or row.

    A TEXT that is the name of a file is read like --input. From a table whose rows are the steps
    of series, what comes after its end is predicted: one line per series and step.
    """
    from seqlab.cli.prediction_files import check_output, write_records
    from seqlab.cli.predictions import choose_source, predict_source

    rows = choose_source(texts, source)
    target = check_output(output, rows, as_json=as_json)
    from seqlab.inference.predictor import load

    predictor = load(run, plugins=plugins, device=device)
    records = predict_source(predictor, rows, steps=steps, options=options)
    write_records(records, target, as_json=as_json)
