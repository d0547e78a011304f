"""Folders that `datasets` wrote with `save_to_disk`."""

from __future__ import annotations

from pathlib import Path

from seqlab.data.reading.naming import splits_of_tables
from seqlab.data.reading.tables import one_line, quiet
from seqlab.data.split import Split
from seqlab.errors import UserError

_OF_ALL, _OF_ONE = "dataset_dict.json", "state.json"


def is_saved(path: Path) -> bool:
    """Whether a folder was written by `Dataset.save_to_disk` or `DatasetDict.save_to_disk`."""
    one = (path / _OF_ONE).is_file() and (path / "dataset_info.json").is_file()
    return one or (path / _OF_ALL).is_file()


def read_saved(path: Path) -> tuple[dict[str, Split], list[str]]:
    """The splits of a saved set, which stay on disk; a single table is all training.

    Returns:
        The splits by name, and notices for the user.

    Raises:
        UserError: The folder is broken, or has no split that is known here.
    """
    import datasets

    try:
        with quiet():
            found = datasets.load_from_disk(str(path))
    except Exception as error:  # `datasets` raises what json, pyarrow and the system raise
        raise UserError(
            f"the saved data set cannot be read: {one_line(error)}",
            location=str(path),
            remedy="save it anew with `save_to_disk`",
        ) from error
    if isinstance(found, datasets.Dataset):
        return {"train": Split("train", found, str(path))}, []
    return splits_of_tables(found, str(path))
