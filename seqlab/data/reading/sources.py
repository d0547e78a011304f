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
from seqlab.data.reading.naming import PART_NAMES, ordered
from seqlab.data.reading.saved import is_saved, read_saved
from seqlab.data.reading.streams import read_stream
from seqlab.data.split import Split
from seqlab.errors import PluginError, UserError, nearest, unknown
from seqlab.options import options_of, validate
from seqlab.registry import Registry

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(:[^/:\s]+)?")
_FROM_PYTHON = "rows as dicts, parts by name, or what `datasets` gives"


@dataclass(frozen=True)
class OpenedData:
    """A data set that was found.

    Args:
        parts: The parts by name.
        notices: What the user should know about how it was read.
        source: What a configuration records: a name, an absolute path, a Hub id, or "python".
    """

    parts: dict[str, Split]
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
    parts = dict(source(**validate("data", options, options_of(source))).load())
    if set(parts) - set(PART_NAMES.values()):
        raise PluginError(
            f"data '{name}' has the parts {sorted(parts)}",
            location=f"plugin '{entry.plugin}'",
            remedy="a source's parts are 'train', 'validation' and 'test'",
        )
    return OpenedData({part: parts[part] for part in ordered(parts)}, [], name)


def _open_text(spec: str | Path, registry: Registry[DataSource], *, whole: bool) -> OpenedData:
    path = Path(spec).expanduser()
    if path.exists():
        parts, notices = _open_path(path, whole=whole)
        return OpenedData(parts, notices, str(path.resolve()))
    text = str(spec)
    if isinstance(spec, Path) or text.endswith(tuple(SUFFIXES)) or text.startswith((".", "/", "~")):
        read_files(path)  # says what is missing and what is near
    if _HUB_ID.fullmatch(text):
        parts, notices = read_hub(text)
        return OpenedData(parts, notices, text)
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
    """The parts of data that is given from Python.

    Args:
        spec: Rows, or parts by name. A list stays in memory, a `datasets.Dataset` where it is; any
            other iterable is gone through once, to the disk.

    Returns:
        What can be opened again and again in its place.

    Raises:
        UserError: It cannot be read, or a part has an unknown name.
    """
    if not isinstance(spec, Mapping):
        return {"train": _to_part("train", spec)}
    parts: dict[str, Split] = {}
    for key, rows in spec.items():
        name = PART_NAMES.get(str(key).lower())
        if name is None:
            place = f"data, a mapping with the keys {list(spec)}"
            raise unknown("part", str(key), PART_NAMES, location=place)
        if name in parts:
            raise UserError(
                f"the {name} part is given twice", location="data", remedy="give each part once"
            )
        parts[name] = _to_part(name, rows)
    return {name: parts[name] for name in ordered(parts)}


def _to_part(name: str, rows: object) -> Split:
    if isinstance(rows, Split):
        return rows
    if _is_dataset(rows):
        return Split(name, rows, "python")
    if isinstance(rows, Iterable) and not isinstance(rows, str | bytes | Mapping):
        return (Split.from_rows if isinstance(rows, Sized) else read_stream)(name, rows, "python")
    raise UserError(
        f"the {name} part cannot be made from {type(rows).__name__}",
        location="data",
        remedy=f"give {_FROM_PYTHON}",
    )


def _is_dataset(rows: object) -> Any:
    # a Dataset can exist only where somebody imported `datasets`, which takes over a second
    datasets = sys.modules.get("datasets")
    return datasets is not None and isinstance(rows, datasets.Dataset)


def _with_training(opened: OpenedData) -> OpenedData:
    if "train" not in opened.parts:
        raise UserError(
            f"the data has no training part, only: {', '.join(opened.parts) or 'nothing'}",
            location=opened.source,
            remedy="give a folder that also holds a training part, or name one part 'train'",
        )
    if len(opened.parts["train"]) == 0:
        raise UserError("the training part has no rows", location=opened.source, remedy="add rows")
    return opened
