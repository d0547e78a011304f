"""The options of section `data` that all sources share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from seqlab.options import Range


@dataclass(frozen=True)
class DataSettings:
    """The data of a run.

    Args:
        source: A built-in data set, a data set of the Hugging Face Hub, a file or a folder.
        columns: The column for each role, if the names differ: `-o data.columns.text=review`.
            Every task also has the roles `split` (the name of the split of each row), `time` (the
            rows of a series are sorted by it) and `group` (rows that belong together, such as one
            series); `none` leaves such a column out, and A+B joins two.
        day_first: Whether the date 03/04/2005 is 3 April, for columns of time. `none` reads such
            dates as all rows fit.
        whole: Whether a .txt file is a single row with the whole text, line breaks included,
            instead of one row per line.
        validation_fraction: Fraction of the training split that becomes the validation split, or
            the test split, if the data have none.
        test_fraction: Fraction of the training split that becomes the test split, if the data have
            none. `none` uses `validation_fraction`.
        faulty: Whether rows with a missing value, NaN or infinity are refused with an error
            (`refuse`), or left out and counted (`drop`).
        cache: Whether the encoded data are cached for later runs. `seqlab data cache` lists the
            entries.
        workers: Number of processes that encode texts. It does not change the results. With 1, the
            texts are encoded in the process of the run.
    """

    source: str = ""
    columns: dict[str, str] | None = None
    day_first: bool | None = None
    whole: bool = False
    validation_fraction: Annotated[float, Range(0.001, 0.4)] = 0.1
    test_fraction: Annotated[float, Range(0.001, 0.4)] | None = None
    faulty: Literal["refuse", "drop"] = "refuse"
    cache: bool = True
    workers: Annotated[int, Range(1)] = 1
