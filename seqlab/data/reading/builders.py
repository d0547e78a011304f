"""Files as one table, read by the builders of `datasets`, which keep it on disk in their cache."""

from __future__ import annotations

import glob
import re
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqlab.data.lines import read_lines
from seqlab.data.reading.library import one_line, quiet
from seqlab.errors import UserError

if TYPE_CHECKING:
    import datasets

_BUILDERS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "json": ("json", {"parse_agent_traces": False}),
    "parquet": ("parquet", {}),
    "arrow": ("arrow", {}),
}
_NULL = re.compile(r"(?:^|\r)\s*null")
_BINARY = ("parquet", "arrow")


def read_table(name: str, files: Sequence[Path], file_format: str, origin: str) -> datasets.Dataset:
    """Read the files as one table.

    Args:
        name: Name of the split, for messages.
        files: At least one file.
        file_format: "json", "parquet" or "arrow".
        origin: Where the files come from, for messages.

    Raises:
        UserError: A file cannot be read.
    """
    for file in files:
        if file.suffix.lower() == ".gz":
            _check_compressed(file)
        if file_format == "json":
            _check_rows(file)
    try:
        table = _load(name, files, file_format)
    except Exception as error:  # `datasets` passes on errors of pandas, pyarrow and gzip
        if "corresponds to no data" in str(error):
            cause = f"the {name} split has no rows"
            raise UserError(cause, location=origin, remedy="add rows") from None
        if file_format not in _BINARY:
            for file in files:
                deque(read_lines(file), maxlen=0)  # names the line that is not UTF-8
        raise _unreadable(name, files, file_format, origin, error) from error
    return table


def _check_compressed(file: Path) -> None:
    """Reject compressed files that `datasets` would not read correctly."""
    if set(file.name) & set("[]"):
        # `datasets` converts the name to a URL, in which a bracket starts an IPv6 address
        cause = "a compressed file with a bracket in its name cannot be read"
        raise UserError(cause, location=str(file), remedy="rename or unpack it")


def _check_rows(file: Path) -> None:
    """Reject a row that is null: pyarrow crashes the process if a block starts with one."""
    by_line: bool | None = None
    for number, line in read_lines(file):
        text = line.strip()
        if not text:
            continue
        if by_line is None:  # a single document may hold null at the start of a line
            by_line = ".jsonl" in file.suffixes or text[0] + text[-1] == "{}"
        if _NULL.search(text):
            remedy = "write an object in each line, or leave the line out"
            raise UserError("a row is null", location=f"{file}, line {number}", remedy=remedy)
        if not by_line:
            return


def _load(name: str, files: Sequence[Path], file_format: str) -> datasets.Dataset:
    import datasets

    builder, options = _BUILDERS[file_format]
    # the builders take glob patterns: a bracket in a name must be escaped
    patterns = [glob.escape(str(file.absolute())) for file in files]
    with quiet():
        return datasets.load_dataset(builder, data_files={name: patterns}, split=name, **options)


def _unreadable(
    name: str, files: Sequence[Path], file_format: str, origin: str, error: Exception
) -> UserError:
    """The error for the first file that cannot be read alone, or for all files together."""
    cause, location = one_line(error), origin
    for file in files if len(files) > 1 else ():
        try:
            _load(name, [file], file_format)
        except Exception as file_error:
            cause, location = one_line(file_error), str(file)
            break
    remedy = "fix the file, or create it again"
    if len(files) > 1 and location == origin:
        cause, remedy = f"the files do not fit together: {cause}", "give all files the same columns"
    return UserError(f"the {name} split cannot be read: {cause}", location=location, remedy=remedy)
