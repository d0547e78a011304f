"""Start of the commands that list, against a process that imports click and pluggy."""

import statistics
import subprocess
import sys
import time

REFERENCE = [sys.executable, "-c", "import click, pluggy"]
COMMANDS = (["--help"], ["list", "models"], ["plugins"])
ROUNDS = 15


def seconds(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> None:
    for arguments in COMMANDS:
        command = [sys.executable, "-m", "seqlab", *arguments]
        seconds(command), seconds(REFERENCE)  # warm caches
        pairs = [(seconds(command), seconds(REFERENCE)) for _ in range(ROUNDS)]
        ours = statistics.median(elapsed for elapsed, _ in pairs)
        ratio = statistics.median(elapsed / other for elapsed, other in pairs)
        print(f"seqlab {' '.join(arguments):12} {ours:.3f} s, {ratio:.2f} × the reference")


if __name__ == "__main__":
    main()
