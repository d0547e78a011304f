"""Findings about rows of different splits that belong together: leaks from one to the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from seqlab.data.checking.findings import Finding
from seqlab.data.reading.naming import ordered
from seqlab.data.relations.ordering import read_time, series_names
from seqlab.data.split import Split


def find_shared_groups(splits: Mapping[str, Split], columns: Sequence[str]) -> Iterator[Finding]:
    """Find groups of rows that are in two splits.

    Args:
        splits: The splits that a model is trained and evaluated on.
        columns: The columns that name the group of a row.
    """
    groups = {name: series_names(splits[name], columns) for name in ordered(splits)}
    for first, second in combinations(groups, 2):
        known = set(groups[first])
        rows = [row for row, group in enumerate(groups[second]) if group in known]
        if rows:
            yield Finding.of_rows(
                splits[second],
                "group in two splits",
                "kept",
                f"belong{{s}} to a group that the {first} split has, too",
                rows,
                remedy=f"give each group to one split: it biases the metrics of the {second} split",
                column=columns[0],
                value=groups[second][rows[0]],
            )


def find_overlap(
    splits: Mapping[str, Split],
    time: Sequence[str],
    group: Sequence[str],
    *,
    day_first: bool | None = None,
) -> Iterator[Finding]:
    """Find rows that are not later than all rows of the same series in an earlier split.

    Args:
        splits: The splits, which may come from different files.
        time: The columns of the time.
        group: The columns that name the series of a row.
        day_first: As in `read_time`.
    """
    last: dict[str, float] = {}
    before = ""
    for name in ordered(splits):
        split = splits[name]
        keys = read_time(split, time, day_first).keys
        names = series_names(split, group)
        rows = [
            row
            for row, (series, key) in enumerate(zip(names, keys, strict=True))
            if key <= last.get(series, -np.inf)
        ]
        if rows:
            yield Finding.of_rows(
                split,
                "not later",
                "kept",
                f"{{are}} not later than the last row of the {before} split",
                rows,
                remedy="test a forecast on rows that are later than those of the training",
                column=time[0],
                value=split[rows[0]].get(time[0]),
            )
        for series, key in zip(names, keys, strict=True):
            last[series] = max(key, last.get(series, -np.inf))
        before = f"{before} or {name}" if before else name
