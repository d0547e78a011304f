"""The same run with several seeds: how much of a result is chance."""

from __future__ import annotations

import contextlib
import json
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from seqlab.data.reading.sources import from_python
from seqlab.errors import UserError
from seqlab.runs import folder as runfolder
from seqlab.runs.run import run
from seqlab.training.checkpoint import write_beside

Result = dict[str, Any]


class Asked(TypedDict, total=False):
    """What `seqlab.run` takes and every seed shares; see there."""

    task: str | type | None
    model: str | type | None
    tokenizer: str | None
    data: object | None
    recipe: str | None
    config: str | Path | None
    options: Mapping[str, Any] | Iterable[str]
    plugins: Iterable[str | Path]
    epochs: int | None
    init_from: str | Path | None
    device: str | None
    precision: str | None
    smoke: bool


def run_seeds(
    seeds: Iterable[int], *, out: str | Path | None = None, **asked: Unpack[Asked]
) -> Result:
    """The same run with each of several seeds.

    Args:
        seeds: At least two, all different.
        out: Folder of the runs' folders, `seed-0`, `seed-1`, …, and of `seeds.json`, the result;
            `runs/<recipe, or task and model>-seeds-<time>` if None.
        asked: As `seqlab.run` takes it.

    Returns:
        `metrics` holds mean, deviation and values of each metric of each split, in the order of
        `seeds`; `expected` the mean of each number that a recipe expects, which seeds reach it
        (`reached_by`) and whether all do; `runs` the folders.

    Raises:
        UserError: A mistake in what was asked, before any training.
        RunError: Training failed; the runs before it are kept.
    """
    chosen = _checked(seeds)
    _keep(asked)
    folder = runfolder.place_for(out, _label(asked), "seeds")
    results = []
    try:
        for seed in chosen:
            results.append(run(**asked, seed=seed, out=folder / f"seed-{seed}"))
    except BaseException:
        with contextlib.suppress(OSError):
            folder.rmdir()  # where nothing is in it
        raise
    found = _together(folder, chosen, results)
    write_beside(folder / "seeds.json", json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    return found


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Mean, deviation (of a sample: n − 1) and the values themselves."""
    finite = all(math.isfinite(value) for value in values)
    deviation = statistics.stdev(values) if finite else math.nan
    return {"mean": sum(values) / len(values), "std": deviation, "values": list(values)}


def _checked(seeds: Iterable[int]) -> list[int]:
    chosen = list(seeds)
    if len(chosen) < 2 or len(set(chosen)) < len(chosen) or min(chosen) < 0:
        raise UserError(
            f"{', '.join(map(str, chosen)) or 'nothing'} is not two or more different seeds",
            location="--seeds",
            remedy="--seeds 0,1,2",
        )
    return chosen


def _keep(asked: Asked) -> None:
    """What can be read only once, for every seed."""
    if not isinstance(options := asked.get("options", ()), Mapping):
        asked["options"] = tuple(options)
    asked["plugins"] = tuple(asked.get("plugins", ()))
    if not isinstance(data := asked.get("data"), str | Path | None):
        asked["data"] = from_python(data)


def _label(asked: Asked) -> str:
    """What the folder is named after."""
    if recipe := asked.get("recipe"):
        return recipe
    named = (asked.get("task"), asked.get("model"))
    names = [n.__name__.lower() if isinstance(n, type) else n for n in named if n is not None]
    config = asked.get("config")
    return "-".join(names) or (Path(config).stem if config else "run")


def _together(folder: Path, seeds: Sequence[int], results: Sequence[Result]) -> Result:
    first = results[0]
    shared = ("task", "model", "tokenizer", "device", "precision", "parameters", "smoke")
    overridden = first["recipe"] and sorted({*first["recipe"]["overridden"]} - {"seed"})
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
                name: spread([result["baseline"]["metrics"][name] for result in results])
                for name in first["baseline"]["metrics"]
                if all(name in result["baseline"]["metrics"] for result in results)
            },
        },
        "expected": [
            _expected(seeds, each) for each in zip(*(r["expected"] for r in results), strict=True)
        ],
        "seconds": {"total": sum(result["seconds"]["total"] for result in results)},
    }


def _metrics(found: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Of each split, what all seeds have."""
    return {
        split: {
            name: spread([each[split][name]["value"] for each in found])
            for name in own
            if all(name in each.get(split, {}) for each in found)
        }
        for split, own in found[0].items()
    }


def _expected(seeds: Sequence[int], each: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One number that a recipe expects, over all seeds."""
    values = [own["value"] for own in each if own["value"] is not None]
    by = [seed for seed, own in zip(seeds, each, strict=True) if own["reached"]]
    return {
        "name": each[0]["name"],
        "asked": each[0]["asked"],
        "value": sum(values) / len(values) if values else None,
        "reached": len(by) == len(seeds),
        "reached_by": by,
    }
