"""Tables of texts: in memory if they are small, else in a temporary file that is mapped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from seqlab.config.data_settings import DataSettings
from seqlab.data.checking.findings import Finding
from seqlab.data.decisions import Decision
from seqlab.data.reading.arrow.writer import ArrowWriter
from seqlab.data.reading.delimited.file import DelimitedFile, TextColumns
from seqlab.data.reading.same_columns import check_same_columns
from seqlab.data.split import Split
from seqlab.data.text_files.opening import open_text
from seqlab.files.cache_folder import temporary_file

if TYPE_CHECKING:
    import pyarrow

MEMORY = 32 << 20
"""Size up to which a table is kept in memory, in bytes."""

_CELL = 60
"""Size of a cell besides its characters, in bytes."""

_LINES = 1 << 20
"""Size of the lines that are read at once, in bytes."""


class TextTable:
    """A table of texts that is filled chunk by chunk.

    Args:
        name: Name of the split, for messages.
        origin: Where the rows come from, for messages.
    """

    def __init__(self, name: str, origin: str) -> None:
        self.name, self.origin, self.rows = name, origin, 0
        self._columns: dict[str, list[str | None]] = {}
        self._size = 0
        self._file: IO[bytes] | None = None
        self._writer: ArrowWriter | None = None

    def add(self, part: TextColumns | pyarrow.Table) -> None:
        """Add rows; each part has the same columns.

        Raises:
            UserError: There is no room on the disk.
        """
        if not isinstance(part, Mapping):
            self.rows += part.num_rows
            self._to_disk().append_table(part)
            return
        self.rows += len(next(iter(part.values())))
        if self._writer is not None:
            self._writer.append_texts(part)
            return
        for name, values in part.items():
            self._columns.setdefault(name, []).extend(values)
            self._size += sum(len(text) for text in values if text) + _CELL * len(values)
        if self._size > MEMORY:
            self._to_disk()

    def _to_disk(self) -> ArrowWriter:
        """The writer of the temporary file, to which the rows in memory are moved."""
        if self._writer is None:
            self._file = temporary_file()
            self._writer = ArrowWriter(self._file, None, f"{self.origin}, {self.name}")
            if self._columns:
                self._writer.append_texts(self._columns)
            self._columns = {}
        return self._writer

    def split(self, without: Iterable[str] = ()) -> Split:
        """The rows as a split.

        Args:
            without: Columns that are left out.
        """
        left_out = set(without)
        if self._writer is None:
            columns = {name: self._columns[name] for name in self._columns if name not in left_out}
            return Split(self.name, columns, self.origin)
        table = self._writer.finish()
        self.close()
        kept = [name for name in table.column_names if name not in left_out]
        return Split(self.name, table.select_columns(kept) if left_out else table, self.origin)

    def close(self) -> None:
        """Close the temporary file, which stays mapped."""
        if self._file is not None:
            with suppress(OSError):  # closing writes the rest of the buffer, which may fail again
                self._file.close()


def read_delimited(
    name: str, files: Sequence[Path], file_format: str, origin: str, settings: DataSettings
) -> tuple[Split, list[Decision], list[Finding]]:
    """Read delimited text files as one table.

    Args:
        name: Name of the split, for messages.
        files: At least one file; each has its own dialect.
        file_format: "csv" or "tsv".
        origin: Where the files come from, for messages.
        settings: The options of the data.

    Returns:
        The rows, what was decided, and findings on the rows.

    Raises:
        UserError: A file cannot be read, or the files have different columns.
    """
    table = TextTable(name, origin)
    decisions: list[Decision] = []
    findings: list[Finding] = []
    unused: set[str] = set()
    names: tuple[str, ...] = ()
    try:
        for file in files:
            delimited = DelimitedFile(file, file_format, settings)
            before = table.rows
            for part in delimited.parts():
                names = names or delimited.header.names
                table.add(_aligned(part, delimited.header.names, names, file, files[0]))
            if table.rows > before:
                unused = unused & set(delimited.unused) if before else set(delimited.unused)
            decisions += [each for each in delimited.decisions() if each not in decisions]
            findings += delimited.findings(name, before)
    except BaseException:
        table.close()
        raise
    return table.split(unused), decisions, findings


def read_texts(
    name: str, files: Sequence[Path], origin: str, settings: DataSettings
) -> tuple[Split, list[Decision]]:
    """Read each line of text files as a row, in the column "text"."""
    table = TextTable(name, origin)
    try:
        for file in files:
            with open_text(file, settings.encoding, newline=None) as text:
                while lines := text.readlines(_LINES):
                    table.add({"text": [line.rstrip("\n") for line in lines]})
    except BaseException:
        table.close()
        raise
    return table.split(), []


def _aligned(
    part: TextColumns | pyarrow.Table,
    found: Sequence[str],
    names: Sequence[str],
    file: Path,
    first: Path,
) -> TextColumns | pyarrow.Table:
    """The columns in the order of the first file.

    Raises:
        UserError: The columns are not those of the first file.
    """
    if tuple(found) == tuple(names):
        return part
    check_same_columns(first, names, file, found)
    if isinstance(part, Mapping):
        return {name: part[name] for name in names}
    return part.select(list(names))
