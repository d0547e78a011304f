"""File suffixes and the formats that they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seqlab.errors import UserError

_TEXT_FORMATS: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "json",
    ".txt": "text",
    ".conllu": "conllu",
    ".conll": "conll",
    ".tagged": "conll",
}
COMPRESSED = (".gz", ".xz", ".bz2")
"""The suffixes of compressed text files."""

SUFFIXES: Mapping[str, str] = {
    **{suffix + end: name for suffix, name in _TEXT_FORMATS.items() for end in ("", *COMPRESSED)},
    ".parquet": "parquet",
    ".arrow": "arrow",
}
"""The supported suffixes and the format of each."""

SUPPORTED = f"supported: {', '.join((*_TEXT_FORMATS, '.parquet', '.arrow'))}; all but the last \
two also with {', '.join(COMPRESSED)}"


def suffix_of(path: Path) -> str:
    """The last suffix in lower case; that of a compressed file with the suffix before it."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    is_compressed = suffixes[-1:] and suffixes[-1] in COMPRESSED
    return "".join(suffixes if is_compressed else suffixes[-1:])


def format_of(path: Path) -> str:
    """The format that the suffix of a file stands for.

    Raises:
        UserError: The suffix is not supported.
    """
    suffix = suffix_of(path)
    if suffix not in SUFFIXES:
        files = f"files with the suffix '{suffix}'" if suffix else "files without a suffix"
        raise UserError(f"{files} cannot be read as data", location=str(path), remedy=SUPPORTED)
    return SUFFIXES[suffix]
