"""File suffixes and the formats that they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seqlab.errors import UserError

_TEXT_FORMATS: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".psv": "csv",
    ".data": "csv",
    ".dat": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".txt": "text",
    ".conllu": "conllu",
    ".conll": "conll",
    ".conllx": "conll",
    ".conllup": "conll",
    ".cupt": "conll",
    ".iob": "conll",
    ".iob2": "conll",
    ".bio": "conll",
    ".bioes": "conll",
    ".tagged": "conll",
    ".ts": "ts",
    ".arff": "arff",
}
_BINARY_FORMATS: Mapping[str, str] = {
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
}
DOCUMENTS = ("readme", "license", "licence", "copying", "notice", "changelog")
"""Names of files about the data, without their suffix."""

HIDDEN = (".", "__")
"""How the names of files and folders begin that are not data, such as `.DS_Store`, `__MACOSX`."""

COMPRESSED = (".gz", ".xz", ".bz2", ".zip")
"""The suffixes of compressed text files."""

SUFFIXES: Mapping[str, str] = {
    **{suffix + end: name for suffix, name in _TEXT_FORMATS.items() for end in ("", *COMPRESSED)},
    **_BINARY_FORMATS,
}
"""The supported suffixes and the format of each."""

SUPPORTED = (
    f"supported: {', '.join((*_TEXT_FORMATS, *_BINARY_FORMATS))}; those of text also with "
    f"{', '.join(COMPRESSED)}; a .zip or .tar.gz of them"
)


_ADVICE: Mapping[str, str] = {
    **dict.fromkeys(
        (".xls", ".xlsb", ".ods", ".numbers"), "save it in a spreadsheet program as .xlsx or .csv"
    ),
    **dict.fromkeys(
        (".pkl", ".pickle", ".rds", ".rda", ".dta", ".sav", ".h5", ".hdf5", ".npy", ".npz", ".pt"),
        "write it as .csv or .parquet with the program that wrote it",
    ),
    **dict.fromkeys((".db", ".sqlite", ".sqlite3", ".sql"), "export the table as .csv"),
    **dict.fromkeys((".7z", ".rar", ".tar.zst", ".zst"), "unpack it, and give the folder or file"),
    **dict.fromkeys((".pdf", ".doc", ".docx", ".odt", ".rtf"), "save the text as .txt"),
    "": "give it the suffix of its format",
}


def suffix_of(path: Path) -> str:
    """The last suffix in lower case; that of a compressed file with the suffix before it."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    is_compressed = suffixes[-1:] and suffixes[-1] in COMPRESSED
    return "".join(suffixes if is_compressed else suffixes[-1:])


def format_of(path: Path) -> str:
    """The format that the suffix of a file stands for.

    Raises:
        UserError: The suffix is not supported.
    """
    suffix = suffix_of(path)
    if suffix not in SUFFIXES:
        files = f"files with the suffix '{suffix}'" if suffix else "files without a suffix"
        remedy = f"{advice}; {SUPPORTED}" if (advice := _ADVICE.get(suffix)) else SUPPORTED
        raise UserError(f"{files} cannot be read as data", location=str(path), remedy=remedy)
    return SUFFIXES[suffix]
