"""Shards of a table: `train-00000-of-00002.parquet` and the others up to `00001`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_SHARD = re.compile(r"(.*?)(\d+)(-of-)(\d+)(.*)")


def missing_shards(files: Iterable[Path]) -> list[str]:
    """The names of shards that should be beside some files and are not."""
    present = {(file.parent, file.name) for file in files}
    missing: list[str] = []
    for folder, name in sorted(present):
        if match := _SHARD.fullmatch(name):
            start, number, between, total, end = match.groups()
            names = (
                f"{start}{index:0{len(number)}}{between}{total}{end}"
                for index in range(min(int(total), 100_000))
            )
            missing += (n for n in names if (folder, n) not in present and n not in missing)
    return missing
