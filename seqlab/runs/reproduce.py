"""A finished run repeated from its folder, and compared."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from seqlab.errors import UserError
from seqlab.runs.folder import RunFolder
from seqlab.runs.run import repeat
from seqlab.types import JsonObject

CAUSES = ("device", "precision", "threads", "data_fingerprint", "code", "versions")
"""Entries of a result that can be the reason for other numbers."""


def reproduce(
    run: str | Path,
    *,
    out: str | Path | None = None,
    plugins: Iterable[str | Path] = (),
    device: str | None = None,
    data: object | None = None,
) -> JsonObject:
    """Train and evaluate as a finished run did, and compare the results.

    Args:
        run: Its folder.
        out: Where the new run stays; it is removed if None.
        plugins: One-file plugins.
        device: Another device than that of the run.
        data: Rows, if those of the run were given from Python.

    Returns:
        `equal`: whether all metrics of all splits are, to the last bit; `metrics`: a record of each
        that is not (split, metric, was, now); `weights_equal`; `differing`: what else differs
        (what, was, now), such as versions, data and device; `again`: the folder of the new run, or
        None.

    Raises:
        UserError: The run is not finished, or cannot be repeated from its folder alone.
        RunError: Training failed.
    """
    folder = RunFolder(run)
    folder.read_config()  # refuses what is not a run
    before = folder.read_result()
    if before is None:
        raise UserError(
            "this run is not finished",
            location=str(folder),
            remedy=f"seqlab run --resume {folder}",
        )
    if before["changed"]:
        raise UserError(
            "this run was changed under way: " + "; ".join(before["changed"]),
            location=str(folder),
            remedy="no run from its start can equal it",
        )
    with tempfile.TemporaryDirectory(prefix="seqlab-") as temporary:
        target = Path(temporary) / "run" if out is None else Path(out)
        now = repeat(folder, plugins=plugins, device=device, data=data, out=target)
    return {"run": str(folder), "again": now["run"] if out else None, **compare(before, now)}


def compare(before: JsonObject, now: JsonObject) -> JsonObject:
    """Two results of what should be one run; see `reproduce`."""
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
