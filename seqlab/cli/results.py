"""Output of `seqlab run`: the result of a run, of several seeds, or a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from seqlab.cli.output import write_metrics, write_table

if TYPE_CHECKING:
    from seqlab.types import JsonObject


def write_result(result: JsonObject) -> None:
    """Write metrics, expectations of a recipe, seconds and folder of one run."""
    click.echo(_heading(result) + (" · smoke" if result["smoke"] else ""))
    write_metrics(result["metrics"], result["baseline"])
    _write_recipe(result)
    for expected in result["expected"]:
        value = "nothing" if expected["value"] is None else _number(expected["value"])
        _write_expected(expected, value)
    for change in result["changed"]:
        click.echo(f"changed {change}")
    if result["stopped"]:
        click.echo(f"stopped after epoch {result['epochs']}: {result['stopped']}")
    seconds = result["seconds"]
    stages = ", ".join(f"{name} {seconds[name]:.1f}" for name in seconds if name != "total")
    click.echo(f"{seconds['total']:.1f} s ({stages})")
    click.echo(f"run: {result['run']}")


def write_seeds(result: JsonObject) -> None:
    """Write mean, standard deviation and the value of each seed, for each metric."""
    names = [result[name] for name in ("task", "model", "tokenizer") if result[name]]
    seeds = result["seeds"]
    smoke = " · smoke" if result["smoke"] else ""
    click.echo(f"{' · '.join(names)} · {len(seeds)} seeds{smoke}")
    header = ("split", "metric", "mean", "std", *(f"seed {seed}" for seed in seeds))
    rows = []
    for split, metrics in result["metrics"].items():
        for name, metric in metrics.items():
            numbers = (metric["mean"], metric["std"], *metric["values"])
            rows.append((split, name, *(f"{number:.4f}" for number in numbers)))
    write_table(header, rows)
    _write_recipe(result)
    for expected in result["expected"]:
        mean = "" if expected["value"] is None else f"mean {_number(expected['value'])}, "
        _write_expected(expected, f"{mean}{len(expected['reached_by'])} of {len(seeds)} seeds")
    click.echo(f"{result['seconds']['total']:.1f} s")
    click.echo(f"runs: {result['folder']}")


def write_plan(result: JsonObject) -> None:
    """Write the configuration in the format of `--config`."""
    from seqlab.config.run_config import RunConfig

    click.echo(f"# {_heading(result)}")
    for name, split in result["data"].items():
        click.echo(f"# {name}: {split['examples']:,} examples, {split['steps']:,} steps")
    settings = (result[name] for name in ("seed", "device", "precision", "smoke"))
    config = RunConfig(result["config"], *settings)
    click.echo(config.to_toml(), nl=False)


def _heading(result: JsonObject) -> str:
    names = [result[name] for name in ("task", "model", "tokenizer") if result[name]]
    return (
        f"{' · '.join(names)} · {result['device']} {result['precision']} · seed {result['seed']} "
        f"· {_parameters(result)}"
    )


def _parameters(result: JsonObject) -> str:
    """The number of parameters, and of trainable ones if some are frozen."""
    total: int = result["parameters"]["total"]
    trainable: int = result["parameters"]["trainable"]
    return f"{total:,} parameters" + (f", {trainable:,} trainable" if trainable < total else "")


def _write_recipe(result: JsonObject) -> None:
    recipe = result["recipe"]
    if recipe:
        changed = ", ".join(recipe["overridden"])
        click.echo(f"recipe {recipe['name']}" + (f", except {changed}" if changed else ""))


def _write_expected(expected: JsonObject, value: str) -> None:
    verdict = "reached" if expected["reached"] else "missed"
    click.echo(f"expected {expected['name']} {expected['condition']}: {value}, {verdict}")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() else f"{value:.4g}"
