"""Folders of texts with a table: `metadata.csv` names a file per row, and its label."""

from __future__ import annotations

from pathlib import Path

from seqlab.config.data_settings import DataSettings
from seqlab.data.checking.findings import Finding
from seqlab.data.decisions import Decision
from seqlab.data.reading.files import ReadFiles, read_files
from seqlab.data.reading.naming import SPLIT_NAMES, ordered
from seqlab.data.reading.whole_texts import read_document
from seqlab.data.split import Columns, Split
from seqlab.data.text_files.long_text import LongText
from seqlab.errors import UserError

_TABLES = ("metadata.csv", "metadata.tsv", "metadata.jsonl")
_COLUMNS = ("file_name", "filename", "file")


def read_metadata(path: Path, settings: DataSettings) -> ReadFiles | None:
    """Read the splits of a folder with a `metadata` table, or with one in a folder per split.

    The column `file_name` names a text file beside the table; the column `text` with its contents
    takes its place.

    Args:
        path: The folder.
        settings: The options of the data.

    Returns:
        What was read; None if there is no such table.

    Raises:
        UserError: A file does not exist or cannot be read.
    """
    tables = _tables(path)
    splits: dict[str, Split] = {}
    decisions: list[Decision] = []
    findings: list[Finding] = []
    for name in ordered(tables):
        read = read_files(tables[name], settings)
        rows = next(iter(read.splits.values()))
        column = next((c for c in rows.column_names if c.lower() in _COLUMNS), None)
        if column is None or "text" in rows.column_names:
            return None
        splits[name] = _with_texts(name, rows, column, tables[name], settings)
        decisions += read.decisions
        decisions.append(
            Decision("texts", f"the files in column '{column}' of {tables[name].name}")
        )
        findings += read.findings
    return ReadFiles(splits, decisions, findings) if splits else None


def _tables(path: Path) -> dict[str, Path]:
    """The table of each split."""
    if not path.is_dir():
        return {}
    folders = {"train": path} if _table_in(path) else {}
    for entry in sorted(path.iterdir()):
        name = SPLIT_NAMES.get(entry.name.lower())
        if name is not None and entry.is_dir() and _table_in(entry):
            folders[name] = entry
    return {name: table for name, folder in folders.items() if (table := _table_in(folder))}


def _table_in(folder: Path) -> Path | None:
    return next((folder / name for name in _TABLES if (folder / name).is_file()), None)


def _with_texts(name: str, rows: Split, column: str, table: Path, settings: DataSettings) -> Split:
    columns: dict[str, list[object]] = {key: [] for key in rows.column_names if key != column}
    texts: list[str | LongText] = []
    for batch in rows.batches():
        texts += (_read(value, table, settings) for value in batch[column])
        for key, values in columns.items():
            values += batch[key]
    read: Columns = {"text": texts, **columns}
    return Split(name, read, str(table))


def _read(value: object, table: Path, settings: DataSettings) -> str | LongText:
    file = table.parent / str(value)
    is_inside = table.parent.resolve() in file.resolve().parents
    if value is None or not is_inside or not file.is_file():
        cause = "is outside of its folder" if value is not None and not is_inside else "is missing"
        raise UserError(
            f"the file '{value}' {cause}",
            location=str(table),
            remedy="name a file below the folder of the table in each row, or remove the row",
        )
    return read_document(file, settings.encoding, whole=settings.whole)
