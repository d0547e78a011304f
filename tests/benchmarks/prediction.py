"""Private memory while lines from standard input are predicted to a file.

    python -m tests.benchmarks.prediction --lines 1000000

A tiny model is trained; then another process predicts as many lines, and its private memory is read
twice a second.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import seqlab
from tests.benchmarks.memory import memory_of

_AT_ONCE = 10_000


def feed(process: subprocess.Popen[bytes], lines: int) -> list[float]:
    """Write so many lines to a process; the anonymous memory that it had meanwhile, in MB."""
    stdin: IO[bytes] | None = process.stdin
    assert stdin is not None
    seen = []
    for start in range(0, lines, _AT_ONCE):
        some = range(start, min(start + _AT_ONCE, lines))
        stdin.write(
            "".join(f"review {n} was {'good' if n % 3 else 'bad'}\n" for n in some).encode()
        )
        seen.append(memory_of(process.pid)["anonymous"])
    stdin.close()
    while process.poll() is None:
        try:
            seen.append(memory_of(process.pid)["anonymous"])
        except (OSError, KeyError):
            break
        time.sleep(0.5)
    return seen


def main() -> None:
    """Train, predict, print, remove."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/seqlab-prediction"))
    arguments = parser.parse_args()
    shutil.rmtree(arguments.folder, ignore_errors=True)
    try:
        options = {"model.hidden_size": 8, "model.embedding_size": 8, "data.rows": 500}
        run, output = arguments.folder / "run", arguments.folder / "notices.jsonl"
        seqlab.run(
            task="sentiment", model="lstm", data="reviews", options=options, out=run, smoke=True
        )
        command = [sys.executable, "-m", "seqlab", "predict", str(run), "--device", "cpu"]
        command += ["--input", "-", "--output", str(output)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE)
        seen = feed(process, arguments.lines)
        with output.open() as file:
            count = sum(1 for _ in file)
        tenths = [seen[len(seen) * n // 10 : len(seen) * (n + 1) // 10] for n in range(10)]
        most = [round(max(each, default=0.0)) for each in tenths]
        print(json.dumps({"lines": count, "status": process.returncode, "MB by tenth": most}))
    finally:
        shutil.rmtree(arguments.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
