"""`metrics.jsonl`: one line per epoch, also if the run was interrupted and resumed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqlab import TrainerState

NAME = "metrics.jsonl"


def start(run: TrainerState) -> None:
    """Write the epochs of the checkpoint that the run resumes from; later ones are repeated."""
    lines = [_line(record) for record in run.records]
    (run.folder / NAME).write_text("".join(lines), encoding="utf-8")


def append(run: TrainerState) -> None:
    """Append the record of the last epoch."""
    with (run.folder / NAME).open("a", encoding="utf-8") as file:
        file.write(_line(run.record))


def _line(record: object) -> str:
    return json.dumps(record) + "\n"
