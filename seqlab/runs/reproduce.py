"""Repeat a finished run from its folder, and compare the results."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from seqlab.data.checking.identity import KeptRows
from seqlab.errors import UserError
from seqlab.plugin.manager import installed
from seqlab.plugin.resolve import resolve_saved
from seqlab.runs.folder import RunFolder
from seqlab.runs.run import RunPlan, execute
from seqlab.runs.stopwatch import Stopwatch
from seqlab.runs.trained_rows import changed_splits
from seqlab.types import JsonObject

CAUSES = ("device", "precision", "threads", "data_fingerprint", "code", "versions")
"""Entries of a result that can explain different metrics."""


def reproduce(
    run: str | Path,
    *,
    out: str | Path | None = None,
    plugins: Iterable[str | Path] = (),
    device: str | None = None,
    data: object | None = None,
    model: type | None = None,
    task: type | None = None,
) -> JsonObject:
    """Train and evaluate with the configuration of a finished run, and compare the results.

    Args:
        run: The folder of the run.
        out: The folder of the new run, which is removed if None.
        plugins: Paths of one-file plugins.
        device: The device, if it is to differ from that of the run.
        data: The rows, if those of the run were passed from Python.
        model: The class of the model, if it was passed from Python.
        task: The class of the task, if it was passed from Python.

    Returns:
        `equal`: whether all metrics of all splits are equal, to the last bit; `metrics`: a record
        (split, metric, was, now) per metric that differs; `weights_equal`: whether the weights are
        equal; `differing`: other differences (what, was, now), such as versions, data and device;
        `again`: the folder of the new run, or None.

    Raises:
        UserError: The run is not finished, or cannot be repeated from its folder alone.
        RunError: Training failed.
    """
    folder = RunFolder(run)
    folder.read_config()  # raises an error if the folder is not a run
    before = folder.read_result()
    if before is None:
        raise UserError(
            "this run is not finished",
            location=str(folder),
            remedy=f"seqlab run --resume {folder}",
        )
    if before["changed"]:
        raise UserError(
            "this run was changed when it was resumed: " + "; ".join(before["changed"]),
            location=str(folder),
            remedy="it cannot be repeated from its start",
        )
    with tempfile.TemporaryDirectory(prefix="seqlab-") as temporary:
        target = Path(temporary) / "run" if out is None else Path(out)
        known, _ = installed().with_files(plugins).with_classes({"task": task, "model": model})
        resolved = resolve_saved(folder.read_config(), known, device, other_files=True)
        new = RunFolder.new(target, resolved.task.name, resolved.model.name)
        rows = folder.read_rows()
        now = execute(RunPlan(resolved, known, new, data, reproduced=rows), Stopwatch())
        compared = compare(before, now)
        if rows is not None and (new_rows := new.read_rows()) is not None:
            compared["differing"] += _changed_rows(rows, new_rows)
    return {"run": str(folder), "again": now["run"] if out else None, **compared}


def _changed_rows(before: KeptRows, now: KeptRows) -> list[JsonObject]:
    return [
        {"what": f"rows {name}", "was": f"{len(before.splits[name]):,} rows", "now": change}
        for name, change in changed_splits(before, now.splits).items()
    ]


def compare(before: JsonObject, now: JsonObject) -> JsonObject:
    """Compare the results of two runs; see `reproduce`."""
    metrics = [
        {"split": split, "metric": name, "was": was.get(name), "now": is_now.get(name)}
        for split, was, is_now in _pairs(before["metrics"], now["metrics"])
        for name in dict.fromkeys((*was, *is_now))
        if repr(was.get(name)) != repr(is_now.get(name))
    ]
    differing = [
        {"what": f"{key} {name}".strip(), "was": was.get(name), "now": is_now.get(name)}
        for key in CAUSES
        for was, is_now in [(_table(before[key]), _table(now[key]))]
        for name in dict.fromkeys((*was, *is_now))
        if repr(was.get(name)) != repr(is_now.get(name))
    ]
    return {
        "equal": not metrics,
        "weights_equal": before["weights_sha256"] == now["weights_sha256"],
        "metrics": metrics,
        "differing": differing,
    }


def _pairs(
    before: Mapping[str, JsonObject], now: Mapping[str, JsonObject]
) -> Iterable[tuple[str, JsonObject, JsonObject]]:
    for split in dict.fromkeys((*before, *now)):
        yield split, before.get(split, {}), now.get(split, {})


def _table(value: object) -> JsonObject:
    return value if isinstance(value, dict) else {"": value}
