from __future__ import annotations

from pathlib import Path

import pytest

from seqlab.data.decisions import notices_of
from seqlab.data.reading.saved import is_saved, read_saved
from seqlab.errors import UserError

ROWS = [{"text": "a", "label": 1}, {"text": "b", "label": 0}]


def save(folder: Path, *splits: str) -> Path:
    import datasets

    from seqlab.data.reading.library import quiet

    table = datasets.Dataset.from_list(ROWS)
    with quiet():
        if splits:
            datasets.DatasetDict(dict.fromkeys(splits, table)).save_to_disk(folder)
        else:
            table.save_to_disk(folder)
    return folder


def test_a_saved_dataset(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "one")
    assert is_saved(path)
    splits, decisions = read_saved(path)
    assert list(splits) == ["train"]
    assert [splits["train"][row] for row in range(2)] == ROWS
    assert (splits["train"].origin, decisions) == (str(path), [])
    assert capfd.readouterr() == ("", "")


def test_a_saved_dataset_dict(tmp_path: Path) -> None:
    path = save(tmp_path / "all", "dev", "train", "unsupervised")
    assert is_saved(path)
    splits, decisions = read_saved(path)
    assert {name: len(split) for name, split in splits.items()} == {"train": 2, "validation": 2}
    assert notices_of(decisions) == [f"left out of '{path}': unsupervised"]
    with pytest.raises(UserError, match="no train, validation or test split, only: extra"):
        read_saved(save(tmp_path / "extra", "extra"))


def test_folders_that_are_not_saved_data_sets(tmp_path: Path) -> None:
    assert not is_saved(tmp_path)
    assert not is_saved(tmp_path / "missing")
    (tmp_path / "state.json").write_text("{}")
    assert not is_saved(tmp_path)


def test_a_damaged_folder_is_reported(tmp_path: Path) -> None:
    path = save(tmp_path / "one")
    next(path.glob("*.arrow")).write_bytes(b"?")
    with pytest.raises(UserError, match=r"cannot be read: .") as caught:
        read_saved(path)
    assert caught.value.location == str(path)
