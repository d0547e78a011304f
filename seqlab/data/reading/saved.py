"""Folders that were written by `save_to_disk` of the library `datasets`."""

from __future__ import annotations

from pathlib import Path

from seqlab.data.decisions import Decision
from seqlab.data.reading.library import one_line, quiet
from seqlab.data.reading.naming import splits_of_tables
from seqlab.data.split import Split
from seqlab.errors import UserError


def is_saved(path: Path) -> bool:
    """Whether a folder was written by `Dataset.save_to_disk` or `DatasetDict.save_to_disk`."""
    is_dataset = all((path / name).is_file() for name in ("state.json", "dataset_info.json"))
    return is_dataset or (path / "dataset_dict.json").is_file()


def read_saved(path: Path) -> tuple[dict[str, Split], list[Decision]]:
    """Open the splits of a saved data set, which stay on disk.

    A saved `datasets.Dataset` is a training split.

    Returns:
        The splits by name, and what was decided.

    Raises:
        UserError: The folder is damaged, or no table has the name of a split.
    """
    import datasets

    try:
        with quiet():
            saved = datasets.load_from_disk(str(path))
    except Exception as error:  # `datasets` passes on errors of json, pyarrow and the system
        raise UserError(
            f"the saved data set cannot be read: {one_line(error)}",
            location=str(path),
            remedy="save it again with `save_to_disk`",
        ) from error
    if isinstance(saved, datasets.Dataset):
        return {"train": Split("train", saved, str(path))}, []
    return splits_of_tables(saved, str(path))
