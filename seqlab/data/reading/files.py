"""Splits of local files: one file, or a folder of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from seqlab.config.data_settings import DEFAULTS, DataSettings
from seqlab.data.checking.findings import Finding
from seqlab.data.decisions import Decision
from seqlab.data.reading.arrow.files import read_arrow_files
from seqlab.data.reading.delimited.file import SEPARATORS
from seqlab.data.reading.formats import (
    COMPRESSED,
    DOCUMENTS,
    HIDDEN,
    SUFFIXES,
    SUPPORTED,
    format_of,
    suffix_of,
)
from seqlab.data.reading.naming import file_order, ordered, split_named_in
from seqlab.data.reading.records.fasttext import is_fasttext
from seqlab.data.reading.records.files import ROW_FORMATS, read_row_files, sheets_by_split
from seqlab.data.reading.shards import missing_shards
from seqlab.data.reading.tables import read_delimited, read_texts
from seqlab.data.reading.tagged.content import holds_sentences, refuse_webanno
from seqlab.data.reading.tagged.sentences import read_sentences
from seqlab.data.reading.whole_texts import read_whole
from seqlab.data.split import Split
from seqlab.errors import UserError, listed, nearest

_ReadSplit: TypeAlias = tuple[Split, list[Decision], list[Finding]]


class ReadFiles(NamedTuple):
    """What was read from files.

    Args:
        splits: The splits by name.
        decisions: What was decided.
        findings: Errors and unusual values in lines and rows.
    """

    splits: dict[str, Split]
    decisions: list[Decision]
    findings: Sequence[Finding] = ()


def read_files(path: str | Path, settings: DataSettings = DEFAULTS) -> ReadFiles:
    """Read the splits of a file, or of all files in a folder and its sub-folders.

    Args:
        path: A file or a folder. A name such as "train", "dev" or "test" in the path of a file
            below the folder assigns it to a split; without any such name, all files are training.
        settings: The options of the data.

    Raises:
        UserError: A path, a format or a content that cannot be read.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        files, decisions = _sort_folder(path)
    elif path.is_file():
        if format_by_suffix(path) == "xlsx" and (sheets := sheets_by_split(path, settings)):
            return ReadFiles(sheets, [])
        files, decisions = {split_named_in(Path(path.name)) or "train": [path]}, []
    else:
        raise _not_found(path)
    splits: dict[str, Split] = {}
    findings: list[Finding] = []
    for name in ordered(files):
        splits[name], more, odd = _read_split(name, files[name], settings)
        decisions += [decision for decision in more if decision not in decisions]
        findings += odd
    return ReadFiles(splits, decisions, findings)


def _walk(folder: Path) -> list[Path]:
    """All files below a folder in order, without hidden ones and folders such as `__MACOSX`."""
    files: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted((f for f in folders if not f.startswith(HIDDEN)), key=file_order)
        visible = sorted((name for name in names if not name.startswith(".")), key=file_order)
        files += (Path(root, name) for name in visible)
    return files


def _sort_folder(folder: Path) -> tuple[dict[str, list[Path]], list[Decision]]:
    """The data files of a folder by split, and what was decided about the others."""
    everything = _walk(folder)
    files = [file for file in everything if _is_data(file) or _is_tagged_split(file, folder)]
    if not files:
        raise UserError(
            f"the folder {'holds no file that can be read as data' if everything else 'is empty'}",
            location=str(folder),
            remedy=f"{SUPPORTED}; texts as LABEL/*.txt or SPLIT/LABEL/*.txt",
        )
    splits: dict[str, list[Path]] = {}
    for file in files:
        splits.setdefault(split_named_in(file.relative_to(folder)) or "", []).append(file)
    unnamed = splits.pop("", [])
    if not splits:
        splits, unnamed = {"train": unnamed}, []
    splits, texts = _without_texts(splits)
    # an unsupported format is worth a notice only if its name says that it is a split
    others = (f for f in everything if suffix_of(f) not in SUFFIXES and f not in files)
    unsupported = [file for file in others if split_named_in(file.relative_to(folder))]
    unused = unnamed + texts + unsupported
    decisions = [_unused(unused, folder)] if unused else []
    if missing := missing_shards(files):
        decisions.append(Decision("missing shards", listed(missing, 5)))
    return splits, decisions


def _is_data(file: Path) -> bool:
    suffix = suffix_of(file)
    is_document = suffix == ".txt" and file.stem.lower() in DOCUMENTS
    return suffix in SUFFIXES and not is_document


def _is_tagged_split(file: Path, folder: Path) -> bool:
    """Whether a file with another suffix holds the tagged words of a split, such as eng.testa."""
    is_split = suffix_of(file) not in SUFFIXES and split_named_in(file.relative_to(folder))
    return bool(is_split) and holds_sentences(file, None)


