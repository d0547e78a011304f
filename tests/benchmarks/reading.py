"""Time and peak memory of reading local files, beside the builders of `datasets`.

    python -m tests.benchmarks.reading --gigabytes 1

Each file is read in a process of its own, row by row to the end, by seqlab and by the builder of
`datasets` with an empty cache, in turn. A csv of that size, a csv and a jsonl file with a million
short rows are generated and removed afterwards; the reviews of IMDB are read if they are there.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

ROWS = 1_000_000
WORDS = 20_000

Figures = Mapping[str, float]


def read_with_seqlab(path: Path) -> int:
    """Read all rows; returns their number."""
    from seqlab.config.data_settings import DataSettings
    from seqlab.data.reading.sources import find_data
    from seqlab.plugin.manager import installed

    opened = find_data(str(path), installed().data, {}, DataSettings())
    return sum(
        len(next(iter(batch.values())))
        for split in opened.splits.values()
        for batch in split.batches()
    )


def read_with_datasets(path: Path) -> int:
    """Read all rows through a builder of `datasets`; returns their number."""
    import datasets

    datasets.disable_progress_bars()
    builder = {".jsonl": "json", ".csv": "csv", ".parquet": "parquet"}[path.suffix]
    files = sorted(map(str, path.parent.glob(f"*{path.suffix}")))
    table = datasets.load_dataset(builder, data_files=files, split="train")
    return sum(len(next(iter(batch.values()))) for batch in table.iter(1024))


READERS = {"seqlab": read_with_seqlab, "datasets": read_with_datasets}


def measure(reader: str, path: Path) -> Figures:
    """Seconds, CPU seconds and peak memory in MB of a reader in a process of its own."""
    with tempfile.TemporaryDirectory(dir=path.parent) as cache:
        environment = {**os.environ, "HF_HOME": cache, "SEQLAB_CACHE": cache}
        command = [sys.executable, "-m", "tests.benchmarks.reading", "--reader", reader, str(path)]
        output = subprocess.run(command, env=environment, check=True, capture_output=True).stdout
    names = ("rows", "seconds", "cpu", "peak")
    return dict(zip(names, map(float, output.split()), strict=True))


def print_figures(reader: str, path: Path) -> None:
    """Read a file in this process and print what `measure` returns."""
    start = time.perf_counter()
    rows = READERS[reader](path)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu = usage.ru_utime + usage.ru_stime
    print(rows, time.perf_counter() - start, cpu, usage.ru_maxrss / 1024)


def write_files(folder: Path, gigabytes: float) -> list[Path]:
    """The generated files, one per folder."""
    rng = np.random.default_rng(0)
    words = [f"w{number}" for number in range(WORDS)]
    texts = [" ".join(words[index] for index in rng.integers(WORDS, size=200)) for _ in range(500)]
    paths = [folder / name / name for name in ("long.csv", "short.csv", "short.jsonl")]
    for path in paths:
        path.parent.mkdir()
    with paths[0].open("w") as file:
        file.write("text,label\n")
        while file.tell() < gigabytes * 2**30:
            file.writelines(f'"{text}, said",{len(text) % 2}\n' for text in texts)
    with paths[1].open("w") as file:
        file.write("text,label\n")
        file.writelines(f"{words[row % WORDS]} row {row},{row % 2}\n" for row in range(ROWS))
    with paths[2].open("w") as file:
        lines = (
            f'{{"text": "{words[row % WORDS]} row {row}", "label": {row % 2}}}\n'
            for row in range(ROWS)
        )
        file.writelines(lines)
    return paths


def main() -> None:
    """Measure both readers on each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--folder", type=Path, help="where files are generated")
    parser.add_argument("--reader", choices=READERS)
    parser.add_argument("path", type=Path, nargs="?")
    arguments = parser.parse_args()
    if arguments.reader:
        print_figures(arguments.reader, arguments.path)
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        paths = write_files(Path(folder), arguments.gigabytes)
        imdb = Path(os.environ.get("SEQLAB_TEST_DATA", "../shared/data")) / "imdb/train.parquet"
        if imdb.exists():
            (Path(folder) / "imdb").mkdir()
            paths.append(Path(folder) / "imdb" / imdb.name)
            paths[-1].write_bytes(imdb.read_bytes())
        for path in paths:
            figures = {reader: measure(reader, path) for reader in READERS}
            ratios = {
                n: figures["seqlab"][n] / figures["datasets"][n] for n in ("seconds", "cpu", "peak")
            }
            print(path.name, f"{path.stat().st_size / 2**20:,.0f} MB")
            for reader, values in figures.items():
                print(f"  {reader:9}", "  ".join(f"{n} {v:,.1f}" for n, v in values.items()))
            print("  ratio    ", "  ".join(f"{n} {v:.2f}" for n, v in ratios.items()))


if __name__ == "__main__":
    main()
