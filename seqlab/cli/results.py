"""What `seqlab run` says at its end: a result, several seeds' results, or a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from seqlab.cli.output import write_metrics, write_table


def write_result(result: Mapping[str, Any]) -> None:
    """Metrics, what a recipe expects, seconds and folder of one run."""
    click.echo(_heading(result) + (" · smoke" if result["smoke"] else ""))
    write_metrics(result["metrics"], result["baseline"])
    _write_recipe(result)
    for each in result["expected"]:
        value = "nothing" if each["value"] is None else _number(each["value"])
        _write_expected(each, value)
    for each in result["changed"]:
        click.echo(f"changed {each}")
    seconds = result["seconds"]
    stages = ", ".join(f"{name} {seconds[name]:.1f}" for name in seconds if name != "total")
    click.echo(f"{seconds['total']:.1f} s ({stages})")
    click.echo(f"run: {result['run']}")


def write_seeds(result: Mapping[str, Any]) -> None:
    """Mean, deviation and each seed's value of each metric."""
    names = [result[name] for name in ("task", "model", "tokenizer") if result[name]]
    seeds = result["seeds"]
    click.echo(f"{' · '.join(names)} · {len(seeds)} seeds" + (" · smoke" * result["smoke"]))
    header = ("split", "metric", "mean", "std", *(f"seed {seed}" for seed in seeds))
    rows = [
        (split, name, *(f"{n:.4f}" for n in (own["mean"], own["std"], *own["values"])))
        for split, metrics in result["metrics"].items()
        for name, own in metrics.items()
    ]
    write_table(header, rows)
    _write_recipe(result)
    for each in result["expected"]:
        mean = "" if each["value"] is None else f"mean {_number(each['value'])}, "
        _write_expected(each, f"{mean}{len(each['reached_by'])} of {len(seeds)} seeds")
    click.echo(f"{result['seconds']['total']:.1f} s")
    click.echo(f"runs: {result['folder']}")


def write_plan(result: Mapping[str, Any]) -> None:
    """The configuration, as `--config` takes it."""
    from seqlab.config.run_config import RunConfig

    click.echo(f"# {_heading(result)}")
    for name, split in result["data"].items():
        click.echo(f"# {name}: {split['examples']:,} examples, {split['steps']:,} steps")
    top = (result[name] for name in ("seed", "device", "precision", "smoke"))
    plan = RunConfig(result["config"], *top)
    click.echo(plan.to_toml(), nl=False)


def _heading(result: Mapping[str, Any]) -> str:
    names = [result[name] for name in ("task", "model", "tokenizer") if result[name]]
    return (
        f"{' · '.join(names)} · {result['device']} {result['precision']} · seed {result['seed']} "
        f"· {_parameters(result)}"
    )


def _parameters(result: Mapping[str, Any]) -> str:
    """How many parameters a model has, and how many of them are trained."""
    total: int = result["parameters"]["total"]
    trainable: int = result["parameters"]["trainable"]
    return f"{total:,} parameters" + (f", {trainable:,} trainable" * (trainable < total))


def _write_recipe(result: Mapping[str, Any]) -> None:
    if result["recipe"]:
        changed = ", ".join(result["recipe"]["overridden"])
        click.echo(f"recipe {result['recipe']['name']}" + (f", but for {changed}" * bool(changed)))


def _write_expected(each: Mapping[str, Any], found: str) -> None:
    click.echo(
        f"expected {each['name']} {each['asked']}: {found}, "
        + ("reached" if each["reached"] else "missed")
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() else f"{value:.4g}"
