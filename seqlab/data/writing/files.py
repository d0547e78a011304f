"""A split written to a file in the format of its suffix."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from seqlab.data.split import Split
from seqlab.data.writing.arrow_tables import write_arrow, write_parquet
from seqlab.data.writing.sequences import write_arff, write_conll, write_conllu, write_ts
from seqlab.data.writing.text_tables import (
    write_csv,
    write_json,
    write_jsonl,
    write_tsv,
    write_txt,
)
from seqlab.data.writing.workbooks import write_xlsx
from seqlab.errors import UserError, nearest
from seqlab.files.writing import output_file

_TEXT: Mapping[str, Callable[[Split, TextIO], None]] = {
    ".csv": write_csv,
    ".tsv": write_tsv,
    ".jsonl": write_jsonl,
    ".json": write_json,
    ".txt": write_txt,
    ".conll": write_conll,
    ".conllu": write_conllu,
    ".ts": write_ts,
    ".arff": write_arff,
}
_BINARY: Mapping[str, Callable[[Split, Path], None]] = {
    ".parquet": write_parquet,
    ".arrow": write_arrow,
    ".xlsx": write_xlsx,
}
_COMPRESSED: Mapping[str, Callable[..., Any]] = {
    ".gz": gzip.open,
    ".xz": lzma.open,
    ".bz2": bz2.open,
}

WRITTEN = (*_TEXT, *_BINARY)
"""The suffixes of files that can be written."""


def check_target(path: Path) -> None:
    """Check that a file can be written, before any data are read.

    Raises:
        UserError: The suffix is not known, or there is no such folder.
    """
    suffix = _suffix(path)
    if suffix not in WRITTEN or (suffix in _BINARY and path.suffix.lower() in _COMPRESSED):
        near = nearest(suffix, WRITTEN) if suffix else None
        raise UserError(
            f"files with the suffix '{path.suffix}' are not written"
            if path.suffix
            else "a file without a suffix has no format",
            location=str(path),
            remedy=(f"did you mean '{near}'? " if near else "")
            + f"written: {', '.join(WRITTEN)}; those of text also with .gz, .xz or .bz2",
        )
    if path.is_dir() or not path.parent.is_dir():
        raise UserError(
            f"'{path}' is a folder" if path.is_dir() else f"there is no folder '{path.parent}'",
            location=str(path),
            remedy="name a file in a folder that exists",
        )


def write_split(split: Split, path: Path) -> None:
    """Write all rows of a split; an existing file is replaced only when all is written.

    Raises:
        UserError: The format cannot hold the rows, or the file cannot be written.
    """
    suffix = _suffix(path)
    try:
        with output_file(path) as beside:
            if suffix in _BINARY:
                _BINARY[suffix](split, beside)
            else:
                _write_text(split, beside, path)
    except OSError as error:
        raise UserError(
            f"the file cannot be written: {error.strerror or error}",
            location=str(path),
            remedy="name a file in a folder that you may write to and that has room",
        ) from None


def _write_text(split: Split, beside: Path, path: Path) -> None:
    compressed = _COMPRESSED.get(path.suffix.lower())
    with (
        compressed(beside, "wb") if compressed else beside.open("wb") as binary,
        io.TextIOWrapper(binary, encoding="utf-8", newline="") as file,
    ):
        _TEXT[_suffix(path)](split, file)
        file.flush()


def _suffix(path: Path) -> str:
    """The suffix of the format, without that of a compression."""
    if path.suffix.lower() in _COMPRESSED:
        return Path(path.stem).suffix.lower()
    return path.suffix.lower()
