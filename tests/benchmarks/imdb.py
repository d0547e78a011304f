"""The sentiment task's defaults on IMDB: test accuracy and seconds, for each seed named."""

import sys
import tempfile
from pathlib import Path

import seqlab
from tests.benchmarks.paths import DATA


def main(seeds: list[int]) -> None:
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            result = seqlab.run(
                task="sentiment",
                model="lstm",
                data=DATA / "imdb",
                seed=seed,
                out=Path(folder) / "run",
            )
        accuracy = result["metrics"]["test"]["accuracy"]
        print(
            f"seed {seed}: test accuracy {accuracy['value']:.4f} "
            f"[{accuracy['low']:.4f}, {accuracy['high']:.4f}], seconds {result['seconds']}"
        )


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or [0])
