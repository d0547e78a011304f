"""The options of section `data` that every source has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from seqlab.options import Range


@dataclass(frozen=True)
class DataSettings:
    """Where rows come from.

    Args:
        source: A built-in set, a Hub id, a file or a folder.
        columns: Which column fills a role: `-o data.columns.text=review`.
        whole: A .txt file is one row with its whole text, line ends kept, instead of a row a line.
        validation_fraction: Share of the training split that is split off for each split that is missing.
        test_fraction: The same for a missing test split, where its share is another.
        faulty: What becomes of rows with a missing value, NaN or infinity: the run is refused, or
            they are left out and counted.
        cache: Keep what was encoded for the next start; `seqlab data cache` shows what is kept.
        workers: Processes that encode texts; what comes out is the same. With 1 the run's own does.
    """

    source: str = ""
    columns: dict[str, str] | None = None
    whole: bool = False
    validation_fraction: Annotated[float, Range(0.001, 0.4)] = 0.1
    test_fraction: Annotated[float, Range(0.001, 0.4)] | None = None
    faulty: Literal["refuse", "drop"] = "refuse"
    cache: bool = True
    workers: Annotated[int, Range(1)] = 1
