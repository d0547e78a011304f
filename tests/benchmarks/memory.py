"""Private memory and disk of a training on a text that is larger than memory should be.

    python -m tests.benchmarks.memory --gigabytes 4

A text of that size is generated, encoded and trained on for 1,000 steps in another process, whose
private memory is read twice a second: anonymous pages, and the file pages that it alone has mapped
(which the system takes back when it needs them). Text and cache are removed afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

WORDS = 20_000
BLOCK = 1_000_000
BLOCKS = 20
"""Words of a block, and how many different blocks there are."""


def write_text(path: Path, size: int) -> None:
    """A text of so many bytes: words of one to twelve letters with the shares of a language."""
    rng = np.random.default_rng(0)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = np.array(["".join(rng.choice(list(letters), n)) for n in rng.integers(1, 13, WORDS)])
    shares = 1 / np.arange(2, WORDS + 2)
    ends = np.array([" "] * 12 + [".\n", ", "])
    blocks = []
    for _ in range(BLOCKS):
        drawn = rng.choice(words, BLOCK, p=shares / shares.sum())
        spaces = rng.choice(ends, BLOCK)
        blocks.append("".join(np.char.add(drawn, spaces).tolist()).encode())
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(blocks[rng.integers(BLOCKS)][: size - file.tell()])


def memory_of(process: int) -> dict[str, float]:
    """Private memory of a process in MB: anonymous, and all."""
    fields = {}
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, value = line.partition(":")
        fields[name] = int(value.split()[0]) / 1024
    private = fields["Private_Clean"] + fields["Private_Dirty"]
    return {"anonymous": fields["Anonymous"], "private": private}


def watch(process: subprocess.Popen[bytes], run: Path) -> list[dict[str, Any]]:
    """The memory of a process until it ends, with the stage that the run had reached."""
    seen: list[dict[str, Any]] = []
    begun = time.monotonic()
    while process.poll() is None:
        try:
            stage = "train" if (run / "config.toml").exists() else "data"
            log = run / "metrics.jsonl"  # there from the start, with a line after the last step
            stage = "evaluate" if log.exists() and log.stat().st_size else stage
            now = {"second": time.monotonic() - begun, "stage": stage}
            seen.append(now | memory_of(process.pid))
        except (OSError, KeyError, ValueError):
            break
        time.sleep(0.5)
    process.wait()
    return seen


def measure(folder: Path, gigabytes: float, steps: int, name: str) -> dict[str, Any]:
    """One run over the text, and its memory."""
    run = folder / name
    command = [
        *(sys.executable, "-m", "seqlab", "run", "--task", "chars", "--model", "lstm"),
        *("--data", str(folder / "text.txt"), "--out", str(run), "--device", "cpu"),
        *("-o", f"train.max_steps={steps}", "-o", "model.hidden_size=64"),
        *(
            "-o",
            f"data.validation_fraction={max(0.001, 0.001 / gigabytes)}",
            "-o",
            "train.reset_state=0.15",
        ),
    ]
    process = subprocess.Popen(command, env={**os.environ, "SEQLAB_CACHE": str(folder / "cache")})
    seen = watch(process, run)
    result = json.loads((run / "result.json").read_text())
    record: dict[str, Any] = {"seconds": result["seconds"], "steps": result["steps"]}
    for stage in ("data", "train", "evaluate"):
        samples = [each for each in seen if each["stage"] == stage]
        for kind in ("anonymous", "private"):
            record[f"{stage}.{kind}.max"] = round(max((e[kind] for e in samples), default=0.0))
    trained = [float(each["anonymous"]) for each in seen if each["stage"] == "train"]
    tenths = [trained[len(trained) * n // 10 : len(trained) * (n + 1) // 10] for n in range(10)]
    record["train.anonymous.by_tenth"] = [round(max(each, default=0.0)) for each in tenths]
    return record


def main() -> None:
    """Generate, measure twice (without and with the cache), print, remove."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=4.0)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/seqlab-memory"))
    arguments = parser.parse_args()
    shutil.rmtree(arguments.folder, ignore_errors=True)
    arguments.folder.mkdir(parents=True)
    try:
        size = int(arguments.gigabytes * 1e9)
        write_text(arguments.folder / "text.txt", size)
        for name in ("first", "second"):
            print(
                name,
                json.dumps(measure(arguments.folder, arguments.gigabytes, arguments.steps, name)),
            )
        kept = sum(f.stat().st_size for f in (arguments.folder / "cache").rglob("*") if f.is_file())
        print("bytes on disk a character:", kept / size)
    finally:
        shutil.rmtree(arguments.folder)


if __name__ == "__main__":
    main()
