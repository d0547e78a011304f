"""What `--data` names: a built-in set, a file, a folder, a Hub id, or rows from Python."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqlab.data.contracts import DataSource
from seqlab.data.reading.files import read_files
from seqlab.data.reading.folders import is_text_tree, read_text_tree
from seqlab.data.reading.formats import SUFFIXES
from seqlab.data.reading.hub import read_hub
from seqlab.data.reading.naming import SPLIT_NAMES, ordered
from seqlab.data.reading.saved import is_saved, read_saved
from seqlab.data.reading.streams import read_stream
from seqlab.data.split import Split
from seqlab.errors import PluginError, UserError, nearest, unknown
from seqlab.options import options_of, validate
from seqlab.registry import Registry

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(:[^/:\s]+)?")
_FROM_PYTHON = "rows as dicts, splits by name, or what `datasets` gives"


@dataclass(frozen=True)
class OpenedData:
    """A data set that was found.

    Args:
        splits: The splits by name.
        notices: What the user should know about how it was read.
        source: What a configuration records: a name, an absolute path, a Hub id, or "python".
    """

    splits: dict[str, Split]
    notices: list[str]
    source: str


def open_data(
    spec: object,
    registry: Registry[DataSource],
    options: Mapping[str, object] = {},
    *,
    whole: bool = False,
) -> OpenedData:
    """The data set that a user means, to be trained on.

    Args:
        spec: A registered name, a path, a Hub id, or data from Python.
        registry: The registered names.
        options: Options of a registered source.
        whole: A .txt file is one row with its whole text, instead of a row a line.

    Raises:
        UserError: It cannot be found or read, or has no training rows.
    """
    return _with_training(find_data(spec, registry, options, whole=whole))


def find_data(
    spec: object,
    registry: Registry[DataSource],
    options: Mapping[str, object] = {},
    *,
    whole: bool = False,
) -> OpenedData:
    """As `open_data`; whatever parts there are will do."""
    if isinstance(spec, str) and spec in registry:
        return _open_registered(spec, registry, options)
    if options:
        name = next(iter(options))
        raise UserError(
            f"unknown option 'data.{name}'",
            location=f"data.{name}",
            remedy="options of data are for registered names; `seqlab list data` shows them",
        )
    if isinstance(spec, str | Path):
        return _open_text(spec, registry, whole=whole)
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
            remedy="a source's parts are 'train', 'validation' and 'test'",
        )
    return OpenedData({split: splits[split] for split in ordered(splits)}, [], name)


def _open_text(spec: str | Path, registry: Registry[DataSource], *, whole: bool) -> OpenedData:
    path = Path(spec).expanduser()
    if path.exists():
        splits, notices = _open_path(path, whole=whole)
        return OpenedData(splits, notices, str(path.resolve()))
    text = str(spec)
    if isinstance(spec, Path) or text.endswith(tuple(SUFFIXES)) or text.startswith((".", "/", "~")):
        read_files(path)  # says what is missing and what is near
    if _HUB_ID.fullmatch(text):
        splits, notices = read_hub(text)
        return OpenedData(splits, notices, text)
    if "/" in text or "\\" in text:
        read_files(path)
    here = [each.name for each in Path().iterdir() if each.is_file()]
    if path.suffix and (near := nearest(text, here)):  # a file's name, not a set's
        raise UserError(
            f"there is no data '{text}'", location="data", remedy=f"did you mean the file '{near}'?"
        )
    hint = "`seqlab list data` shows all; a path or a Hub id owner/name will do as well"
    raise unknown("data", text, [entry.name for entry in registry], location="data", hint=hint)


def _open_path(path: Path, *, whole: bool) -> tuple[dict[str, Split], list[str]]:
    if is_saved(path):
        return read_saved(path)
    if is_text_tree(path):
        return read_text_tree(path)
    return read_files(path, whole=whole)


def from_python(spec: object) -> dict[str, Split]:
    """The splits of data that is given from Python.

    Args:
        spec: Rows, or splits by name. A list stays in memory, a `datasets.Dataset` where it is; any
            other iterable is gone through once, to the disk.

    Returns:
        What can be opened again and again in its place.

    Raises:
        UserError: It cannot be read, or a part has an unknown name.
    """
    if not isinstance(spec, Mapping):
        return {"train": _to_split("train", spec)}
    splits: dict[str, Split] = {}
    for key, rows in spec.items():
        name = SPLIT_NAMES.get(str(key).lower())
        if name is None:
            place = f"data, a mapping with the keys {list(spec)}"
            raise unknown("split", str(key), SPLIT_NAMES, location=place)
        if name in splits:
            raise UserError(
                f"the {name} split is given twice", location="data", remedy="give each split once"
            )
        splits[name] = _to_split(name, rows)
    return {name: splits[name] for name in ordered(splits)}


def _to_split(name: str, rows: object) -> Split:
    if isinstance(rows, Split):
        return rows
    if _is_dataset(rows):
        return Split(name, rows, "python")
    if isinstance(rows, Iterable) and not isinstance(rows, str | bytes | Mapping):
        return (Split.from_rows if isinstance(rows, Sized) else read_stream)(name, rows, "python")
    raise UserError(
        f"the {name} split cannot be made from {type(rows).__name__}",
        location="data",
        remedy=f"give {_FROM_PYTHON}",
    )


def _is_dataset(rows: object) -> Any:
    # a Dataset can exist only where somebody imported `datasets`, which takes over a second
    datasets = sys.modules.get("datasets")
    return datasets is not None and isinstance(rows, datasets.Dataset)


def _with_training(opened: OpenedData) -> OpenedData:
    if "train" not in opened.splits:
        raise UserError(
            f"the data has no training split, only: {', '.join(opened.splits) or 'nothing'}",
            location=opened.source,
            remedy="give a folder that also holds a training split, or name one part 'train'",
        )
    if len(opened.splits["train"]) == 0:
        raise UserError("the training split has no rows", location=opened.source, remedy="add rows")
    return opened
