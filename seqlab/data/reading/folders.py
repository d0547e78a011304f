"""Texts as SPLIT/LABEL/*.txt, the layout of the original `aclImdb` archive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seqlab.data.reading.naming import SPLIT_NAMES, ordered
from seqlab.data.split import Split
from seqlab.errors import UserError

_UNLABELLED = ("unsup", "unsupervised")


def is_text_tree(path: str | Path) -> bool:
    """Whether a folder holds texts as SPLIT/LABEL/*.txt."""
    return any(True for _ in _label_folders(Path(path).expanduser()))


def read_text_tree(path: str | Path) -> tuple[dict[str, Split], list[str]]:
    """The splits of a text tree, with the columns "text" and "label" (the folder's name).

    Args:
        path: The folder that holds the folders of the splits.

    Returns:
        The splits by name, and notices for the user.

    Raises:
        UserError: There is no text, or a file is not UTF-8.
    """
    path = Path(path).expanduser()
    columns: dict[str, dict[str, list[str]]] = {}
    notices: list[str] = []
    for split, folder in _label_folders(path):
        texts = sorted(folder.glob("*.txt"))
        if folder.name.lower() in _UNLABELLED:
            relative = folder.relative_to(path).as_posix()
            notices.append(f"{relative} left out: {len(texts)} texts without a label")
            continue
        table = columns.setdefault(split, {"text": [], "label": []})
        table["text"] += (_read_text(file) for file in texts)
        table["label"] += [folder.name] * len(texts)
    if not columns:
        raise UserError(
            "the folder holds no labelled texts",
            location=str(path),
            remedy="lay them out as SPLIT/LABEL/*.txt, such as train/pos/1.txt",
        )
    return {name: Split(name, columns[name], str(path)) for name in ordered(columns)}, notices


def _label_folders(path: Path) -> Iterator[tuple[str, Path]]:
    """Each part's name with one of its label folders, in order."""
    if not path.is_dir():
        return
    for split in sorted(path.iterdir()):
        name = SPLIT_NAMES.get(split.name.lower())
        if name is None or not split.is_dir():
            continue
        for folder in sorted(split.iterdir()):
            if folder.is_dir() and next(folder.glob("*.txt"), None) is not None:
                yield name, folder


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig").rstrip("\n")
    except UnicodeDecodeError as error:
        raise UserError(
            f"the text is not UTF-8: byte {error.start} is 0x{error.object[error.start]:02x}",
            location=str(file),
            remedy="save the file as UTF-8",
        ) from None
