"""Files and folders that are complete or absent."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from seqlab.files.writing import (
    UNFINISHED,
    atomic_file,
    atomic_folder,
    remove_unfinished,
    seal,
    unseal,
    write_text,
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "one")
    write_text(path, "two")
    assert path.read_text() == "two"
    assert names(tmp_path) == ["a.txt"]


def test_an_error_keeps_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "one")
    with pytest.raises(KeyError), atomic_file(path) as unfinished:
        unfinished.write_text("two")
        raise KeyError
    assert path.read_text() == "one"
    assert names(tmp_path) == ["a.txt"]


def test_a_folder_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a"
    for text in ("one", "two"):
        with atomic_folder(path) as folder:
            (folder / text).write_text(text)
    assert names(path) == ["two"]
    assert names(path.parent) == ["a"]


def test_an_error_keeps_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with atomic_folder(path) as folder:
        (folder / "one").write_text("one")
    with pytest.raises(KeyError), atomic_folder(path) as folder:
        (folder / "two").write_text("two")
        raise KeyError
    assert names(path) == ["one"]
    assert names(tmp_path) == ["a"]


def test_what_a_killed_process_leaves_is_removed(tmp_path: Path) -> None:
    process = os.fork()
    if process == 0:
        with atomic_folder(tmp_path / "a"), atomic_file(tmp_path / "b") as unfinished:
            unfinished.write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
    left = names(tmp_path)
    assert len(left) == 2 and all(name.startswith(UNFINISHED) for name in left)
    (tmp_path / "c").write_text("")
    remove_unfinished(tmp_path)
    assert names(tmp_path) == ["c"]


@pytest.mark.parametrize("text", ["", "x", "two\nlines\n", "é"])
def test_a_sealed_text_is_read_and_damage_is_detected(text: str) -> None:
    sealed = seal(text)
    assert unseal(sealed) == text
    for damaged in (sealed + "x", sealed[1:], "", text):
        with pytest.raises(ValueError, match="checksum"):
            unseal(damaged)
