"""Local files as parts: csv, tsv, json, jsonl and parquet, one file or a folder of them."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqlab.data.part import Part
from seqlab.errors import UserError, nearest

PART_NAMES: Mapping[str, str] = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}
"""What people call the parts, and what they are called here."""

_TEXT_OPTIONS: Mapping[str, Any] = {
    # "null", "None" and "NA" are words of texts and labels; only these stand for no value
    "keep_default_na": False,
    "na_values": ["", "nan", "NaN"],
}
_FORMATS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "csv": ("csv", _TEXT_OPTIONS),
    "tsv": ("csv", {**_TEXT_OPTIONS, "sep": "\t"}),
    "json": ("json", {"parse_agent_traces": False}),
    "parquet": ("parquet", {}),
}
SUFFIXES: Mapping[str, str] = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "tsv",
    ".tsv.gz": "tsv",
    ".json": "json",
    ".json.gz": "json",
    ".jsonl": "json",
    ".jsonl.gz": "json",
    ".parquet": "parquet",
}
"""The supported suffixes and the format of each."""

_LETTER = r"[^\W\d_]"
_TOKEN = re.compile(rf"(?<!{_LETTER})({'|'.join(PART_NAMES)})(?!{_LETTER})", re.IGNORECASE)


def read_files(path: str | Path) -> tuple[dict[str, Part], list[str]]:
    """The parts in a file, or in all files of a folder and its sub-folders.

    Args:
        path: A file or a folder. Names such as "train", "dev" and "test" in the path of a file
            below the folder say which part it is; where no name says so, all is training.

    Returns:
        The parts by name, and notices for the user.

    Raises:
        UserError: A path, a format or a content that cannot be read.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        chosen, notices = _sort_folder(path)
    elif path.is_file():
        _format_of(path)
        chosen, notices = {_part_of(Path(path.name)) or "train": [path]}, []
    else:
        raise _missing(path)
    return {name: _read_part(name, chosen[name]) for name in ordered(chosen)}, notices


def ordered(names: Mapping[str, object]) -> list[str]:
    """The part names that are there: train, validation, test."""
    return [name for name in dict.fromkeys(PART_NAMES.values()) if name in names]


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars and no log lines of `datasets`, for as long as it lasts."""
    import datasets
    from datasets.utils import logging

    # HF_DATASETS_DISABLE_PROGRESS_BARS=0 asks for bars, and `datasets` warns who goes against it
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
    """The first cause of an error, in one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    return "".join(suffixes) if suffixes[-1:] == [".gz"] else "".join(suffixes[-1:])


def _format_of(path: Path) -> str:
    suffix = _suffix(path)
    if suffix not in SUFFIXES:
        shown = f"files with the suffix '{suffix}'" if suffix else "files without a suffix"
        raise UserError(
            f"{shown} cannot be read as data",
            place=str(path),
            remedy="supported: " + ", ".join(SUFFIXES),
        )
    return SUFFIXES[suffix]


def _part_of(relative: Path) -> str | None:
    """The part that a path names; the file's own name counts more than its folders'."""
    for component in reversed(relative.parts):
        found = {PART_NAMES[match.lower()] for match in _TOKEN.findall(component)}
        if found:  # "train_test.csv" names no part
            return found.pop() if len(found) == 1 else None
    return None


def _walk(folder: Path) -> list[Path]:
    """All files below a folder in order, without hidden ones and `__MACOSX` and its like."""
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        found += (Path(root, name) for name in sorted(names) if not name.startswith("."))
    return found


