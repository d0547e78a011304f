"""`metrics.jsonl`: a line an epoch, the same whether the run was interrupted or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqlab import Run

NAME = "metrics.jsonl"


def begin(run: Run) -> None:
    """Drop lines of steps that a resumed run will make again."""
    path = run.folder / NAME
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    kept = [line for line in lines if _step(line) <= run.step]
    path.write_text("".join(line + "\n" for line in kept), encoding="utf-8")


def append(run: Run) -> None:
    """Write the epoch's record."""
    with (run.folder / NAME).open("a", encoding="utf-8") as file:
        file.write(json.dumps(run.record) + "\n")


def _step(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")  # a line cut off when the process was killed
