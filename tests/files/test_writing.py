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
    output_file,
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


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    target, link = tmp_path / "other" / "a.txt", tmp_path / "link.txt"
    link.symlink_to(target)
    for text in ("one", "two"):  # the target does not exist, and then it does
        with output_file(link) as path:
            path.write_text(text)
        assert link.is_symlink()
        assert target.read_text() == text
    assert names(tmp_path / "other") == ["a.txt"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_the_mode_of_a_file_is_kept(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    path.chmod(mode)
    with output_file(path) as beside:
        beside.write_text("two")
    assert path.read_text() == "two"
    assert path.stat().st_mode & 0o777 == mode


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with output_file(path) as opened:
        opened.write_text("one")
    assert os.read(reader, 10) == b"one"
    os.close(reader)
    assert path.is_fifo()


def test_a_protected_file_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests may be those of root
    with pytest.raises(PermissionError), output_file(path):
        pass
    assert path.read_text() == "one"


def test_a_file_in_a_protected_folder_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != tmp_path)
    with output_file(path) as opened:
        assert opened == path
        opened.write_text("two")
    assert path.read_text() == "two"
