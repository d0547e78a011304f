"""Runs that are hurt again and again on their way, and compared with runs that are left alone.

Every run meets faults of all kinds, one process after the other, until it is finished. A fault is
survived if the run goes on from no earlier than its last whole checkpoint, and ends with the same
weights, metrics and log, bit for bit.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults.runs import MODES, Fault, finish, newest, outcome, write_data

KINDS = {
    "kill": "`kill -9` in the middle of a step",
    "moment": "ended at any moment: while starting, reading, saving, evaluating",
    "term": "SIGTERM",
    "interrupt": "Ctrl-C",
    "full": "a disk that is full, at a random size of file",
    "cut": "newest checkpoint truncated at a twentieth of its length",
    "flip": "newest checkpoint with one bit flipped",
    "log": "the log of the epochs cut off",
}
STATUS = {"kill": (-9,), "moment": (-27,), "term": (143,), "interrupt": (130,), "full": (1,)}

Tally = Counter[tuple[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of each mode")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    tried, survived = Tally(), Tally()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_data(folder)
        for mode in MODES:
            whole = folder / "whole"
            assert finish(mode, folder, whole) == 0, (folder / "whole.log").read_text()
            expected = outcome(whole)
            whole.rename(folder / f"whole {mode}")
            for number in range(arguments.runs):
                draw = random.Random(f"{arguments.seed} {mode} {number}")
                run = folder / f"{mode} {number}"
                faults, equal = hurt(mode, folder, run, expected, draw)
                tried.update((kind, mode) for kind in faults)
                survived.update((kind, mode) for kind in faults if equal)
                print(
                    f"{mode}, run {number}: {len(faults)} faults, equal: {equal}", file=sys.stderr
                )
    print("\n".join(table(tried, survived)))


def hurt(
    mode: str, data: Path, run: Path, expected: dict[str, Any], draw: random.Random
) -> tuple[list[str], bool]:
    """One run through faults to its end; which ones, and whether it came out equal."""
    met: list[str] = []
    step = 0
    while True:
        kind = draw.choice(list(KINDS))
        if kind in DAMAGE:
            if len(list((run / "checkpoints").glob("step-*"))) > 1:
                DAMAGE[kind](run, draw)
                met.append(kind)
            continue
        step = reached(run) + draw.randint(1, 12)
        if step > expected["steps"]:
            break
        size = draw.choice([0, 100, 2_000, 10_000])
        seconds = draw.uniform(0.01, 0.6)
        status = finish(mode, data, run, Fault(kind, step, size, seconds))
        if status == 0:  # it was done before the fault, or every file was small enough
            break
        if status not in STATUS[kind]:
            return [*met, kind], False
        met.append(kind)
    status = 0 if (run / "result.json").exists() else finish(mode, data, run)
    return met, status == 0 and outcome(run) == expected


def reached(run: Path) -> int:
    """The step of the newest checkpoint."""
    names = sorted((run / "checkpoints").glob("step-*"))
    return int(names[-1].name.removeprefix("step-")) if names else 0


def cut(run: Path, draw: random.Random) -> None:
    """Cut a file of the newest checkpoint off."""
    file = draw.choice(sorted(newest(run).iterdir()))
    content = file.read_bytes()
    file.write_bytes(content[: len(content) * draw.randrange(20) // 20])


def flip(run: Path, draw: random.Random) -> None:
    """Flip a bit of the newest checkpoint."""
    file = draw.choice(sorted(newest(run).iterdir()))
    content = bytearray(file.read_bytes())
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    file.write_bytes(content)


def cut_log(run: Path, draw: random.Random) -> None:
    """Cut the log off."""
    file = run / "metrics.jsonl"
    content = file.read_bytes() if file.exists() else b""
    file.write_bytes(content[: draw.randint(0, len(content))])


DAMAGE: dict[str, Callable[[Path, random.Random], None]] = {
    "cut": cut,
    "flip": flip,
    "log": cut_log,
}


def table(tried: Tally, survived: Tally) -> list[str]:
    """Faults tried, survived and lost, in Markdown."""
    lines = ["| fault | tried | survived | lost |", "|---|---:|---:|---:|"]
    for kind, description in KINDS.items():
        counts = [
            sum(n for (fault, _), n in tally.items() if fault == kind)
            for tally in (tried, survived)
        ]
        lines.append(f"| {description} | {counts[0]} | {counts[1]} | {counts[0] - counts[1]} |")
    totals = tried.total(), survived.total()
    return [*lines, f"| all | {totals[0]} | {totals[1]} | {totals[0] - totals[1]} |"]


if __name__ == "__main__":
    main()