def _without_texts(
    splits: Mapping[str, list[Path]],
) -> tuple[dict[str, list[Path]], list[Path]]:
    """Separate plain texts from other formats: they are notes or a copy without labels."""
    kept: dict[str, list[Path]] = {}
    texts: list[Path] = []
    for name, files in splits.items():
        tables = [file for file in files if format_by_suffix(file) != "text"]
        kept[name] = tables or files
        texts += (file for file in files if file not in set(kept[name]))
    return kept, texts


def _unused(files: Sequence[Path], folder: Path) -> Decision:
    names = [str(file.relative_to(folder)) for file in files]
    return Decision("left out (no split in the name, or no supported format)", listed(names, 5))


def _not_found(path: Path) -> UserError:
    near = None
    if path.parent.is_dir():
        near = nearest(path.name, [entry.name for entry in path.parent.iterdir()])
    return UserError(
        f"no file or folder '{path.name}'",
        location=str(path),
        remedy=f"did you mean '{path.parent / near}'?" if near else "give the path of the data",
    )


def _read_split(name: str, files: Sequence[Path], settings: DataSettings) -> _ReadSplit:
    origin = str(files[0] if len(files) == 1 else os.path.commonpath([f.parent for f in files]))
    file_format = _common_format(name, files)
    for file in files:
        if file.stat().st_size == 0:
            raise UserError("the file is empty", location=str(file), remedy="fill or remove it")
    file_format, noted = format_by_content(files[0], file_format, settings)
    decisions: list[Decision] = []
    findings: list[Finding] = []
    if file_format in SEPARATORS:
        split, decisions, findings = read_delimited(name, files, file_format, origin, settings)
    elif file_format == "text" and not settings.whole:
        split, decisions = read_texts(name, files, origin, settings)
    elif file_format in ("conllu", "conll"):
        is_conllu = file_format == "conllu"
        columns, decisions = read_sentences(files, settings.encoding, conllu=is_conllu)
        split = Split(name, columns, origin)
    elif file_format == "text":
        texts = (read_whole(file, settings.encoding) for file in files)
        split = Split(name, {"text": [text for text in texts if len(text)]}, origin)
    elif file_format in (*ROW_FORMATS, "fasttext"):
        split, decisions = read_row_files(name, files, file_format, origin, settings)
    else:
        split = Split(name, read_arrow_files(files, file_format), origin)
    if len(split) == 0:
        raise UserError(f"the {name} split has no rows", location=origin, remedy="add rows")
    return split, [*noted, *decisions], findings


def format_by_content(
    file: Path, file_format: str, settings: DataSettings
) -> tuple[str, list[Decision]]:
    """The format of a file whose content is clear although its suffix says less.

    Raises:
        UserError: The content is of a format that is not supported.
    """
    is_text = file_format == "text" and not settings.whole
    if is_text or file_format in ("tsv", "conll"):
        refuse_webanno(file, settings.encoding)
    if is_text and is_fasttext(file, settings.encoding):
        return "fasttext", []
    is_table = file_format == "tsv" and all(
        getattr(settings, name) == getattr(DEFAULTS, name)
        for name in ("separator", "quoting", "header")
    )
    is_tagged = (is_text or is_table) and holds_sentences(file, settings.encoding)
    if is_tagged or (suffix_of(file) not in SUFFIXES and file_format == "conll"):
        kind = f"{suffix} file" if (suffix := suffix_of(file)) else "file without a suffix"
        choice = f"one word per line with its tags, by the content of the {kind}"
        return "conll", [Decision("format", choice)]
    return file_format, []


def format_by_suffix(file: Path) -> str:
    """The format by the suffix; with another suffix, a file can hold tagged words.

    Raises:
        UserError: The suffix is not supported.
    """
    if suffix_of(file) not in SUFFIXES and holds_sentences(file, None):
        return "conll"
    return format_of(file)


def _common_format(name: str, files: Sequence[Path]) -> str:
    formats = {format_by_suffix(file) for file in files}
    if len(formats) > 1 or len({_unpacked(file) for file in files}) < len(files):
        suffixes = " and ".join(sorted({suffix_of(file) for file in files}))
        raise UserError(
            f"the {name} split has files of more than one kind: {suffixes}",
            location=listed(map(str, files), 5),
            remedy="keep one format in each split",
        )
    return formats.pop()


def _unpacked(file: Path) -> Path:
    """The path of a file without the suffix of its compression."""
    return file.with_suffix("") if file.suffix.lower() in COMPRESSED else file
