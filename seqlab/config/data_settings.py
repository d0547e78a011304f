"""The options of section `data` that all sources share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from seqlab.options import Range

MISSING = ("nan", "NaN", "<NA>", "NaT", "#N/A", r"\N")
"""Cells that are missing values, besides empty ones, unless `data.missing` lists others."""

_FORMAT = (
    *("whole", "separator", "quoting", "header", "encoding"),
    *("missing", "decimal", "thousands"),
)

Quoting: TypeAlias = Literal["auto", "double", "backslash", "none"]


@dataclass(frozen=True)
class DataSettings:
    r"""The data of a run.

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
        separator: The character between the fields of a .csv or .tsv file, or `tab`, or `space` for
            one or several blanks. `none` takes the one that divides the first lines evenly.
        quoting: Whether a field of a .csv or .tsv file may stand in double quotes, with quotes
            inside it doubled (`double`) or after a backslash (`backslash`), or quotes are part of
            the text (`none`). `auto` decides by the file.
        header: Whether the first line of a .csv or .tsv file holds the names of the columns.
            `none` expects names and refuses a first line that looks like a row. Without a header,
            the names are `column1`, `column2` and so on.
        encoding: The encoding of text files, such as `cp1252`. `none` is UTF-8, or the encoding of
            the byte order mark.
        missing: The cells of text tables that are missing values. An empty cell always is. `none`
            is `nan,NaN,<NA>,NaT,#N/A,\N`.
        decimal: The decimal mark of numbers in text tables. `auto` decides by the values.
        thousands: The character between groups of three digits in numbers of text tables. `none`
            decides by the values.
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
    separator: str | None = None
    quoting: Quoting = "auto"
    header: bool | None = None
    encoding: str | None = None
    missing: list[str] | None = None
    decimal: Literal["auto", ".", ","] = "auto"
    thousands: str | None = None
    validation_fraction: Annotated[float, Range(0.001, 0.4)] = 0.1
    test_fraction: Annotated[float, Range(0.001, 0.4)] | None = None
    faulty: Literal["refuse", "drop"] = "refuse"
    cache: bool = True
    workers: Annotated[int, Range(1)] = 1

    def format_options(self) -> dict[str, object]:
        """The options that say how files are read, as defaults for other files of the same kind."""
        return {name: getattr(self, name) for name in _FORMAT}

    @property
    def missing_cells(self) -> frozenset[str]:
        """The cells of text tables that are missing values."""
        return frozenset(["", *(MISSING if self.missing is None else self.missing)])


DEFAULTS = DataSettings()
"""The default options."""
