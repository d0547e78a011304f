"""Suffixes of files, and the format that each stands for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seqlab.errors import UserError

_ALSO_GZIPPED: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "json",
    ".txt": "text",
    ".conllu": "conllu",
    ".conll": "conll",
    ".tagged": "conll",
}
SUFFIXES: Mapping[str, str] = {
    **{suffix + end: kind for suffix, kind in _ALSO_GZIPPED.items() for end in ("", ".gz")},
    ".parquet": "parquet",
    ".arrow": "arrow",
}
"""The supported suffixes and the format of each."""

SUPPORTED = f"supported: {', '.join((*_ALSO_GZIPPED, '.parquet', '.arrow'))}; all but the last \
two also with .gz"


def suffix_of(path: Path) -> str:
    """The last suffix, and the one before it where the last is ".gz"; in lower case."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    return "".join(suffixes) if suffixes[-1:] == [".gz"] else "".join(suffixes[-1:])


def format_of(path: Path) -> str:
    """The format that a file's suffix stands for.

    Raises:
        UserError: No format has this suffix.
    """
    suffix = suffix_of(path)
    if suffix not in SUFFIXES:
        shown = f"files with the suffix '{suffix}'" if suffix else "files without a suffix"
        raise UserError(f"{shown} cannot be read as data", location=str(path), remedy=SUPPORTED)
    return SUFFIXES[suffix]
