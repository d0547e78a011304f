"""Folders of texts as SPLIT/LABEL/*.txt or LABEL/*.txt, one text per file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqlab.data.decisions import Decision
from seqlab.data.reading.formats import DOCUMENTS, HIDDEN, SUFFIXES, format_of, suffix_of
from seqlab.data.reading.naming import SPLIT_NAMES, ordered, split_named_in
from seqlab.data.reading.whole_texts import read_document
from seqlab.data.split import Columns, Split
from seqlab.data.text_files.long_text import LongText
from seqlab.errors import UserError, listed

_UNLABELLED = ("unsup", "unsupervised")

_START = 1024
"""Bytes by which texts are told from other files."""


@dataclass(frozen=True)
class TextTree:
    """A folder of texts.

    Args:
        path: The folder.
        folders: The folders of the labels of each split.
        has_splits: Whether the folder divides the texts into splits.
    """

    path: Path
    folders: dict[str, list[Path]]
    has_splits: bool


def find_text_tree(path: str | Path) -> TextTree | None:
    """Find texts as SPLIT/LABEL/* or LABEL/* in a folder, or in the only folder below it.

    The texts of a label are its .txt files, or all files if there are none with a suffix that is
    known, as in the archives of 20 Newsgroups.

    Returns:
        The tree, or None if the folder has another layout.
    """
    path = Path(path).expanduser()
    while path.is_dir():
        splits = _splits(path)
        if splits:
            return TextTree(path, splits, has_splits=True)
        labels = _labels(path)
        if labels:
            return TextTree(path, {"train": labels}, has_splits=False)
        below = [entry for entry in _visible(path) if not _is_document(entry)]
        if len(below) != 1:
            return None
        path = below[0]
    return None


def read_text_tree(
    tree: TextTree, *, encoding: str | None = None, whole: bool = False
) -> tuple[dict[str, Split], list[Decision]]:
    """Read the splits of a text tree, with the columns "text" and "label" (the folder's name).

    Args:
        tree: The result of `find_text_tree`.
        encoding: The encoding of the texts; UTF-8 if None.
        whole: Whether line ends are kept as they are, and large texts stay on disk.

    Returns:
        The splits by name, and what was decided.

    Raises:
        UserError: There are no labelled texts, or a file cannot be decoded.
    """
    columns: dict[str, Columns] = {}
    decisions: list[Decision] = []
    for name, folders in tree.folders.items():
        labelled = [folder for folder in folders if folder.name.lower() not in _UNLABELLED]
        for folder in folders:
            if folder not in labelled:
                relative = folder.relative_to(tree.path).as_posix()
                count = len(texts_in(folder))
                text = f"{relative}, {count} texts without a label"
                decisions.append(Decision("left out", text))
        if labelled:
            columns[name] = _read(labelled, encoding, whole=whole)
    if not columns:
        raise UserError(
            "the folder holds no labelled texts",
            location=str(tree.path),
            remedy="arrange them as SPLIT/LABEL/*.txt, such as train/pos/1.txt",
        )
    if not tree.has_splits:
        decisions.append(_labels_decision(tree.folders["train"]))
    origin = str(tree.path)
    return {name: Split(name, columns[name], origin) for name in ordered(columns)}, decisions


def texts_in(folder: Path) -> list[Path]:
    """The texts of a folder in order: its .txt files, or else all files without a known suffix."""
    files = [entry for entry in _visible(folder) if entry.is_file() and not _is_document(entry)]
    texts = [file for file in files if SUFFIXES.get(suffix_of(file)) == "text"]
    return texts or [file for file in files if suffix_of(file) not in SUFFIXES]


def _read(folders: Sequence[Path], encoding: str | None, *, whole: bool) -> Columns:
    columns: dict[str, list[str | LongText]] = {"text": [], "label": []}
    for folder in folders:
        for file in texts_in(folder):
            columns["text"].append(read_document(file, encoding, whole=whole))
            columns["label"].append(folder.name)
    return columns


def _labels_decision(folders: Sequence[Path]) -> Decision:
    names = [folder.name for folder in folders]
    return Decision("labels", f"the names of the folders, {listed(names, 5)}")


def _splits(path: Path) -> dict[str, list[Path]]:
    """The label folders of each split, where the names of folders say that there are splits."""
    folders = [entry for entry in _visible(path) if entry.is_dir()]
    exact = {folder: SPLIT_NAMES.get(folder.name.lower()) for folder in folders}
    similar = {folder: split_named_in(Path(folder.name)) for folder in folders}
    for names in (exact, similar):
        splits: dict[str, list[Path]] = {}
        for folder, name in names.items():
            if name is not None and (labels := _label_folders(folder)):
                splits.setdefault(name, []).extend(labels)
        if splits:
            return splits
    return {}


def _labels(path: Path) -> list[Path]:
    """The label folders of a folder that holds nothing else; empty for another layout."""
    entries = [entry for entry in _visible(path) if not _is_document(entry)]
    folders = [entry for entry in entries if entry.is_dir()]
    has_data = any(entry.is_file() and suffix_of(entry) in SUFFIXES for entry in entries)
    if has_data or any(split_named_in(Path(folder.name)) for folder in folders):
        return []
    labels = _label_folders(path)
    return labels if len(labels) > 1 else []


def _label_folders(folder: Path) -> list[Path]:
    return [entry for entry in _visible(folder) if entry.is_dir() and _holds_texts(entry)]


def _holds_texts(folder: Path) -> bool:
    first = next(iter(texts_in(folder)), None)
    if first is None:
        return False
    if suffix_of(first) in SUFFIXES:
        return format_of(first) == "text"
    with first.open("rb") as file:
        return b"\0" not in file.read(_START)


def _visible(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if not entry.name.startswith(HIDDEN):
            yield entry


def _is_document(entry: Path) -> bool:
    """Whether a file is about the data: a readme or a licence, whatever its suffix."""
    return entry.name.lower().split(".")[0] in DOCUMENTS and not entry.is_dir()
