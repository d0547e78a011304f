"""Data written to a file in another format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from seqlab.data.decisions import notices_of
from seqlab.data.reading.sources import find_data
from seqlab.data.split import Split
from seqlab.data.writing.files import check_target, write_split
from seqlab.errors import UserError, unknown
from seqlab.plugin.manager import Plugins, installed
from seqlab.prepare.commands.read_back import read_back
from seqlab.prepare.data_options import read_options
from seqlab.types import JsonObject, Options

_SPLIT = "{split}"


def convert_data(
    spec: object,
    to: str | Path,
    *,
    split: str | None = None,
    options: Options | Iterable[str] = (),
    plugins: Plugins | None = None,
) -> JsonObject:
    """Write data to a file in the format of its suffix.

    Args:
        spec: A built-in name, a file, a folder, a Hub id or rows from Python, as for a run.
        to: The file. "{split}" in its name stands for the name of each split.
        split: The only split to write; all if None.
        options: Options of section `data`, by full name or as strings `data.KEY=VALUE`.
        plugins: Provides the registered names; all installed plugins if None.

    Returns:
        `source`; `notices` about the data read, and about values that the file does not keep;
        `files`: path → number of rows.

    Raises:
        UserError: The data cannot be read, the format cannot hold them, or the file is a source.
    """
    target = Path(to).expanduser()
    check_target(target)
    plugins = installed() if plugins is None else plugins
    settings, source_options = read_options(spec, options, plugins, {})
    _check_source(spec, target)
    opened = find_data(spec, plugins.data, source_options, settings)
    files = _files(opened.splits, target, split, opened.source)
    for path in files:
        _check_source(spec, path)
    notices = notices_of(opened.decisions)
    for path, rows in files.items():
        write_split(rows, path)
        notices += read_back(path, rows)
    return {
        "source": opened.source,
        "notices": notices,
        "files": {str(path): len(rows) for path, rows in files.items()},
    }


def _files(
    splits: Mapping[str, Split], target: Path, chosen: str | None, source: str
) -> dict[Path, Split]:
    """The file of each split."""
    if chosen is not None and chosen not in splits:
        raise unknown("split", chosen, splits, location="--split")
    names = [chosen] if chosen is not None else list(splits)
    if not names:
        raise UserError("the data have no splits", location=source, remedy="give rows")
    if _SPLIT in target.name:
        return {target.with_name(target.name.replace(_SPLIT, name)): splits[name] for name in names}
    if len(names) > 1:
        example = target.with_name(f"{_SPLIT}{''.join(target.suffixes)}")
        raise UserError(
            f"the data have {len(names)} splits, and one file holds one: {', '.join(names)}",
            location=f"--to {target}",
            remedy=f"write a file for each with --to '{example}', or one with --split {names[0]}",
        )
    return {target: splits[names[0]]}


def _check_source(spec: object, target: Path) -> None:
    """Refuse a target that is read, or that lies in the folder that is read."""
    if not isinstance(spec, str | Path) or not Path(spec).expanduser().exists():
        return
    source, file = Path(spec).expanduser().resolve(), target.resolve()
    if file == source or (file.exists() and source.is_dir() and source in file.parents):
        raise UserError(
            "the data are read from this file",
            location=f"--to {target}",
            remedy="give the new file another name",
        )
