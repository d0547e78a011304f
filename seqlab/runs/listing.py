"""What lies in a folder of runs. Importing this imports nothing heavy."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seqlab.errors import UserError
from seqlab.files.untrusted import read_json, read_toml

CONFIG, RESULT = "config.toml", "result.json"


def runs_in(folder: Path) -> list[dict[str, Any]]:
    """A record of each run in a folder, and in the folders of several seeds in it; newest first.

    A folder whose files cannot be read is there, too, with state "broken" and the `problem`.

    Args:
        folder: Holds runs, or is one.

    Raises:
        UserError: There is no such folder.
    """
    if not folder.is_dir():
        raise UserError(
            f"there is no folder '{folder}'",
            location="FOLDER",
            remedy="runs lie in 'runs', where --out has not named another folder",
        )
    found = [_record(place) for place in _places(folder)]
    return sorted(found, key=lambda record: str(record["time"]), reverse=True)


def _places(folder: Path) -> Iterator[Path]:
    """The runs in a folder; those of several seeds lie one level deeper."""
    if (folder / CONFIG).is_file():
        yield folder
        return
    for place in sorted(each for each in folder.iterdir() if each.is_dir()):
        inner = sorted(each.parent for each in place.glob(f"*/{CONFIG}"))
        yield from inner if inner and not (place / CONFIG).is_file() else [place]


def _record(place: Path) -> dict[str, Any]:
    unknown = ("task", "model", "data", "seed", "metric", "value", "low", "high", "baseline")
    record: dict[str, Any] = {"run": str(place), "state": "under way", "time": _changed(place)}
    record |= dict.fromkeys((*unknown, "seconds", "problem"))
    try:
        record |= _configured(read_toml(place / CONFIG))
        if (place / RESULT).is_file():
            record |= {**_found(read_json(place / RESULT)), "state": "finished"}
    except FileNotFoundError:
        record |= {"state": "broken", "problem": f"it has no {CONFIG}"}
    except UserError as error:
        record |= {"state": "broken", "problem": error.cause}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        problem = f"{type(error).__name__}: {error}".partition("\n")[0]
        record |= {"state": "broken", "problem": problem}
    return record


def _configured(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "task": config["task"]["name"],
        "model": config["model"]["name"],
        "data": config["data"]["source"],
        "seed": config["seed"],
    }


def _found(result: Mapping[str, Any]) -> dict[str, Any]:
    """The test split's first metric, which is the task's main one, and its baseline."""
    own = result["metrics"].get("test", {})
    metric = next(iter(own), None)
    value = own[metric] if metric else {"value": None, "low": None, "high": None}
    return {
        "metric": metric,
        **{name: _number(value[name]) for name in ("value", "low", "high")},
        "baseline": _number(result["baseline"]["metrics"].get(metric)),
        "seconds": _number(result["seconds"]["total"]),
        "time": result["finished"],
    }


def _number(value: Any) -> float | None:
    """A number, for one who writes it with so many digits."""
    return None if value is None else float(value)


def _changed(place: Path) -> str:
    """When anything was last written to it, in the form of a result's `finished`."""
    times = [each.stat().st_mtime for each in (place, *place.iterdir()) if each.exists()]
    at = datetime.datetime.fromtimestamp(max(times), datetime.UTC)
    return at.isoformat(timespec="seconds")
