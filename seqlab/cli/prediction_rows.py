"""Check of the file whose rows are predicted."""

from __future__ import annotations

from pathlib import Path

from seqlab.errors import UserError, nearest


def check_input(source: str) -> None:
    """Check that an input can be read, before a model is loaded.

    A folder may hold the series to forecast; `refuse_folder` is for all other tasks.

    Raises:
        UserError: There is no such file, or its format is not supported.
    """
    if source == "-":
        return
    from seqlab.data.reading.rows import format_of_rows

    path = Path(source)
    if path.is_dir():
        return
    if not path.exists():
        names = [file.name for file in path.parent.glob("*")] if path.parent.is_dir() else []
        near = nearest(path.name, names)
        raise UserError(
            f"there is no file '{path}'",
            location="--input",
            remedy=f"did you mean '{path.parent / near}'?" if near else "give a file",
        )
    format_of_rows(path)


def refuse_folder(source: object) -> None:
    """Check that rows are not to be read from a folder.

    Raises:
        UserError: The source is a folder.
    """
    if isinstance(source, str) and source != "-" and Path(source).is_dir():
        raise UserError(f"'{source}' is a folder", location="--input", remedy="give a file")


def is_input(text: str) -> bool:
    """Whether a text is the name of a file that can be read."""
    return is_name(text) and Path(text).is_file()


def is_name(text: str) -> bool:
    """Whether a text ends like the name of a file that can be read."""
    from seqlab.data.reading.archives import SUFFIXES as ARCHIVES
    from seqlab.data.reading.formats import SUFFIXES

    return text.lower().endswith((*SUFFIXES, *ARCHIVES))
