"""`metrics.jsonl`: a line an epoch, the same whether the run was interrupted or not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqlab import TrainerState

NAME = "metrics.jsonl"


def begin(run: TrainerState) -> None:
    """Write the epochs before, as the checkpoint that the run goes on from knows them."""
    lines = [_line(record) for record in run.records]
    (run.folder / NAME).write_text("".join(lines), encoding="utf-8")


def append(run: TrainerState) -> None:
    """Write the epoch's record."""
    with (run.folder / NAME).open("a", encoding="utf-8") as file:
        file.write(_line(run.record))


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record) + "\n"
