"""`seqlab run`: train a model for a task."""

from __future__ import annotations

from typing import Any

import click

from seqlab.cli.completion import complete_data, complete_folder, complete_names
from seqlab.cli.output import write_json
from seqlab.cli.parameters import device_option, json_option, plugin_option, tokenizer_option
from seqlab.cli.results import write_plan, write_result, write_seeds
from seqlab.errors import UserError
from seqlab.processes import is_main

EXAMPLES = """\b
seqlab run --task sentiment --model lstm
seqlab run --task sentiment --model lstm --data reviews.csv -o model.hidden_size=64
seqlab run --task sentiment --model mylayer --plugin mylayer.py
seqlab run --recipe pos-toy --seeds 0,1,2
"""


@click.command("run", epilog=EXAMPLES, short_help="Train a model for a task, evaluate and save it.")
@click.option(
    "--task",
    metavar="T",
    shell_complete=complete_names("tasks"),
    help="Task; `seqlab list tasks` shows all.",
)
@click.option(
    "--model",
    metavar="M",
    shell_complete=complete_names("models"),
    help="Layer or model; `seqlab list models` shows all.",
)
@tokenizer_option
@click.option(
    "--data",
    metavar="SPEC",
    shell_complete=complete_data,
    help="Built-in name, file, folder or Hub id; the task's own data if omitted.",
)
@click.option(
    "--recipe",
    metavar="R",
    shell_complete=complete_names("recipes"),
    help="Named configuration; `seqlab list recipes` shows all. Other options override it.",
)
@click.option(
    "--config", metavar="FILE.toml", help="Configuration file; other options override it."
)
@click.option(
    "-o",
    "options",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Any option of task, data, tokenizer, model, train, evaluate; `seqlab show` lists them.",
)
@plugin_option
@click.option("--epochs", type=int, metavar="N", help="Short for -o train.epochs=N.")
@click.option("--init-from", metavar="FILE.safetensors", help="Initial weights.")
@click.option("--seed", type=int, metavar="N", help="Random seed.  [default: 0]")
@click.option(
    "--seeds",
    metavar="N,N,…",
    help="Run once per seed; print mean and standard deviation of the results.",
)
@device_option
@click.option(
    "--precision",
    metavar="P",
    help="auto, fp32 or bf16; auto is bf16 on GPUs that support it, otherwise fp32.",
)
@click.option(
    "--out", metavar="DIR", help="New folder of the run.  [default: runs/<task>-<model>-<time>]"
)
@click.option(
    "--resume",
    metavar="RUN",
    shell_complete=complete_folder,
    help="Resume an interrupted run; the results are the same as without the interruption.",
)
@click.option(
    "--accept-changes",
    is_flag=True,
    help="With --resume: accept changes of code, data or options; the result lists them.",
)
@click.option(
    "--smoke",
    is_flag=True,
    help="Two steps on a few rows, to check that everything works together.",
)
@click.option(
    "--dry-run", is_flag=True, help="Prepare the data and print the configuration without training."
)
@click.option(
    "--strict",
    is_flag=True,
    help="Exit status 1 if the result misses an expectation of the recipe.",
)
@json_option
def command(as_json: bool, strict: bool, seeds: str | None, **request: Any) -> None:
    """Train a model for a task, evaluate it, and write a run folder."""
    if strict and request["recipe"] is None and request["resume"] is None:
        raise UserError(
            "--strict needs a recipe, which defines the expected numbers",
            location="--strict",
            remedy="add --recipe NAME; `seqlab list recipes` shows all",
        )
    if seeds is None:
        from seqlab.config.request import RunRequest
        from seqlab.runs.run import run_request

        result, write = run_request(RunRequest(**request)), write_result
    else:
        from seqlab.runs.seeds import run_seeds

        result, write = run_seeds(_numbers(seeds), **request), write_seeds
    if not is_main():
        return  # only the main process writes the result
    if as_json:
        write_json(result)
    elif result.get("dry_run"):
        write_plan(result)
    else:
        write(result)
    missed = [entry["name"] for entry in result.get("expected", ()) if not entry["reached"]]
    if strict and missed:
        click.echo(f"missed: {', '.join(missed)}", err=True)
        raise click.exceptions.Exit(1)


def _numbers(seeds: str) -> list[int]:
    try:
        return [int(seed) for seed in seeds.split(",")]
    except ValueError:
        raise UserError(
            f"'{seeds}' is not a list of seeds", location="--seeds", remedy="--seeds 0,1,2"
        ) from None
