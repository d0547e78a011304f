"""Files as one table, read by the builders of `datasets`, which keep it on disk in their cache."""

from __future__ import annotations

import glob
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from seqlab.data.lines import BOM, read_lines
from seqlab.errors import UserError

if TYPE_CHECKING:
    import datasets

_CSV: Mapping[str, object] = {
    # "null", "None" and "NA" are words of texts and labels; only these are missing values
    "keep_default_na": False,
    "na_values": ["", "nan", "NaN"],
}
_BUILDERS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "csv": ("csv", _CSV),
    "tsv": ("csv", {**_CSV, "sep": "\t"}),
    "json": ("json", {"parse_agent_traces": False}),
    "text": ("text", {"encoding": "utf-8-sig"}),
    "parquet": ("parquet", {}),
    "arrow": ("arrow", {}),
}
_NULL = re.compile(r"(?:^|\r)\s*null")
_BINARY = ("parquet", "arrow")


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress the progress bars and log messages of `datasets`."""
    import datasets
    from datasets.utils import logging

    # HF_DATASETS_DISABLE_PROGRESS_BARS=0 enforces bars: disabling them would emit a warning
    hide = not datasets.are_progress_bars_disabled()
    hide = hide and datasets.config.HF_DATASETS_DISABLE_PROGRESS_BARS is not False
    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.CRITICAL)
    if hide:
        datasets.disable_progress_bars()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if hide:
            datasets.enable_progress_bars()


def one_line(error: BaseException) -> str:
    """The message of the root cause of an error, in one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def read_table(name: str, files: Sequence[Path], file_format: str, origin: str) -> datasets.Dataset:
    """Read the files as one table.

    Args:
        name: Name of the split, for messages.
        files: At least one file.
        file_format: "csv", "tsv", "json", "text", "parquet" or "arrow".
        origin: Where the files come from, for messages.

    Raises:
        UserError: A file cannot be read.
    """
    for file in files:
        if file.suffix.lower() == ".gz":
            _check_compressed(file, file_format)
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
    if "__index_level_0__" in table.column_names:
        # pandas takes the first column for row names when rows are longer than the header
        raise UserError(
            "a row has more fields than the header",
            location=origin,
            remedy="put fields that hold the separator in double quotes",
        )
    return table


def _check_compressed(file: Path, file_format: str) -> None:
    """Reject compressed files that `datasets` would not read correctly."""
    if set(file.name) & set("[]"):
        # `datasets` converts the name to a URL, in which a bracket starts an IPv6 address
        cause = "a compressed file with a bracket in its name cannot be read"
        raise UserError(cause, location=str(file), remedy="rename or unpack it")
    # `datasets` ignores the encoding here: the mark would become part of the first text
    if file_format == "text" and next(read_lines(file, keep_bom=True), (0, ""))[1][:1] == BOM:
        cause = "a compressed text starts with a byte order mark"
        raise UserError(cause, location=str(file), remedy="save it as UTF-8 without the mark (BOM)")


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
