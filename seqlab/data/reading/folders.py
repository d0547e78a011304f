"""Folders of texts as SPLIT/LABEL/*.txt, the layout of the original `aclImdb` archive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seqlab.data.decisions import Decision
from seqlab.data.lines import read_text
from seqlab.data.reading.naming import SPLIT_NAMES, ordered
from seqlab.data.split import Split
from seqlab.errors import UserError

_UNLABELLED = ("unsup", "unsupervised")


def is_text_tree(path: str | Path) -> bool:
    """Whether a folder holds texts as SPLIT/LABEL/*.txt."""
    return any(True for _ in _label_folders(Path(path).expanduser()))


def read_text_tree(
    path: str | Path, encoding: str | None = None
) -> tuple[dict[str, Split], list[Decision]]:
    """Read the splits of a text tree, with the columns "text" and "label" (the folder's name).

    Args:
        path: The folder that holds the folders of the splits.
        encoding: The encoding of the texts; None for UTF-8 or that of the byte order mark.

    Returns:
        The splits by name, and what was decided.

    Raises:
        UserError: There are no labelled texts, or a file is not UTF-8.
    """
    path = Path(path).expanduser()
    columns: dict[str, dict[str, list[str]]] = {}
    decisions: list[Decision] = []
    for name, folder in _label_folders(path):
        files = sorted(folder.glob("*.txt"))
        if folder.name.lower() in _UNLABELLED:
            relative = folder.relative_to(path).as_posix()
            decisions.append(
                Decision(f"{relative} left out", f"{len(files)} texts without a label")
            )
            continue
        table = columns.setdefault(name, {"text": [], "label": []})
        table["text"] += (read_text(file, encoding).rstrip("\n") for file in files)
        table["label"] += [folder.name] * len(files)
    if not columns:
        raise UserError(
            "the folder holds no labelled texts",
            location=str(path),
            remedy="arrange them as SPLIT/LABEL/*.txt, such as train/pos/1.txt",
        )
    return {name: Split(name, columns[name], str(path)) for name in ordered(columns)}, decisions


def _label_folders(path: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name of a split and one of its label folders, in order."""
    if not path.is_dir():
        return
    for split_folder in sorted(path.iterdir()):
        name = SPLIT_NAMES.get(split_folder.name.lower())
        if name is None or not split_folder.is_dir():
            continue
        for folder in sorted(split_folder.iterdir()):
            if folder.is_dir() and next(folder.glob("*.txt"), None) is not None:
                yield name, folder