def _sort_folder(folder: Path) -> tuple[dict[str, list[Path]], list[str]]:
    everything = _walk(folder)
    files = [file for file in everything if _suffix(file) in SUFFIXES]
    if not files:
        raise UserError(
            f"the folder {'holds no file that can be read as data' if everything else 'is empty'}",
            place=str(folder),
            remedy="supported: " + ", ".join(SUFFIXES) + ", or texts as PART/LABEL/*.txt",
        )
    parts: dict[str, list[Path]] = {}
    for file in files:
        parts.setdefault(_part_of(file.relative_to(folder)) or "", []).append(file)
    unnamed = parts.pop("", [])
    if not parts:
        parts, unnamed = {"train": unnamed}, []
    # another format matters only where its name says that it is a part
    others = (file for file in everything if _suffix(file) not in SUFFIXES)
    unnamed += (file for file in others if _part_of(file.relative_to(folder)))
    return parts, [_left_out(unnamed, folder)] if unnamed else []


def _left_out(files: Sequence[Path], folder: Path) -> str:
    names = [str(file.relative_to(folder)) for file in files]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"left out (no part in the name, or no supported format): {', '.join(names[:5])}{more}"


def _missing(path: Path) -> UserError:
    near = None
    if path.parent.is_dir():
        near = nearest(path.name, [entry.name for entry in path.parent.iterdir()])
    return UserError(
        f"no file or folder '{path.name}'",
        place=str(path),
        remedy=f"did you mean '{path.parent / near}'?" if near else "give the path of the data",
    )


def _read_part(name: str, files: Sequence[Path]) -> Part:
    formats = {_format_of(file) for file in files}
    origin = str(files[0] if len(files) == 1 else os.path.commonpath([f.parent for f in files]))
    if len(formats) > 1 or len({str(file).removesuffix(".gz") for file in files}) < len(files):
        shown = " and ".join(sorted({_suffix(file) for file in files}))
        raise UserError(
            f"the {name} part has files of more than one kind: {shown}",
            place=", ".join(str(file) for file in files[:5]),
            remedy="keep one format in each part",
        )
    for file in files:
        if file.stat().st_size == 0:
            raise UserError("the file is empty", place=str(file), remedy="fill or remove it")
        if file.suffix.lower() == ".gz" and set(file.name) & set("[]"):
            # `datasets` makes a URL of the name, where a bracket starts an address
            cause = "a compressed file with a bracket in its name cannot be read"
            raise UserError(cause, place=str(file), remedy="rename or unpack it")
    table = _load(name, files, formats.pop(), origin)
    return Part(name, table, origin)


def _load(name: str, files: Sequence[Path], file_format: str, origin: str) -> Any:
    """The files as one `datasets.Dataset`, which `datasets` keeps in its cache."""
    try:
        table = _try_load(name, files, file_format)
    except Exception as error:  # `datasets` raises what pandas, pyarrow and gzip raise
        if "corresponds to no data" in str(error):
            cause = f"the {name} part has no rows"
            raise UserError(cause, place=origin, remedy="add rows") from None
        raise _broken(name, files, file_format, origin, error) from error
    if "__index_level_0__" in table.column_names:
        # pandas takes the first column for row names when rows are longer than the header
        raise UserError(
            "a row has more fields than the header",
            place=origin,
            remedy="put fields that hold the separator in double quotes",
        )
    return table


def _try_load(name: str, files: Sequence[Path], file_format: str) -> Any:
    import datasets

    builder, options = _FORMATS[file_format]
    # the builders take patterns: a name with a bracket must stand for itself
    patterns = [glob.escape(str(file.absolute())) for file in files]
    with quiet():
        return datasets.load_dataset(builder, data_files={name: patterns}, split=name, **options)


def _broken(
    name: str, files: Sequence[Path], file_format: str, origin: str, error: Exception
) -> UserError:
    cause, place = one_line(error), origin
    for file in files if len(files) > 1 else ():
        try:
            _try_load(name, [file], file_format)
        except Exception as own:
            cause, place = one_line(own), str(file)
            break
    remedy = "mend the file, or make it anew"
    if len(files) > 1 and place == origin:
        cause, remedy = f"the files do not fit together: {cause}", "give all files the same columns"
    elif "codec can't decode" in cause:
        remedy = "save the file as UTF-8"
    return UserError(f"the {name} part cannot be read: {cause}", place=place, remedy=remedy)
