"""The runs in a folder. Importing this module does not import torch."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqlab.errors import UserError
from seqlab.files.untrusted import read_json, read_toml

if TYPE_CHECKING:
    from seqlab.types import JsonObject

CONFIG, RESULT = "config.toml", "result.json"


def runs_in(folder: Path) -> list[JsonObject]:
    """Records of the runs in a folder, newest first, with the runs of `--seeds` one level deeper.

    A run whose files cannot be read has the state "broken" and a `problem`.

    Args:
        folder: A folder of runs, or the folder of a run.

    Raises:
        UserError: There is no such folder.
    """
    if not folder.is_dir():
        raise UserError(
            f"there is no folder '{folder}'",
            location="FOLDER",
            remedy="runs are in 'runs', unless --out named another folder",
        )
    records = [_record(path) for path in _run_folders(folder)]
    return sorted(records, key=lambda record: str(record["time"]), reverse=True)


def _run_folders(folder: Path) -> Iterator[Path]:
    """The folders of runs; those of several seeds are one level deeper."""
    if (folder / CONFIG).is_file():
        yield folder
        return
    for path in sorted(entry for entry in folder.iterdir() if entry.is_dir()):
        inner = sorted(config.parent for config in path.glob(f"*/{CONFIG}"))
        yield from inner if inner and not (path / CONFIG).is_file() else [path]


def _record(path: Path) -> JsonObject:
    unknown = ("task", "model", "data", "seed", "metric", "value", "low", "high", "baseline")
    record: JsonObject = {"run": str(path), "state": "under way", "time": _last_change(path)}
    record |= dict.fromkeys((*unknown, "seconds", "problem"))
    try:
        record |= _of_config(read_toml(path / CONFIG))
        if (path / RESULT).is_file():
            record |= {**_of_result(read_json(path / RESULT)), "state": "finished"}
    except FileNotFoundError:
        record |= {"state": "broken", "problem": f"it has no {CONFIG}"}
    except UserError as error:
        record |= {"state": "broken", "problem": error.cause}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        problem = f"{type(error).__name__}: {error}".partition("\n")[0]
        record |= {"state": "broken", "problem": problem}
    return record


def _of_config(config: JsonObject) -> JsonObject:
    return {
        "task": config["task"]["name"],
        "model": config["model"]["name"],
        "data": config["data"]["source"],
        "seed": config["seed"],
    }


def _of_result(result: JsonObject) -> JsonObject:
    """The first metric of the test split, which is the main one of the task, and its baseline."""
    metrics = result["metrics"].get("test", {})
    name = next(iter(metrics), None)
    values = metrics[name] if name else {"value": None, "low": None, "high": None}
    return {
        "metric": name,
        **{key: _number(values[key]) for key in ("value", "low", "high")},
        "baseline": _number(result["baseline"]["metrics"].get(name)),
        "seconds": _number(result["seconds"]["total"]),
        "time": result["finished"],
    }


def _number(value: Any) -> float | None:
    """A number that can be formatted with a number of digits."""
    return None if value is None else float(value)


def _last_change(path: Path) -> str:
    """The time of the last change in a folder, in the format of `finished` in a result."""
    times = [entry.stat().st_mtime for entry in (path, *path.iterdir()) if entry.exists()]
    time = datetime.datetime.fromtimestamp(max(times), datetime.UTC)
    return time.isoformat(timespec="seconds")
