"""Comparison of a written file, read again with default options, with the rows written."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from seqlab.data.reading.files import read_files
from seqlab.data.split import Split
from seqlab.data.writing.cells import plain
from seqlab.errors import UserError, listed, shorten

_KEEPS = "a .jsonl file keeps them"


@dataclass
class _Differences:
    """The values of a column that are read differently."""

    missing: int = 0
    changed: int = 0
    example: str = ""


def read_back(path: Path, rows: Split) -> list[str]:
    """Say how the rows of a written file differ from the rows that were written.

    Args:
        path: The file.
        rows: The rows that it should hold.

    Returns:
        Notices; none if the file is read as it was meant.
    """
    try:
        splits = read_files(path).splits
    except UserError as error:
        return [f"read back: {error.cause}; to read it: {error.remedy}"]
    again = next(iter(splits.values()))
    if len(again) != len(rows):
        return [f"read back: {len(again):,} rows instead of {len(rows):,}; {_KEEPS}"]
    lost = [name for name in rows.column_names if name not in again.column_names]
    if lost:
        names = listed(map(repr, again.column_names))
        return [f"read back: no column {listed(map(repr, lost))}, but {names}; {_KEEPS}"]
    texts = [
        text
        for name in rows.column_names
        if (text := _described(name, _compare(rows, again, name)))
    ]
    return [f"read back: {'; '.join(texts)}; {_KEEPS}"] if texts else []


def _compare(rows: Split, again: Split, name: str) -> _Differences:
    found = _Differences()
    pairs = zip_longest(rows.column(name), again.column(name))
    for number, (value, read) in enumerate(pairs, 1):
        if _is_same(value, read):
            continue
        found.missing += read is None
        found.changed += read is not None
        found.example = found.example or f"{shorten(value)} in row {number}"
    return found


def _is_same(value: object, read: object) -> bool:
    """Whether a value is read as it is, or as the text of it where there are only texts."""
    if value == read:
        return True
    first, second = plain(value), plain(read)
    return first == second or (isinstance(read, str) and first is not None and str(first) == read)


def _described(name: str, found: _Differences) -> str:
    counts = []
    if missing := found.missing:
        texts = "1 text" if missing == 1 else f"{missing:,} texts"
        counts.append(f"{texts} of column '{name}' {'is' if missing == 1 else 'are'} missing")
    if changed := found.changed:
        values = "1 value" if changed == 1 else f"{changed:,} values"
        counts.append(f"{values} of column '{name}' {'differs' if changed == 1 else 'differ'}")
    return f"{' and '.join(counts)}, such as {found.example}" if counts else ""
