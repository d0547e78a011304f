"""Data sets by what `--data` names: a registered source, a file, a folder, a Hub id, or rows."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sized
from dataclasses import dataclass, field, replace
from pathlib import Path

from seqlab.config.data_settings import DEFAULTS, DataSettings
from seqlab.data.checking.findings import Finding
from seqlab.data.contracts import DataSource
from seqlab.data.decisions import Decision
from seqlab.data.reading.archives import is_archive, unpack
from seqlab.data.reading.files import ReadFiles, read_files
from seqlab.data.reading.folders import find_text_tree, read_text_tree
from seqlab.data.reading.formats import HIDDEN, SUFFIXES
from seqlab.data.reading.hub import read_hub
from seqlab.data.reading.metadata import read_metadata
from seqlab.data.reading.naming import SPLIT_NAMES, ordered
from seqlab.data.reading.python_objects import columns_of, is_mapping_of_columns, plain_rows
from seqlab.data.reading.saved import is_saved, read_saved
from seqlab.data.reading.streams import read_stream
from seqlab.data.split import Split
from seqlab.errors import PluginError, UserError, nearest, shorten, unknown
from seqlab.options import options_of, validate
from seqlab.registry import Registry

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(:[^/:\s]+)?")


@dataclass(frozen=True)
class OpenedData:
    """An opened data set.

    Args:
        splits: The splits by name.
        decisions: What was decided while the data were read.
        source: The entry of a configuration: a name, an absolute path, a Hub id, or "python".
        findings: Errors and unusual values in the files, such as rows with too few fields.
    """

    splits: dict[str, Split]
    decisions: list[Decision]
    source: str
    findings: list[Finding] = field(default_factory=list)


def open_data(
    spec: object,
    registry: Registry[DataSource],
    options: Mapping[str, object] = {},
    settings: DataSettings = DEFAULTS,
) -> OpenedData:
    """Open a data set for training.

    Args:
        spec: A registered name, a path, a Hub id, or data from Python.
        registry: The registered sources.
        options: Options of a registered source.
        settings: The options of section `data`, which say how files are read.

    Raises:
        UserError: The data cannot be found or read, or has no training rows.
    """
    return _require_training(find_data(spec, registry, options, settings))


def find_data(
    spec: object,
    registry: Registry[DataSource],
    options: Mapping[str, object] = {},
    settings: DataSettings = DEFAULTS,
) -> OpenedData:
    """Open a data set as `open_data` does, but without the need for a training split."""
    if isinstance(spec, str) and spec in registry:
        return _open_registered(spec, registry, options)
    if options:
        name = next(iter(options))
        raise UserError(
            f"unknown option 'data.{name}'",
            location=f"data.{name}",
            remedy="only a registered source has options; `seqlab list data` shows the sources",
        )
    if isinstance(spec, str | Path):
        return _open_text(spec, registry, settings)
    return OpenedData(from_python(spec), [], "python")


def _open_registered(
    name: str, registry: Registry[DataSource], options: Mapping[str, object]
) -> OpenedData:
    entry = registry.get(name)
    source = entry.load()
    splits = dict(source(**validate("data", options, options_of(source))).load())
    if set(splits) - set(SPLIT_NAMES.values()):
        raise PluginError(
            f"data '{name}' has the splits {sorted(splits)}",
            location=f"plugin '{entry.plugin}'",
            remedy="name the splits of a source 'train', 'validation' and 'test'",
        )
    return OpenedData({split: splits[split] for split in ordered(splits)}, [], name)


def _open_text(
    spec: str | Path, registry: Registry[DataSource], settings: DataSettings
) -> OpenedData:
    path = Path(spec).expanduser()
    if path.exists():
        splits, decisions, findings = _open_path(path, settings)
        return OpenedData(splits, decisions, str(path.resolve()), list(findings))
    text = str(spec)
    if isinstance(spec, Path) or text.endswith(tuple(SUFFIXES)) or text.startswith((".", "/", "~")):
        read_files(path)  # raises an error with the nearest path
    if _HUB_ID.fullmatch(text):
        splits, decisions = read_hub(text)
        return OpenedData(splits, decisions, text)
    if "/" in text or "\\" in text:
        read_files(path)
    files = [entry.name for entry in Path().iterdir() if entry.is_file()]
    if path.suffix and (near := nearest(text, files)):  # more likely a file than a source
        raise UserError(
            f"there is no data '{text}'", location="data", remedy=f"did you mean the file '{near}'?"
        )
    hint = "`seqlab list data` lists the names; a path or a Hub id owner/name is possible, too"
    raise unknown("data", text, [entry.name for entry in registry], location="data", hint=hint)


def _open_path(path: Path, settings: DataSettings) -> ReadFiles:
    if is_archive(path):
        return open_archive(path, settings)
    if is_saved(path):
        return ReadFiles(*read_saved(path))
    if (read := read_metadata(path, settings)) is not None:
        return read
    if (tree := find_text_tree(path)) is not None:
        texts = read_text_tree(tree, encoding=settings.encoding, whole=settings.whole)
        return ReadFiles(*texts)
    return read_files(path, settings)


def open_archive(path: Path, settings: DataSettings) -> ReadFiles:
    """Read the files of an archive; messages name the archive, not where it was unpacked."""
    folder = unpack(path)

    def named(text: str) -> str:
        return text.replace(str(folder), str(path))

    try:
        read = _open_path(_only_file(folder) or folder, settings)
    except UserError as error:
        location, remedy = named(error.location), named(error.remedy)
        raise type(error)(named(error.cause), location=location, remedy=remedy) from None
    for split in read.splits.values():
        split.origin = named(split.origin)
    return ReadFiles(
        read.splits,
        [replace(decision, choice=named(decision.choice)) for decision in read.decisions],
        [replace(finding, location=named(finding.location)) for finding in read.findings],
    )


def _only_file(folder: Path) -> Path | None:
    """The only file in a folder, where there is nothing else."""
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(HIDDEN)]
    return entries[0] if len(entries) == 1 and entries[0].is_file() else None


def from_python(spec: object) -> dict[str, Split]:
    """Convert data from Python to splits, which can be opened any number of times.

    Args:
        spec: Rows, columns by name, or splits of either by name. Tables of pandas, polars and
            pyarrow are understood, and so are their values. A list stays in memory, and a
            `datasets.Dataset` where it is; any other iterable is consumed and written to disk.

    Returns:
        The splits by name; `spec` may be replaced by them in `open_data`.

    Raises:
        UserError: The data cannot be read, or the name of a split is unknown.
    """
    if not isinstance(spec, Mapping) or _holds_columns(spec):
        return {"train": _to_split("train", spec)}
    splits: dict[str, Split] = {}
    for key, rows in spec.items():
        name = SPLIT_NAMES.get(str(key).lower())
        if name is None:
            _refuse_row(spec)
            location = f"data, a mapping with the keys {list(spec)}"
            raise unknown("split", str(key), SPLIT_NAMES, location=location)
        if name in splits:
            raise UserError(
                f"the {name} split is given twice", location="data", remedy="give each split once"
            )
        splits[name] = _to_split(name, rows)
    return {name: splits[name] for name in ordered(splits)}


def _to_split(name: str, rows: object) -> Split:
    if isinstance(rows, Split):
        return rows
    # a Dataset exists only if `datasets` is imported already; importing it takes over a second
    datasets = sys.modules.get("datasets")
    if datasets is not None and isinstance(rows, datasets.Dataset):
        return Split(name, rows, "python")
    is_table = not isinstance(rows, Mapping) or is_mapping_of_columns(rows)
    columns = columns_of(rows, name) if is_table else None
    if columns is not None:
        return Split(name, columns, "python")
    if isinstance(rows, Iterable) and not isinstance(rows, str | bytes | Mapping):
        if isinstance(rows, Sized):
            return Split.from_rows(name, plain_rows(rows), "python")
        return read_stream(name, rows, "python")
    raise UserError(
        f"the {name} split cannot be made from {type(rows).__name__}",
        location="data",
        remedy="give rows as dicts, a table, splits by name, or a data set of `datasets`",
    )


def _holds_columns(spec: Mapping[object, object]) -> bool:
    """Whether a mapping is one table: its keys are not names of splits."""
    is_splits = all(str(key).lower() in SPLIT_NAMES for key in spec)
    return not is_splits and is_mapping_of_columns(spec)


def _refuse_row(spec: Mapping[object, object]) -> None:
    if not any(isinstance(v, Iterable) and not isinstance(v, str | bytes) for v in spec.values()):
        raise UserError(
            f"this is one row, not rows: {shorten(dict(spec))}",
            location="data",
            remedy="put the rows into a list: [row, row, …]",
        )


def _require_training(opened: OpenedData) -> OpenedData:
    if "train" not in opened.splits:
        raise UserError(
            f"the data has no training split, only: {', '.join(opened.splits) or 'nothing'}",
            location=opened.source,
            remedy="give a folder that also holds a training split, or name one split 'train'",
        )
    if len(opened.splits["train"]) == 0:
        raise UserError("the training split has no rows", location=opened.source, remedy="add rows")
    return opened
