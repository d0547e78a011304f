"""`seqlab run`: train a model for a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from seqlab.cli.completion import complete_data, complete_folder, complete_names
from seqlab.cli.output import write_json
from seqlab.cli.parameters import device_option, json_option, plugin_option, tokenizer_option
from seqlab.cli.results import write_plan, write_result, write_seeds
from seqlab.processes import is_main

EXAMPLES = """\b
seqlab run --task sentiment --model lstm
seqlab run --task sentiment --model lstm --data reviews.csv -o model.hidden_size=64
seqlab run --task sentiment --model mylayer --plugin mylayer.py
seqlab run --recipe pos-toy --seeds 0,1,2
"""

ALONE = ("seed", "resume", "accept_changes", "dry_run")
"""What --seeds cannot stand beside."""


@click.command("run", epilog=EXAMPLES, short_help="Train a model for a task, evaluate and save it.")
@click.option(
    "--task",
    metavar="T",
    shell_complete=complete_names("tasks"),
    help="What to learn; `seqlab list tasks` shows all.",
)
@click.option(
    "--model",
    metavar="M",
    shell_complete=complete_names("models"),
    help="A layer or model; `seqlab list models` shows all.",
)
@tokenizer_option
@click.option(
    "--data",
    metavar="SPEC",
    shell_complete=complete_data,
    help="A built-in name, a file, a folder or a Hub id.",
)
@click.option(
    "--recipe",
    metavar="R",
    shell_complete=complete_names("recipes"),
    help="A complete configuration; `seqlab list recipes` shows all. Options here win over it.",
)
@click.option("--config", metavar="FILE.toml", help="A configuration; options here win over it.")
@click.option(
    "-o",
    "options",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Any option of task, data, tokenizer, model, train, evaluate; `seqlab show` lists them.",
)
@plugin_option
@click.option("--epochs", type=int, metavar="N", help="Short for -o train.epochs=N.")
@click.option("--init-from", metavar="FILE.safetensors", help="Weights to start from.")
@click.option("--seed", type=int, metavar="N", help="Of everything random.  [default: 0]")
@click.option(
    "--seeds", metavar="N,N,…", help="A run with each of these; mean and spread of the results."
)
@device_option
@click.option("--precision", metavar="P", help="auto, fp32 or bf16.")
@click.option("--out", metavar="DIR", help="A new folder.  [default: runs/<task>-<model>-<time>]")
@click.option(
    "--resume",
    metavar="RUN",
    shell_complete=complete_folder,
    help="Go on with an interrupted run, to the same numbers.",
)
@click.option(
    "--accept-changes",
    is_flag=True,
    help="With --resume: go on although code, data or options are others; the result names them.",
)
@click.option("--smoke", is_flag=True, help="Two steps on few rows, to see whether all fits.")
@click.option("--dry-run", is_flag=True, help="Prepare, print the configuration, train nothing.")
@click.option("--strict", is_flag=True, help="Exit with 1 if a recipe's result misses a number.")
@json_option
def command(as_json: bool, strict: bool, seeds: str | None, **asked: Any) -> None:
    """Train a model for a task, evaluate it, and leave a run folder behind."""
    _check(asked, seeds, strict=strict)
    if seeds is None:
        from seqlab.runs.run import run

        result, write = run(**asked), write_result
    else:
        from seqlab.runs.seeds import run_seeds

        given = {k: v for k, v in asked.items() if k not in ALONE}
        result, write = run_seeds(_numbers(seeds), **given), write_seeds
    if not is_main():
        return  # the first process says it
    if as_json:
        write_json(result)
    elif result.get("dry_run"):
        write_plan(result)
    else:
        write(result)
    missed = [each["name"] for each in result.get("expected", ()) if not each["reached"]]
    if strict and missed:
        click.echo(f"missed: {', '.join(missed)}", err=True)
        raise click.exceptions.Exit(1)


def _check(asked: Mapping[str, Any], seeds: str | None, *, strict: bool) -> None:
    from seqlab.errors import UserError

    beside = [name for name in ALONE if asked[name] is not None and asked[name] is not False]
    if seeds is not None and beside:
        flag = "--" + beside[0].replace("_", "-")
        raise UserError(
            f"--seeds and {flag} do not go together", location=flag, remedy="give one of the two"
        )
    if strict and asked["recipe"] is None and asked["resume"] is None:
        raise UserError(
            "without a recipe nothing is expected of a result",
            location="--strict",
            remedy="add --recipe NAME; `seqlab list recipes` shows all",
        )


def _numbers(seeds: str) -> list[int]:
    from seqlab.errors import UserError

    try:
        return [int(seed) for seed in seeds.split(",")]
    except ValueError:
        raise UserError(
            f"'{seeds}' is no list of seeds", location="--seeds", remedy="--seeds 0,1,2"
        ) from None
