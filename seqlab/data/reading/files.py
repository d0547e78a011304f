"""Local files as parts: one file, or a folder of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from seqlab.data.lines import read_whole
from seqlab.data.long_text import LongText, open_long
from seqlab.data.reading.formats import SUFFIXES, SUPPORTED, format_of, suffix_of
from seqlab.data.reading.naming import ordered, split_named_in
from seqlab.data.reading.sentences import read_conllu, read_tagged
from seqlab.data.reading.tables import read_table
from seqlab.data.split import Columns, Split
from seqlab.errors import UserError, nearest

LONG = 64 << 20
"""Bytes from which on a whole text is not kept in memory."""

_NO_DATA = ("readme", "license", "licence", "copying", "notice", "changelog")
"""What .txt files beside the data are called, without their suffix."""


def read_files(path: str | Path, *, whole: bool = False) -> tuple[dict[str, Split], list[str]]:
    """The splits in a file, or in all files of a folder and its sub-folders.

    Args:
        path: A file or a folder. Names such as "train", "dev" and "test" in the path of a file
            below the folder say which split it is; where no name says so, all is training.
        whole: A .txt file is one row with its line ends as they are, instead of a row a line.

    Returns:
        The splits by name, and notices for the user.

    Raises:
        UserError: A path, a format or a content that cannot be read.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        chosen, notices = _sort_folder(path)
    elif path.is_file():
        format_of(path)
        chosen, notices = {split_named_in(Path(path.name)) or "train": [path]}, []
    else:
        raise _missing(path)
    splits = {name: _read_split(name, chosen[name], whole=whole) for name in ordered(chosen)}
    return splits, notices


def _walk(folder: Path) -> list[Path]:
    """All files below a folder in order, without hidden ones and `__MACOSX` and its like."""
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        found += (Path(root, name) for name in sorted(names) if not name.startswith("."))
    return found


def _sort_folder(folder: Path) -> tuple[dict[str, list[Path]], list[str]]:
    everything = _walk(folder)
    files = [file for file in everything if _is_data(file)]
    if not files:
        raise UserError(
            f"the folder {'holds no file that can be read as data' if everything else 'is empty'}",
            location=str(folder),
            remedy=f"{SUPPORTED}; texts as SPLIT/LABEL/*.txt",
        )
    splits: dict[str, list[Path]] = {}
    for file in files:
        splits.setdefault(split_named_in(file.relative_to(folder)) or "", []).append(file)
    unnamed = splits.pop("", [])
    if not splits:
        splits, unnamed = {"train": unnamed}, []
    splits, texts = _without_texts(splits)
    # another format matters only where its name says that it is a part
    others = (file for file in everything if suffix_of(file) not in SUFFIXES)
    left = unnamed + texts + [file for file in others if split_named_in(file.relative_to(folder))]
    return splits, [_left_out(left, folder)] if left else []


def _is_data(file: Path) -> bool:
    suffix = suffix_of(file)
    described = suffix == ".txt" and file.stem.lower() in _NO_DATA
    return suffix in SUFFIXES and not described


def _without_texts(
    splits: Mapping[str, list[Path]],
) -> tuple[dict[str, list[Path]], list[Path]]:
    """Plain texts beside another format are notes or a copy without labels, not rows."""
    kept: dict[str, list[Path]] = {}
    left: list[Path] = []
    for name, files in splits.items():
        other = [file for file in files if format_of(file) != "text"]
        kept[name] = other or files
        left += (file for file in files if file not in set(kept[name]))
    return kept, left


def _left_out(files: Sequence[Path], folder: Path) -> str:
    names = [str(file.relative_to(folder)) for file in files]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"left out (no split in the name, or no supported format): {', '.join(names[:5])}{more}"


def _missing(path: Path) -> UserError:
    near = None
    if path.parent.is_dir():
        near = nearest(path.name, [entry.name for entry in path.parent.iterdir()])
    return UserError(
        f"no file or folder '{path.name}'",
        location=str(path),
        remedy=f"did you mean '{path.parent / near}'?" if near else "give the path of the data",
    )


def _read_split(name: str, files: Sequence[Path], *, whole: bool) -> Split:
    formats = {format_of(file) for file in files}
    origin = str(files[0] if len(files) == 1 else os.path.commonpath([f.parent for f in files]))
    if len(formats) > 1 or len({str(file).removesuffix(".gz") for file in files}) < len(files):
        shown = " and ".join(sorted({suffix_of(file) for file in files}))
        raise UserError(
            f"the {name} split has files of more than one kind: {shown}",
            location=", ".join(str(file) for file in files[:5]),
            remedy="keep one format in each split",
        )
    for file in files:
        if file.stat().st_size == 0:
            raise UserError("the file is empty", location=str(file), remedy="fill or remove it")
    file_format = formats.pop()
    if file_format not in ("conllu", "conll") and not (whole and file_format == "text"):
        return Split(name, read_table(name, files, file_format, origin), origin)
    columns = _columns(files, file_format)
    if not any(columns.values()):
        raise UserError(f"the {name} split has no rows", location=origin, remedy="add rows")
    return Split(name, columns, origin)


def _columns(files: Sequence[Path], file_format: str) -> Columns:
    if file_format == "conllu":
        return read_conllu(files)
    if file_format == "conll":
        return read_tagged(files)
    return {"text": [text for text in map(_whole, files) if len(text)]}


def _whole(file: Path) -> str | LongText:
    """A text that does not fit into memory well stays where it is."""
    long = file.stat().st_size >= LONG and suffix_of(file) == ".txt"
    return open_long(file) if long else read_whole(file)
