"""`seqlab run`: train a model for a task."""

from __future__ import annotations

from typing import Any

import click

from seqlab.cli.output import write_json, write_metrics
from seqlab.cli.parameters import device_option, json_option, plugin_option

EXAMPLES = """\b
seqlab run --task sentiment --model lstm
seqlab run --task sentiment --model lstm --data reviews.csv -o model.hidden_size=64
seqlab run --task sentiment --model mylayer --plugin mylayer.py
"""


@click.command("run", epilog=EXAMPLES, short_help="Train a model for a task, evaluate and save it.")
@click.option("--task", metavar="T", help="What to learn; `seqlab list tasks` shows all.")
@click.option("--model", metavar="M", help="A layer or model; `seqlab list models` shows all.")
@click.option("--tokenizer", metavar="K", help="Instead of the task's own.")
@click.option("--data", metavar="SPEC", help="A built-in name, a file, a folder or a Hub id.")
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
@device_option
@click.option("--precision", metavar="P", help="auto, fp32 or bf16.")
@click.option("--out", metavar="DIR", help="A new folder.  [default: runs/<task>-<model>-<time>]")
@click.option("--resume", metavar="RUN", help="Go on with an interrupted run, as it was set up.")
@click.option("--smoke", is_flag=True, help="Two steps on few rows, to see whether all fits.")
@click.option("--dry-run", is_flag=True, help="Prepare, print the configuration, train nothing.")
@json_option
def command(as_json: bool, **asked: Any) -> None:
    """Train a model for a task, evaluate it, and leave a run folder behind."""
    from seqlab.runner import run

    result = run(**asked)
    if as_json:
        write_json(result)
    elif result.get("dry_run"):
        _write_plan(result)
    else:
        _write_result(result)


def _write_result(result: dict[str, Any]) -> None:
    click.echo(_heading(result) + (" · smoke" if result["smoke"] else ""))
    write_metrics(result["metrics"], result["baseline"])
    seconds = result["seconds"]
    stages = ", ".join(f"{name} {seconds[name]:.1f}" for name in seconds if name != "total")
    click.echo(f"{seconds['total']:.1f} s ({stages})")
    click.echo(f"run: {result['run']}")


def _write_plan(result: dict[str, Any]) -> None:
    """The configuration, as `--config` takes it."""
    from seqlab.config import RunConfig

    click.echo(f"# {_heading(result)}")
    for name, part in result["data"].items():
        click.echo(f"# {name}: {part['examples']:,} examples, {part['steps']:,} steps")
    top = (result[name] for name in ("seed", "device", "precision", "smoke"))
    plan = RunConfig(result["config"], *top)
    click.echo(plan.to_toml(), nl=False)


def _heading(result: dict[str, Any]) -> str:
    names = [result[name] for name in ("task", "model", "tokenizer") if result[name]]
    return (
        f"{' · '.join(names)} · {result['device']} {result['precision']} · seed {result['seed']} "
        f"· {result['parameters']['trainable']:,} parameters"
    )
