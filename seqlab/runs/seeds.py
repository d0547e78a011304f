"""The same run with several seeds, to measure the variation between seeds."""

from __future__ import annotations

import contextlib
import json
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqlab.config.keywords import takes
from seqlab.config.request import RunRequest
from seqlab.errors import UserError
from seqlab.files.writing import write_text
from seqlab.processes import is_main, world_size
from seqlab.runs.folder import RunFolder
from seqlab.runs.run import run_request, splits_of
from seqlab.types import JsonObject

NOT_SHARED = ("seed", "resume", "accept_changes", "dry_run")
"""Fields of a request that cannot be combined with several seeds."""


@takes(RunRequest)
def run_seeds(seeds: Iterable[int], request: RunRequest) -> JsonObject:
    """Train and evaluate the same run once per seed.

    Takes the fields of `seqlab.RunRequest` as keyword arguments, like `seqlab.run`, except for
    seed, resume, accept_changes and dry_run. `out` is the parent folder of the runs `seed-0`,
    `seed-1`, … and of the result, `seeds.json`; if None, it is
    `runs/<recipe, or task and model>-seeds-<time>`.

    Args:
        seeds: At least two different seeds.
        request: Its fields, as keywords.

    Returns:
        `metrics` has the mean, the standard deviation (`std`) and the `values`, in the order of
        `seeds`, of each metric of each split. `expected` has the mean of each number that a recipe
        expects, the seeds that reach it (`reached_by`), and whether all of them do. `runs` lists
        the folders.

    Raises:
        UserError: There is a mistake in the request; nothing was trained.
        RunError: Training failed; the runs before it are kept.
    """
    seeds = _checked(seeds, request)
    data = splits_of(request.data)  # a stream can be read only once
    request = request if data is None else replace(request, data=data)
    folder = RunFolder.new(request.out, _label(request), "seeds").path
    results = []
    try:
        for seed in seeds:
            results.append(run_request(replace(request, seed=seed, out=folder / f"seed-{seed}")))
    except BaseException:
        with contextlib.suppress(OSError):
            folder.rmdir()  # if it is empty
        raise
    summary = _summary(folder, seeds, results)
    if is_main():
        text = json.dumps(summary, indent=1, ensure_ascii=False) + "\n"
        write_text(folder / "seeds.json", text)
    return summary


def spread(values: Sequence[float]) -> JsonObject:
    """Mean, sample standard deviation (n − 1) and the values themselves."""
    finite = all(math.isfinite(value) for value in values)
    std = statistics.stdev(values) if finite else math.nan
    return {"mean": sum(values) / len(values), "std": std, "values": list(values)}


def _checked(seeds: Iterable[int], request: RunRequest) -> list[int]:
    for name in NOT_SHARED:
        value = getattr(request, name)
        if value is not None and value is not False:  # a seed may be 0
            flag = "--" + name.replace("_", "-")
            raise UserError(
                f"--seeds and {flag} exclude each other", location=flag, remedy="use one of the two"
            )
    if request.out is None and world_size() > 1:
        raise UserError(
            "several processes need one folder for all runs",
            location="--seeds",
            remedy="add --out DIR",
        )
    chosen = list(seeds)
    if len(chosen) < 2 or len(set(chosen)) < len(chosen) or min(chosen) < 0:
        raise UserError(
            f"{', '.join(map(str, chosen)) or 'nothing'} is not two or more different seeds",
            location="--seeds",
            remedy="--seeds 0,1,2",
        )
    return chosen


def _label(request: RunRequest) -> str:
    """The first part of the name of the folder."""
    if request.recipe:
        return request.recipe
    components = [each for each in (request.task, request.model) if each is not None]
    names = [each.__name__ if isinstance(each, type) else each for each in components]
    return "-".join(names) or (Path(request.config).stem if request.config else "run")


def _summary(folder: Path, seeds: Sequence[int], results: Sequence[JsonObject]) -> JsonObject:
    first = results[0]
    shared = ("task", "model", "tokenizer", "device", "precision", "parameters", "smoke")
    overridden = first["recipe"] and sorted({*first["recipe"]["overridden"]} - {"seed"})
    baselines = [result["baseline"]["metrics"] for result in results]
    return {
        "folder": str(folder),
        "runs": [result["run"] for result in results],
        "seeds": list(seeds),
        **{name: first[name] for name in shared},
        "recipe": first["recipe"] and {**first["recipe"], "overridden": overridden},
        "metrics": _metrics([result["metrics"] for result in results]),
        "baseline": {
            "kind": first["baseline"]["kind"],
            "metrics": {
                name: spread([metrics[name] for metrics in baselines])
                for name in baselines[0]
                if all(name in metrics for metrics in baselines)
            },
        },
        "expected": [
            _expected(seeds, records)
            for records in zip(*(result["expected"] for result in results), strict=True)
        ],
        "seconds": {"total": sum(result["seconds"]["total"] for result in results)},
    }


def _metrics(results: Sequence[Mapping[str, JsonObject]]) -> dict[str, JsonObject]:
    """The metrics of each split that all seeds have."""
    return {
        split: {
            name: spread([metrics[split][name]["value"] for metrics in results])
            for name in first
            if all(name in metrics.get(split, {}) for metrics in results)
        }
        for split, first in results[0].items()
    }


def _expected(seeds: Sequence[int], records: Sequence[Mapping[str, Any]]) -> JsonObject:
    """One number that a recipe expects, over all seeds."""
    values = [record["value"] for record in records if record["value"] is not None]
    reached_by = [seed for seed, record in zip(seeds, records, strict=True) if record["reached"]]
    return {
        "name": records[0]["name"],
        "condition": records[0]["condition"],
        "value": sum(values) / len(values) if values else None,
        "reached": len(reached_by) == len(seeds),
        "reached_by": reached_by,
    }
