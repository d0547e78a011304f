"""What the recipe `vanishing` learns at which distance, and its memory horizon before and after.

A line for each start and distance; seeds may be named: `python -m tests.benchmarks.vanishing 0 1`.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import seqlab

DISTANCES = (10, 50, 100, 200)
STARTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("rnn", {"model.init": "uniform"}),
    ("rnn", {"model.init": "orthogonal"}),
    ("lstm", {"model.init": "uniform"}),
    ("lstm", {"model.init": "orthogonal", "model.forget_bias": 1}),
    ("lstm", {"model.init": "orthogonal", "model.forget_bias": 5}),
    ("lstm", {"model.init": "orthogonal", "model.chrono_init": 200}),
    ("gru", {"model.init": "uniform"}),
    ("gru", {"model.init": "orthogonal"}),
)


def main(seeds: list[int]) -> None:
    for model, options in STARTS:
        for distance in DISTANCES:
            for seed in seeds:
                began = time.process_time()
                settings = ", ".join(f"{name[6:]}={value}" for name, value in options.items())
                outcome = measured(model, {**options, "data.distance": distance}, seed)
                cpu = time.process_time() - began
                print(f"{model:4} {settings:30} distance {distance:3}, seed {seed}: {outcome}, "
                      f"CPU {cpu:.0f} s", flush=True)  # fmt: skip


def measured(model: str, options: dict[str, Any], seed: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        run, start = Path(folder) / "run", Path(folder) / "start"
        arguments: dict[str, Any] = {"recipe": "vanishing", "model": model, "seed": seed}
        still = {"train.max_steps": 1, "train.learning_rate": 1e-12}
        seqlab.run(**arguments, options={**options, **still}, device="cpu", out=start)
        result = seqlab.run(**arguments, options=options, device="cpu", out=run)
        records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        horizons = f"{horizon(start)} before, {horizon(run)} after"
    accuracy = result["metrics"]["test"]["accuracy"]["value"]
    epochs = [each["epoch"] for each in records if each["validation"]["accuracy"] >= 0.99]
    learned = f"learned in epoch {epochs[0]}" if epochs else "not learned"
    return f"test accuracy {accuracy:.3f}, {learned}, memory horizon {horizons}"


def horizon(run: Path) -> str:
    record = seqlab.load(run).gradients()["horizon"]
    return "none" if record is None else f"{'≥ ' * record['beyond']}{record['steps']}"


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or [0])
