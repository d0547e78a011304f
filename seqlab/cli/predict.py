"""`seqlab predict`: what a finished run says of new rows."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from seqlab.cli.parameters import device_option, json_option, plugin_option
from seqlab.cli.rows import check_input, read_rows
from seqlab.errors import UserError


@click.command("predict", short_help="Predict with a finished run.")
@click.argument("run", metavar="RUN")
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@click.option(
    "--input",
    "source",
    metavar="FILE|-",
    help="A text a line (.txt, or - for standard input), .jsonl, .csv or .tsv.",
)
@click.option("--output", metavar="FILE", help="Instead of standard output; .jsonl means --json.")
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
    """Predict with RUN, a folder that `seqlab run` made: a line for each text.

    \b
    seqlab predict runs/NAME "not bad at all"
    seqlab predict runs/NAME --input new.csv --output labels.jsonl
    """
    source = _source(texts, source)
    target = _check_output(output)
    from seqlab.predictor import load

    predictor = load(run, plugins=plugins, device=device)
    rows = read_rows(source) if source is not None else iter(texts)
    as_json = as_json or (target is not None and target.suffix == ".jsonl")
    with _opened(target) as file:
        for record in predictor.predict_stream(rows):
            file.write((json.dumps(record, ensure_ascii=False) if as_json else line(record)) + "\n")


def line(record: Mapping[str, Any]) -> str:
    """A prediction on one readable line: label, score, then what it is about."""
    first = [str(record["label"])] if "label" in record else []
    if isinstance(record.get("score"), float):
        first.append(f"{record['score']:.3f}")
    rest = [
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in record.items()
        if name not in ("label", "score", "probabilities")
    ]
    return "\t".join(" ".join(cell.split()) for cell in [*first, *rest])


def _source(texts: Sequence[str], source: str | None) -> str | None:
    """Where the rows come from; None for the texts themselves."""
    if texts and source is not None:
        raise UserError(
            "texts and --input are both given", place="--input", remedy="give one of the two"
        )
    if texts:
        return None
    if source is None:
        if sys.stdin.isatty():
            raise UserError(
                "nothing to predict", place="TEXT", remedy='give texts in quotes, or --input FILE'
            )
        return "-"
    check_input(source)
    return source


def _check_output(output: str | None) -> Path | None:
    if output is None:
        return None
    path = Path(output)
    if path.is_dir() or not path.parent.is_dir():
        cause = f"'{path}' is a folder" if path.is_dir() else f"there is no folder '{path.parent}'"
        raise UserError(cause, place="--output", remedy="name a file in a folder that is there")
    return path


@contextmanager
def _opened(target: Path | None) -> Iterator[IO[str]]:
    """Standard output, or a file that is there whole or not at all."""
    if target is None:
        yield sys.stdout
        return
    beside = target.with_name(f".writing-{target.name}")
    try:
        file = beside.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UserError(
            f"cannot write '{target}': {error.strerror}", place="--output", remedy="name another"
        ) from None
    try:
        with file:
            yield file
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
