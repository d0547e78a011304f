"""A finished run made once more from its folder, and compared."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seqlab.errors import UserError
from seqlab.runs import folder as runfolder
from seqlab.runs.run import run_again

SAME = ("device", "precision", "threads", "data_fingerprint", "code", "versions")
"""Entries of a result that can be the reason for other numbers."""


def reproduce(
    run: str | Path,
    *,
    out: str | Path | None = None,
    plugins: Iterable[str | Path] = (),
    device: str | None = None,
    data: object | None = None,
) -> dict[str, Any]:
    """Train and evaluate as a finished run did, and compare what comes out.

    Args:
        run: Its folder.
        out: Where the new run stays; it is removed if None.
        plugins: One-file plugins.
        device: Another device than the run's.
        data: Rows, where the run's were given from Python.

    Returns:
        `equal`: whether all metrics of all splits are, to the last bit; `metrics`: a record of each
        that is not (part, metric, was, now); `weights_equal`; `differing`: what else is other
        (what, was, now), such as versions, data and device; `again`: the new run's folder, or None.

    Raises:
        UserError: The run is not finished, or cannot be made from its folder alone.
        RunError: Training failed.
    """
    folder = Path(run)
    config, before = runfolder.read_config(folder), runfolder.read_result(folder)
    if before is None:
        raise UserError(
            "this run is not finished", location=str(folder), remedy=f"seqlab run --resume {folder}"
        )
    if before["changed"]:
        raise UserError(
            "this run was changed under way: " + "; ".join(before["changed"]),
            location=str(folder),
            remedy="no run from its start can equal it",
        )
    with tempfile.TemporaryDirectory(prefix="seqlab-") as place:
        target = Path(place) / "run" if out is None else Path(out)
        now = run_again(config, plugins=plugins, device=device, data=data, out=target)
    return {"run": str(folder), "again": now["run"] if out else None, **compare(before, now)}


def compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Two results of what should be one run; see `reproduce`."""
    metrics = [
        {"split": split, "metric": name, "was": was.get(name), "now": found.get(name)}
        for split, was, found in _pairs(before["metrics"], now["metrics"])
        for name in dict.fromkeys((*was, *found))
        if repr(was.get(name)) != repr(found.get(name))
    ]
    differing = [
        {"what": f"{key} {name}".strip(), "was": was.get(name), "now": found.get(name)}
        for key in SAME
        for was, found in [(_table(before[key]), _table(now[key]))]
        for name in dict.fromkeys((*was, *found))
        if repr(was.get(name)) != repr(found.get(name))
    ]
    return {
        "equal": not metrics,
        "weights_equal": before["weights_sha256"] == now["weights_sha256"],
        "metrics": metrics,
        "differing": differing,
    }


def _pairs(
    before: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterable[tuple[str, dict[str, Any], dict[str, Any]]]:
    for split in dict.fromkeys((*before, *now)):
        yield split, before.get(split, {}), now.get(split, {})


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"": value}
